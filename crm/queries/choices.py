"""The words that a field may hold, in the order in which people choose them."""

LIFECYCLE_STAGES = ("lead", "prospect", "customer", "loyal", "lapsed")
CUSTOMER_KINDS = ("company", "person")
CHANNELS = ("call", "email", "meeting", "visit", "note", "post", "newsletter")
DIRECTIONS = ("outbound", "inbound")
CONSENTS = ("unknown", "given", "withdrawn")
ROLES = ("member", "manager", "leader", "admin")
TRAIT_KINDS = ("want", "need", "like", "dislike", "value", "aspiration")
PROMISES = ("want", "need")
TRAIT_STATES = ("open", "promised", "met", "declined")
FEEDBACK_KINDS = ("complaint", "suggestion", "question", "compliment", "survey_answer")
SCALES = {"nps_0_10": (0, 10), "csat_1_5": (1, 5), "ces_1_7": (1, 7), "stars_1_5": (1, 5)}
REPEATS = ("day", "week", "month", "quarter", "year")
OUTCOMES = ("open", "won", "lost")
GOAL_SCOPES = ("company", "team", "employee")
SEGMENT_KINDS = ("rule", "list")
JOB_STATES = ("waiting", "running", "done", "failed", "stopped")
MEMBER_READS = ("all", "team", "own")
