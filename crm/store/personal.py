"""What every text column holds, and what becomes of every row when the person it hangs on is erased.

Declared beside the rules, and tested against the catalogue: a new table or column without its line here fails a test. What
is not declared is treated as a text that people wrote, and its rows go with the person: forgetting must not keep anything.
"""

from __future__ import annotations

from crm.store import rules

# Who takes all we hold on a person out of the house, and who erases them: it is the one thing that nobody takes back.
EXPORT_ROLE = "manager"
ERASE_ROLE = "admin"

# What a row that stays says where it may not say nothing.
ERASED = "Erased"

# What a column holds.
IDENTITY = "identity"  # names or reaches somebody
TEXT = "text"  # people wrote it, about anybody
SHARED = "shared"  # a word that many rows share (a region, a campaign): it stays on a row that stays, unless it names the person
KEY = "key"  # the row's key or number in another system
MADE = "made"  # follows from the other columns
HISTORY = "history"  # values that other columns had
WORD = "word"  # one of a fixed list, or machinery's own
EMPTIED = (IDENTITY, TEXT, KEY, MADE)


def _holds(**kinds: str) -> dict[str, str]:
    return {column: kind for kind, columns in kinds.items() for column in columns.split()}


COLUMNS: dict[str, dict[str, str]] = {
    "customers": _holds(
        identity="name phone website",
        text="city note own",
        shared="sector region country",
        key="external_id source",
        made="search_text name_key",
        word="kind lifecycle_stage",
    ),
    "contacts": _holds(
        identity="name first_name last_name email phone street",
        text="title postcode city state country note own",
        key="external_id source",
        made="search_text given_key family_key email_key phone_key",
        word="consent",
    ),
    "traits": _holds(text="text evidence", word="kind state"),
    "customer_tags": {},
    "tags": _holds(shared="name"),
    "segments": _holds(text="name rule note", word="kind"),
    "segment_members": {},
    "deals": _holds(text="name note own original_amount", shared="lost_reason", key="external_id source", made="search_text"),
    "stage_changes": {},
    "orders": _holds(text="note own original_amount", shared="channel", key="number external_id source"),
    "interactions": _holds(text="subject note own", shared="campaign", key="external_id source", word="channel direction"),
    "tasks": _holds(text="title note own", key="external_id source", word="repeat_every"),
    "feedback": _holds(text="text own", shared="channel", key="external_id source", word="kind scale"),
    "surveys": _holds(text="name texts", word="language"),
    "survey_questions": _holds(text="texts", word="kind"),
    "survey_invitations": {},
    "survey_tokens": _holds(key="token_hash"),
    "survey_responses": _holds(word="language"),
    "survey_answers": _holds(text="text", word="choices"),
    "survey_refusals": {},
    "actions": _holds(text="name changed_note"),
    "tellings": _holds(text="words"),
    "employees": _holds(identity="name email", text="title own", shared="region", key="external_id source", word="role"),
    "teams": _holds(text="name", shared="region", key="external_id source"),
    "products": _holds(text="name own", shared="category", key="external_id source"),
    "pipelines": _holds(text="name"),
    "stages": _holds(text="name", word="outcome"),
    "stage_aliases": _holds(text="alias", word="outcome"),
    "objectives": _holds(text="name reason"),
    "external_events": _holds(text="name note", word="figures"),
    "focus_groups": _holds(text="name purpose place note", word="strata"),
    "focus_questions": _holds(text="text note"),
    "focus_participants": _holds(shared="stratum", word="state"),
    "focus_quotes": {},
    "focus_findings": _holds(text="text"),
    "finding_quotes": {},
    "finding_outcomes": {},
    "ideas": _holds(text="text answer", word="kind state"),
    "idea_votes": {},
    "enps_answers": _holds(text="text"),
    "enps_asked": {},
    "brand_readings": _holds(text="note taken_from", word="measure"),
    "goals": _holds(text="note", key="external_id source", word="figure scope"),
    "settings": _holds(text="value", word="name"),
    "custom_fields": _holds(text="name", word="noun kind"),
    "custom_choices": _holds(text="name"),
    "import_mappings": _holds(text="mapping", word="kind header_hash"),
    "change_sets": _holds(text="title", identity="actor_name", word="actor_kind counts origin"),
    "changes": _holds(history="before after", word="table_name operation"),
    "jobs": _holds(text="message arguments result", identity="asked_by", word="kind state reference runner seen_versions"),
    "exports": _holds(text="what", identity="actor_name", word="layout actor_kind"),
    "erasures": _holds(identity="actor_name", word="actor_kind records mentions counts search"),
    "data_versions": _holds(word="noun"),
    "migrations": _holds(word="name hash"),
    "value_runs": _holds(text="reason", word="method parameters seen_versions"),
    "customer_values": {},
    "ideal_attributes": _holds(text="rule"),
    "fit_runs": _holds(text="stated answers", word="seen_versions"),
    "customer_fits": _holds(word="met"),
    "goal_outlooks": _holds(text="reason", word="figure scope quantiles fan drivers method seen_versions"),
    "goal_milestones": {},
    "themes": _holds(text="name note", word="corpus"),
    "theme_phrases": _holds(text="phrase"),
    "theme_marks": {},
    "sentiment_marks": _holds(word="sentiment"),
    "theme_dismissals": _holds(text="name phrases", word="corpus"),
    "comment_readings": _holds(word="corpus read_by"),
    "comment_themes": _holds(word="found_by"),
    "theme_proposals": _holds(text="name phrases", word="corpus comment_ids"),
    "theme_days": _holds(word="corpus"),
    "theme_runs": _holds(word="corpus stated_hash sentiment_reason seen_versions"),
    "merges": _holds(word="noun"),
    "not_duplicates": _holds(word="noun"),
    "duplicate_pairs": _holds(word="noun agrees"),
    "duplicate_searches": _holds(word="noun seen_versions"),
}

# What becomes of a row when the row that one of its columns refers to is the person's.
DELETE = "delete"  # it goes
EMPTY = "empty"  # it stays for the figures; its texts go, and it no longer says whose it was
UNLINK = "unlink"  # it is somebody else's and only stops referring to them; its texts are searched for mentions
KEEP = "keep"  # it says nothing of them by this reference, or says it of others, too
STRONGEST = (DELETE, EMPTY, UNLINK, KEEP)

FATES: dict[str, dict[str, str]] = {
    "customers": {"parent_id": UNLINK},
    "contacts": {"customer_id": DELETE},
    "traits": {"customer_id": DELETE, "contact_id": DELETE, "interaction_id": KEEP, "feedback_id": KEEP},
    "customer_tags": {"customer_id": DELETE},
    "segment_members": {"customer_id": DELETE},
    "deals": {"customer_id": EMPTY, "contact_id": UNLINK},
    "stage_changes": {"deal_id": KEEP},
    "orders": {"customer_id": EMPTY, "contact_id": EMPTY, "deal_id": EMPTY},
    "interactions": {"customer_id": EMPTY, "contact_id": EMPTY, "deal_id": EMPTY},
    "tasks": {"customer_id": EMPTY, "contact_id": EMPTY, "deal_id": EMPTY, "feedback_id": EMPTY},
    "feedback": {"customer_id": EMPTY, "contact_id": EMPTY, "interaction_id": EMPTY, "survey_response_id": EMPTY},
    "survey_invitations": {"customer_id": DELETE, "contact_id": DELETE},
    "survey_tokens": {"survey_invitation_id": DELETE},
    "survey_responses": {"customer_id": EMPTY, "contact_id": EMPTY, "survey_invitation_id": EMPTY},
    "survey_answers": {"survey_response_id": EMPTY, "feedback_id": EMPTY},
    "survey_refusals": {"customer_id": DELETE, "contact_id": DELETE},
    "tellings": {"customer_id": EMPTY, "contact_id": EMPTY, "feedback_id": EMPTY, "interaction_id": EMPTY},
    "focus_participants": {"customer_id": DELETE, "contact_id": DELETE, "interaction_id": KEEP},
    "focus_quotes": {"focus_participant_id": UNLINK, "feedback_id": KEEP},
    "finding_quotes": {"focus_quote_id": KEEP},
    "finding_outcomes": {"trait_id": UNLINK},
}
# Columns that hold the key of a customer or contact and are no reference that a write is checked by: results and verdicts.
# Their rows go.
LOOSE: dict[str, tuple[str, ...]] = {
    "customer_values": ("customer_id",),
    "customer_fits": ("customer_id",),
    "duplicate_pairs": ("one_id", "other_id"),
    "not_duplicates": ("one_id", "other_id"),
    "merges": ("winner_id", "loser_id"),
}
# Tables that speak of a text by `comment_id`, the key of the row that holds it, and what becomes of theirs when it is emptied:
# what was computed from it goes, too; a mark that people made stays, and says nothing of a text that is gone.
ABOUT_TEXTS: dict[str, str] = {
    "comment_readings": DELETE,
    "comment_themes": DELETE,
    "theme_marks": KEEP,
    "sentiment_marks": KEEP,
}

# What else is set on a row that stays.
ALSO: dict[str, dict[str, str]] = {
    "customers": {
        "archived_at": "coalesce(archived_at, $now)",
        **dict.fromkeys(("parent_id", "employee_count", "annual_revenue_amount", "founded_year", "cadence_days"), "null"),
    },
    "tasks": {"archived_at": "case when done_at is null then coalesce(archived_at, $now) else archived_at end"},
}

# Which table says that two rows were one person: that table, its two columns, and the table of the people.
SAME = (("merges", "winner_id", "loser_id", "contacts"), ("merges", "winner_id", "loser_id", "customers"))

# What is decided for each table, said to the person who erases.
WHY: dict[str, str] = {
    "contacts": "The contact goes with name, address, birthday and consent.",
    "customers": "A customer who is this person goes too; where orders, deals or interactions stay, a nameless, archived "
    "customer stays for them, with its lifecycle stage, owner, region and line of business.",
    "traits": "What they want, need and like goes.",
    "customer_tags": "Their tags go.",
    "segment_members": "They leave every list.",
    "deals": "Deals keep stage, days and amount, so that the figures stay true; a person's own deals lose name and note. "
    "A company's deals only lose the contact.",
    "orders": "Orders keep day, product and amount, so that revenue stays true; number, note and person go.",
    "interactions": "Interactions keep when, how and who of us; subject and note go.",
    "tasks": "Tasks keep their days and owner; title and note go, and open ones are archived.",
    "tellings": "That they were told what became of it stays for the figures; the words go.",
    "survey_invitations": "That they were asked goes.",
    "survey_tokens": "Their links go.",
    "survey_responses": "That somebody answered a survey, and when, stays for its figures; who goes.",
    "survey_answers": "Scores and choices stay for the survey's figures; what they wrote goes.",
    "survey_refusals": "That they asked not to be asked goes.",
    "feedback": "Ratings keep day and score; what they wrote goes.",
    "stage_changes": "How deals moved stays: it names nobody.",
    "focus_participants": "They leave the panels of focus groups; what a group noted and found stays, searched for mentions "
    "of them.",
    "focus_quotes": "That somebody was quoted stays; who it was goes, and what they said is feedback, which loses its text.",
    "finding_quotes": "Which quotes a finding rests on stays: it names nobody.",
    "finding_outcomes": "What became of a finding stays; a trait of theirs goes from it.",
    "customer_values": "What was computed about them goes.",
    "customer_fits": "How well they fit the ideal profile goes.",
    "comment_readings": "The tone that was read from what they wrote goes.",
    "comment_themes": "The themes that were found in what they wrote go.",
    "duplicate_pairs": "They are nobody's likely duplicate any more.",
    "not_duplicates": "What was decided about likely duplicates of them goes.",
    "merges": "A merge that made them one record cannot be taken back any more; both records go.",
}


def kind_of(table: str, column: str) -> str:
    """What a text column holds; of one that nobody declared, a text."""
    return COLUMNS.get(table, {}).get(column, TEXT)


def fate_of(table: str, column: str, *, is_required: bool) -> str:
    """What becomes of a row of `table` that refers to a person's row by `column`."""
    return FATES.get(table, {}).get(column, DELETE if is_required else EMPTY)


def links() -> list[tuple[str, str, str]]:
    """Every reference that leads, directly or over other rows, to a person: child, column, parent."""
    reached, found = {"contacts", "customers"}, list[tuple[str, str, str]]()
    while True:
        more = [
            (child, column, parent)
            for child, columns in rules.REFERENCES.items()
            for column, parent in columns.items()
            if parent in reached and (child, column, parent) not in found
        ]
        if not more:
            return found
        found += more
        reached |= {child for child, _, _ in more}


def stronger(one: str | None, other: str) -> str:
    """Of two fates of a row, the one that leaves less.

    >>> stronger(UNLINK, EMPTY), stronger(None, KEEP)
    ('empty', 'keep')
    """
    return min(one or KEEP, other, key=STRONGEST.index)
