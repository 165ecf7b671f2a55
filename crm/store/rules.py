"""What must hold for any write, whoever asks: who may write which row, what refers to what, what may stand only once.

The engine cannot say it: foreign keys block ordinary updates, and DuckLake has no keys at all. Each rule is one line of a
table here, checked set-based inside the transaction that writes.
"""

from __future__ import annotations

ROLES = ("member", "manager", "leader", "admin")
# Who stands on no step of that ladder: they may only what is said of them by name.
OUTSIDERS = ("respondent", "anonymous")

ANY_ROW = "true"
OWN_ROW = "(entry.owner_id is null or entry.owner_id = $me)"
OWN_CUSTOMER = """
    exists (
        from customers as owned
        where owned.customer_id = entry.customer_id
        and (owned.owner_id is null or owned.owner_id = $me)
    )"""
OWN_DEAL = """
    exists (
        from deals as owned
        left join customers as their on their.customer_id = owned.customer_id
        where owned.deal_id = entry.deal_id
        and (
            coalesce(owned.owner_id, $me) = $me
            or (their.customer_id is not null and coalesce(their.owner_id, $me) = $me)
        )
    )"""
OWN_SEGMENT = """
    exists (
        from segments as owned
        where owned.segment_id = entry.segment_id
        and (owned.owner_id is null or owned.owner_id = $me)
    )"""
OWN_COMPLAINT = """
    exists (
        from feedback as owned
        where owned.feedback_id = entry.feedback_id
        and owned.owner_id = $me
    )"""
OWN_FOCUS_GROUP = """
    exists (
        from focus_groups as owned
        where owned.focus_group_id = entry.focus_group_id
        and (owned.owner_id is null or owned.owner_id = $me)
    )"""
OWN_FINDING = """
    exists (
        from focus_findings as found
        inner join focus_groups as owned on owned.focus_group_id = found.focus_group_id
        where found.focus_finding_id = entry.focus_finding_id
        and (owned.owner_id is null or owned.owner_id = $me)
    )"""
# Who can make a link can answer by it, so of what was sent only one's own customers' links may be renewed.
OWN_INVITATION = """
    (
        entry.survey_invitation_id is null
        or exists (
            from survey_invitations as sent
            inner join customers as owned on owned.customer_id = sent.customer_id
            where sent.survey_invitation_id = entry.survey_invitation_id
            and (owned.owner_id is null or owned.owner_id = $me)
        )
    )"""
# Of a respondent, `$me` is the invitation that they answer.
OWN_RESPONSE = "entry.survey_invitation_id = $me"
# Not `exists`, which takes the engine twice as long to plan: a respondent's rows are checked one by one.
OWN_ANSWER = """
    entry.survey_response_id in (
        select survey_response_id
        from survey_responses
        where survey_invitation_id = $me
    )"""
OWN_REFUSAL = """
    entry.contact_id in (
        select contact_id
        from survey_invitations
        where survey_invitation_id = $me
    )"""
NO_ONES_ANSWER = """
    entry.survey_response_id is null and entry.feedback_id is null
    and exists (
        from surveys as asked
        where asked.survey_id = entry.survey_id
        and asked.is_anonymous
    )"""
OWN_NAME = "entry.employee_id = $me and list_has_all(['name', 'updated_at', 'version'], json_keys(touched.after))"

# table → lowest role → which rows it may write. A higher role may do what the lower ones may.
WRITE: dict[str, dict[str, str]] = {
    "customers": {"member": OWN_ROW, "manager": ANY_ROW},
    "contacts": {"member": OWN_CUSTOMER, "manager": ANY_ROW},
    "traits": {"member": OWN_CUSTOMER, "manager": ANY_ROW},
    "deals": {"member": f"{OWN_ROW} or {OWN_CUSTOMER}", "manager": ANY_ROW},
    "stage_changes": {"member": OWN_DEAL, "manager": ANY_ROW},
    "orders": {"member": OWN_CUSTOMER, "manager": ANY_ROW},
    "interactions": {"member": f"entry.employee_id = $me or {OWN_CUSTOMER}", "manager": ANY_ROW},
    "tasks": {"member": f"{OWN_ROW} or {OWN_CUSTOMER}", "manager": ANY_ROW},
    "tags": {"member": ANY_ROW},
    "customer_tags": {"member": OWN_CUSTOMER, "manager": ANY_ROW},
    "feedback": {
        "member": f"entry.employee_id = $me or entry.owner_id = $me or {OWN_CUSTOMER}",
        "manager": ANY_ROW,
        "respondent": OWN_ANSWER,
    },
    "actions": {"member": OWN_ROW, "manager": ANY_ROW},
    "tellings": {"member": f"{OWN_CUSTOMER} or {OWN_COMPLAINT}", "manager": ANY_ROW},
    "products": {"manager": ANY_ROW},
    "goals": {"manager": "entry.scope in ('team', 'employee')", "leader": ANY_ROW},
    "objectives": {"leader": ANY_ROW},
    "external_events": {"leader": ANY_ROW},
    "focus_groups": {"member": OWN_ROW, "manager": ANY_ROW},
    "focus_questions": {"member": OWN_FOCUS_GROUP, "manager": ANY_ROW},
    "focus_participants": {"member": OWN_FOCUS_GROUP, "manager": ANY_ROW},
    "focus_quotes": {"member": OWN_FOCUS_GROUP, "manager": ANY_ROW},
    "focus_findings": {"member": OWN_FOCUS_GROUP, "manager": ANY_ROW},
    "finding_quotes": {"member": OWN_FINDING, "manager": ANY_ROW},
    "finding_outcomes": {"member": OWN_FINDING, "manager": ANY_ROW},
    "brand_readings": {"manager": ANY_ROW},
    "ideas": {"member": "entry.employee_id = $me", "leader": ANY_ROW},
    "idea_votes": {"member": "entry.employee_id = $me", "admin": ANY_ROW},
    "enps_answers": {"admin": ANY_ROW},
    "ideal_attributes": {"leader": ANY_ROW},
    "teams": {"admin": ANY_ROW},
    "employees": {"member": OWN_NAME, "admin": ANY_ROW},
    "pipelines": {"admin": ANY_ROW},
    "stages": {"admin": ANY_ROW},
    "stage_aliases": {"admin": ANY_ROW},
    "settings": {"admin": ANY_ROW},
    "segments": {"member": OWN_ROW, "manager": ANY_ROW},
    "segment_members": {"member": OWN_SEGMENT, "manager": ANY_ROW},
    "surveys": {"manager": ANY_ROW},
    "survey_questions": {"manager": ANY_ROW},
    "survey_invitations": {"member": OWN_CUSTOMER, "manager": ANY_ROW},
    "survey_tokens": {"member": OWN_INVITATION, "manager": ANY_ROW},
    "survey_responses": {"manager": ANY_ROW, "respondent": OWN_RESPONSE},
    "survey_answers": {"manager": ANY_ROW, "respondent": OWN_ANSWER},
    "survey_refusals": {"member": OWN_CUSTOMER, "manager": ANY_ROW, "respondent": OWN_REFUSAL},
    "not_duplicates": {"member": ANY_ROW},
    "merges": {"manager": ANY_ROW},
    "import_mappings": {"manager": ANY_ROW},
    "custom_fields": {"admin": ANY_ROW},
    "custom_choices": {"admin": ANY_ROW},
    **{table: {"manager": ANY_ROW} for table in ("themes", "theme_phrases", "theme_dismissals")},
    **{table: {"member": ANY_ROW} for table in ("theme_marks", "sentiment_marks")},
}
# Anyone may log what happened with any customer, and enter what one says.
INSERT: dict[str, dict[str, str]] = {
    **WRITE,
    "employees": {"admin": ANY_ROW},
    "interactions": {"member": ANY_ROW},
    "feedback": {"member": ANY_ROW, "respondent": OWN_ANSWER},
    "survey_answers": {**WRITE["survey_answers"], "anonymous": NO_ONES_ANSWER},
    "ideas": {**WRITE["ideas"], "anonymous": "entry.employee_id is null and entry.state = 'open' and entry.answer is null"},
    "enps_answers": {**WRITE["enps_answers"], "anonymous": "entry.rating between 0 and 10 and not entry.is_released"},
}
REFUSALS = {
    "customers": "You can change customers that you own or that nobody owns. Ask the owner, or a manager to assign it.",
    "deals": "You can change deals and customers that you own or that nobody owns. Ask the owner or a manager.",
    "actions": "You can change actions that you own or that nobody owns. Ask the owner or a manager.",
    "tellings": "You can tell your own customers, and those whose complaint is yours. Ask their owner or a manager.",
    "surveys": "Managers make surveys. Ask one of them.",
    "survey_questions": "Managers make surveys. Ask one of them.",
    **dict.fromkeys(
        ("survey_invitations", "survey_tokens"),
        "You can ask your own customers and those of nobody. Ask their owner or a manager.",
    ),
    "goals": "Managers set goals for teams and employees, leaders also for the company. Ask one of them.",
    "products": "Managers change products. Ask one of them.",
    "objectives": "Leaders set objectives. Ask one of them.",
    "external_events": "Leaders declare external events. Ask one of them.",
    **dict.fromkeys(
        ("focus_groups", "focus_questions", "focus_participants", "focus_quotes", "focus_findings"),
        "You can change focus groups that you lead. Ask who leads it, or a manager.",
    ),
    "ideas": "You can change what you said yourself; leaders answer. Ask one of them.",
    "idea_votes": "You vote for yourself alone.",
    "brand_readings": "Managers enter what was measured of the brand. Ask one of them.",
    **dict.fromkeys(("themes", "theme_phrases", "theme_dismissals"), "Managers say what a theme is. Ask one of them."),
    "ideal_attributes": "Leaders state the ideal profile. Ask one of them.",
    "segments": "You can change segments that you own or that nobody owns. Duplicate it, or ask the owner or a manager.",
    "segment_members": "You can change lists that you own or that nobody owns. Duplicate it, or ask the owner or a manager.",
    "employees": "Of employees you can change your own name; only an admin can change more. Ask one of them.",
}
REFUSED = "Only the owner of the customer, or a manager, can change this. Ask one of them."
REFUSED_OUTSIDE = "This link only takes answers to its own questions."
ADMINS_ONLY = "Only an admin can change this. Ask one of them."

# What a narrowed member sees: table → which rows, given the list of visible owners. What hangs on an unseen deal or piece
# of feedback is unseen too, also where it names no customer. What was found among several customers, or drawn from all, is seen
# only with all of them; `{whole}` leads to the tables themselves. In the order in which the rules build on each other.
VISIBLE_CUSTOMER = "(customer_id is null or customer_id in (select customer_id from customers))"
VISIBLE_DEAL = "(deal_id is null or deal_id in (select deal_id from deals))"
VISIBLE_FEEDBACK = "(feedback_id is null or feedback_id in (select feedback_id from feedback))"
UNSEEN_CUSTOMER = "customer_id not in (select customer_id from customers)"
ALL_ASKED_VISIBLE = f"survey_id not in (select survey_id from {{whole}}.survey_invitations where {UNSEEN_CUSTOMER})"  # noqa: S608
VISIBLE_GROUP = "focus_group_id in (select focus_group_id from focus_groups)"
READ: dict[str, str] = {
    "customers": "owner_id is null or list_contains(getvariable('visible_owners'), owner_id)",
    **dict.fromkeys(("contacts", "traits", "deals", "feedback", "customer_tags", "segment_members"), VISIBLE_CUSTOMER),
    **dict.fromkeys(("customer_values", "customer_fits"), "customer_id in (select customer_id from customers)"),
    **dict.fromkeys(("orders", "interactions"), f"{VISIBLE_CUSTOMER} and {VISIBLE_DEAL}"),
    "tasks": f"{VISIBLE_CUSTOMER} and {VISIBLE_DEAL} and {VISIBLE_FEEDBACK}",
    "tellings": f"{VISIBLE_CUSTOMER} and {VISIBLE_FEEDBACK}",
    **dict.fromkeys(("survey_invitations", "survey_responses"), VISIBLE_CUSTOMER),
    "survey_refusals": "contact_id in (select contact_id from contacts)",  # it goes along where a person moves
    "survey_answers": f"""(
        survey_response_id in (select survey_response_id from survey_responses)
        or (survey_response_id is null and {ALL_ASKED_VISIBLE})
    )""",  # noqa: S608 - constants above
    "survey_tokens": f"""(
        survey_invitation_id in (select survey_invitation_id from survey_invitations)
        or (survey_invitation_id is null and {ALL_ASKED_VISIBLE})
    )""",  # noqa: S608 - constants above
    "focus_participants": VISIBLE_CUSTOMER,
    "focus_quotes": VISIBLE_FEEDBACK,
    "focus_groups": f"""(
        list_contains(getvariable('visible_owners'), owner_id)
        or focus_group_id not in (select focus_group_id from {{whole}}.focus_participants where {UNSEEN_CUSTOMER})
    )""",  # noqa: S608 - constants above
    "focus_questions": VISIBLE_GROUP,
    "focus_findings": f"""{VISIBLE_GROUP} and focus_finding_id not in (
        select focus_finding_id
        from {{whole}}.finding_quotes
        where archived_at is null and focus_quote_id not in (select focus_quote_id from focus_quotes)
    )""",  # noqa: S608 - constants above
    **dict.fromkeys(("theme_proposals", "theme_dismissals"), "corpus = 'employees'"),
    "stage_changes": "deal_id in (select deal_id from deals)",
}

# What a question among some customers sees: table → which rows. No goal is one of a few customers. What the chances of a stage
# are learned from stays all that the person sees: LEARNED, deals under a name of their own.
IS_KEPT = "customer_id in (select customer_id from kept_customers)"
KEPT: dict[str, str] = {
    **dict.fromkeys(("customers", "contacts", "traits", "deals", "orders", "interactions", "feedback", "tasks"), IS_KEPT),
    "tellings": IS_KEPT,
    **dict.fromkeys(("survey_invitations", "survey_responses"), IS_KEPT),
    "survey_answers": "survey_response_id in (select survey_response_id from survey_responses)",
    "customer_tags": IS_KEPT,
    "goals": "false",
}
LEARNED = {"learned_deals": "deals", "stage_changes": "stage_changes"}

# child table → its column → the table whose key it holds
REFERENCES: dict[str, dict[str, str]] = {
    "teams": {"manager_id": "employees"},
    "employees": {"team_id": "teams"},
    "customers": {"owner_id": "employees", "parent_id": "customers"},
    "contacts": {"customer_id": "customers"},
    "traits": {
        "customer_id": "customers",
        "contact_id": "contacts",
        "interaction_id": "interactions",
        "feedback_id": "feedback",
    },
    "stages": {"pipeline_id": "pipelines"},
    "deals": {
        "customer_id": "customers",
        "contact_id": "contacts",
        "owner_id": "employees",
        "product_id": "products",
        "stage_id": "stages",
    },
    "stage_changes": {"deal_id": "deals", "from_stage_id": "stages", "to_stage_id": "stages"},
    "orders": {"customer_id": "customers", "contact_id": "contacts", "deal_id": "deals", "product_id": "products"},
    "interactions": {
        "customer_id": "customers",
        "contact_id": "contacts",
        "deal_id": "deals",
        "employee_id": "employees",
    },
    "tasks": {
        "customer_id": "customers",
        "contact_id": "contacts",
        "deal_id": "deals",
        "feedback_id": "feedback",
        "owner_id": "employees",
    },
    "customer_tags": {"customer_id": "customers", "tag_id": "tags"},
    "feedback": {
        "customer_id": "customers",
        "contact_id": "contacts",
        "product_id": "products",
        "employee_id": "employees",
        "owner_id": "employees",
        "interaction_id": "interactions",
        "survey_id": "surveys",
        "survey_response_id": "survey_responses",
    },
    "surveys": {"owner_id": "employees"},
    "survey_questions": {"survey_id": "surveys"},
    "survey_invitations": {"survey_id": "surveys", "contact_id": "contacts", "customer_id": "customers"},
    "survey_tokens": {"survey_id": "surveys", "survey_invitation_id": "survey_invitations"},
    "survey_responses": {
        "survey_id": "surveys",
        "survey_invitation_id": "survey_invitations",
        "customer_id": "customers",
        "contact_id": "contacts",
    },
    "survey_answers": {
        "survey_id": "surveys",
        "survey_question_id": "survey_questions",
        "survey_response_id": "survey_responses",
        "feedback_id": "feedback",
    },
    "survey_refusals": {"contact_id": "contacts", "customer_id": "customers"},
    "actions": {"theme_id": "themes", "owner_id": "employees", "survey_id": "surveys"},
    "tellings": {
        "action_id": "actions",
        "feedback_id": "feedback",
        "customer_id": "customers",
        "contact_id": "contacts",
        "interaction_id": "interactions",
    },
    "goals": {"team_id": "teams", "employee_id": "employees", "objective_id": "objectives"},
    "focus_groups": {"segment_id": "segments", "owner_id": "employees"},
    "focus_questions": {"focus_group_id": "focus_groups"},
    "focus_participants": {
        "focus_group_id": "focus_groups",
        "customer_id": "customers",
        "contact_id": "contacts",
        "interaction_id": "interactions",
    },
    "focus_quotes": {
        "focus_group_id": "focus_groups",
        "focus_question_id": "focus_questions",
        "focus_participant_id": "focus_participants",
        "feedback_id": "feedback",
    },
    "focus_findings": {"focus_group_id": "focus_groups"},
    "finding_quotes": {"focus_finding_id": "focus_findings", "focus_quote_id": "focus_quotes"},
    "finding_outcomes": {
        "focus_finding_id": "focus_findings",
        "theme_id": "themes",
        "action_id": "actions",
        "trait_id": "traits",
    },
    "ideas": {"employee_id": "employees", "answered_by_id": "employees", "action_id": "actions"},
    "idea_votes": {"idea_id": "ideas", "employee_id": "employees"},
    "segments": {"owner_id": "employees"},
    "segment_members": {"segment_id": "segments", "customer_id": "customers"},
    "custom_choices": {"custom_field_id": "custom_fields"},
    "themes": {"merged_into_id": "themes"},
    "theme_phrases": {"theme_id": "themes"},
    "theme_marks": {"theme_id": "themes"},
}

EXTERNAL_ID = ("source", "external_id")
# Tables in which an anonymous write may leave rows: their place among the others must not say when they came (anonymity.py).
ANONYMOUS_TABLES = ("survey_answers", "ideas", "enps_answers")

NOBODY = "00000000-0000-0000-0000-000000000000"
# table → what may stand only once in it (rows with a blank part are free)
UNIQUE: dict[str, list[tuple[str, ...]]] = {
    **{
        table: [EXTERNAL_ID]
        for table in ("teams", "customers", "contacts", "products", "deals", "orders", "interactions", "tasks", "feedback")
    },
    "employees": [EXTERNAL_ID, ("lower(email)",)],
    "goals": [EXTERNAL_ID, ("scope", f"coalesce(team_id, employee_id, '{NOBODY}')", "starts_on", "ends_on", "figure")],
    "tags": [("lower(name)",)],
    "segments": [("lower(name)",)],
    "segment_members": [("segment_id", "customer_id")],
    "not_duplicates": [("noun", "one_id", "other_id")],
    "merges": [("noun", "loser_id")],
    "settings": [("name",)],
    "idea_votes": [("idea_id", "employee_id")],
    "focus_groups": [("lower(name)",)],
    "focus_participants": [("focus_group_id", "contact_id")],
    "focus_quotes": [("feedback_id",)],
    "finding_quotes": [("focus_finding_id", "focus_quote_id")],
    "surveys": [("lower(name)",)],
    "survey_tokens": [("token_hash",)],
    "survey_responses": [("survey_invitation_id",)],
    "brand_readings": [("measure", "starts_on", "ends_on", "lower(taken_from)")],
    "custom_fields": [("noun", "lower(name)")],
    "custom_choices": [("custom_field_id", "lower(name)")],
    "themes": [("corpus", "lower(name)")],
    "theme_phrases": [("theme_id", "lower(phrase)")],
    "theme_marks": [("theme_id", "comment_id")],
    "sentiment_marks": [("comment_id",)],
}

# Columns that follow from the rest of their row. They are made again after every write, undo included.
DERIVED: dict[str, dict[str, str]] = {
    "customers": {
        "search_text": "search_key(concat_ws(' ', name, city, website, own_text(own)))",
        "name_key": "company_key(name)",
    },
    "contacts": {
        "search_text": "search_key(concat_ws(' ', name, email, phone, regexp_replace(phone, '[^0-9]', '', 'g'), own_text(own)))",
        "given_key": "given_key(name)",
        "family_key": "family_key(name)",
        "email_key": "email_address(email)",
        "phone_key": "phone_number(phone)",
    },
    "deals": {"search_text": "search_key(concat_ws(' ', name, own_text(own)))"},
}

# Tables with fields of the company's own: a write gives a patch of `own`, which the row as it then is takes on.
OWN = ("customers", "contacts", "deals", "orders", "interactions", "feedback", "tasks", "products", "employees")

# What every business table has, and every write sets.
STAMPS = ("created_at", "updated_at", "version")

SINGULAR = {"feedback": "feedback", "stage_aliases": "stage_alias"}


def noun(table: str) -> str:
    """The word for one row of a table.

    >>> noun("deals"), noun("stage_aliases")
    ('deal', 'stage_alias')
    """
    return SINGULAR.get(table, table.removesuffix("s"))


def key_of(table: str) -> str:
    """The key column of a table.

    >>> key_of("feedback")
    'feedback_id'
    """
    return f"{noun(table)}_id"


def predicate(rules: dict[str, dict[str, str]], table: str, role: str) -> str | None:
    """Which rows of a table a role may write, as SQL over `entry` and `$me`; None where it may write none.

    >>> predicate(WRITE, "settings", "manager") is None
    True
    """
    if role in OUTSIDERS:
        return rules[table].get(role)
    allowed = [rules[table][step] for step in ROLES[: ROLES.index(role) + 1] if step in rules[table]]
    return allowed[-1] if allowed else None


def refusal(table: str, role: str = "member") -> str:
    """What to tell a person who may not write to a table."""
    if role in OUTSIDERS:
        return REFUSED_OUTSIDE
    admins = {"admin"} == set(WRITE[table])
    return ADMINS_ONLY if admins else REFUSALS.get(table, REFUSED)
