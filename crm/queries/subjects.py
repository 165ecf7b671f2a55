"""What a segment's rule can ask about: every subject with its words and its SQL, the only names that enter a rule's SQL.

A line of SUBJECTS is all that a new subject takes. `sql` reads the customer as `customer`, and what JOINS names by that name;
one of several rows a customer (a contact, a tag, an order) is `entry`, and the rule asks whether there is such a row.
"""

from __future__ import annotations

from dataclasses import dataclass

from crm.queries import choices, custom_fields
from crm.queries import subject_options as options
from crm.queries.custom_fields import CustomField
from crm.queries.subject_options import Options
from crm.store.session import Session

# name → what is joined to the customer under it where a rule asks for it, always on the customer's key
JOINS = {
    "talks": "customer_talks",
    "purchases": "customer_purchases",
    "sales": "customer_sales",
    "answers": "customer_answers",
    "people": "customer_people",
    "work": "customer_work",
    "firsts": "first_purchases",
    "quiet": "quiet_customers({today})",
    "worth": "customer_values",
    "fits": "customer_fits",
}
# Tables with several rows a customer → the words for one of them, with and without its article.
MANY = {
    "contacts": ("a contact", "contact"),
    "deals": ("a deal", "deal"),
    "orders": ("an order", "order"),
    "interactions": ("an interaction", "interaction"),
    "feedback": ("feedback", "feedback"),
    "tasks": ("a task", "task"),
    "traits": ("a want or need", "want or need"),
}
CUSTOMER, CONTACTS, TOUCH, ORDERS, DEALS = "Customer", "Contacts", "In touch", "Orders", "Deals"
FEEDBACK, WORK, LABELS, OWN, VALUE = "Feedback", "Wants and tasks", "Tags and lists", "Own fields", "Value"
GROUPS = (CUSTOMER, TOUCH, ORDERS, DEALS, FEEDBACK, LABELS, OWN, VALUE, CONTACTS, WORK)


@dataclass(frozen=True)
class Part:
    """One thing that a record may have to be: `takes` as in comparisons; `said` follows the record's name in a sentence."""

    key: str
    label: str
    takes: str
    said: str
    sql: str = ""
    kind: str = "choice"
    options: Options | None = None


@dataclass(frozen=True)
class Subject:
    """One thing to ask about.

    `says` is how a value is said in a sentence about customers, where “whose … is …” will not do, and `without` what is said
    where there is none. `many` is the table that holds several rows a customer; `when` is what “in the last … days” asks of
    such a row. A subject that is never blank cannot be asked whether it is.
    """

    key: str
    label: str
    group: str
    kind: str
    sql: str = ""
    join: str | None = None
    says: str | None = None
    without: str | None = None
    options: Options | None = None
    many: str | None = None
    parts: tuple[Part, ...] = ()
    when: str | None = None
    never_blank: bool = False
    is_archived: bool = False

    @property
    def noun(self) -> str:
        """Its label within a sentence.

        >>> Subject("nps", "NPS answer", "Feedback", "number").noun, Subject("city", "City", "Customer", "choice").noun
        ('NPS answer', 'city')
        """
        return self.label if self.group == OWN or self.label[1:2].isupper() else self.label[:1].lower() + self.label[1:]


def _word(key: str, label: str, says: str | None = None, without: str | None = None) -> Subject:
    """A column of customers whose words repeat."""
    return Subject(key, label, CUSTOMER, "choice", f"customer.{key}", None, says, without, options.found("customers", key))


def _contact(key: str, label: str, kind: str = "text") -> Subject:
    """A column of contacts: whether somebody there has it."""
    return Subject(f"contact_{key}", label, CONTACTS, kind, f"entry.{key}", many="contacts")


def _contact_word(key: str, label: str) -> Subject:
    words = options.found("contacts", key)
    return Subject(f"contact_{key}", label, CONTACTS, "choice", f"entry.{key}", None, "in {}", None, words, "contacts")


def _counted(key: str, label: str, group: str, join: str, says: str, kind: str = "number") -> Subject:
    """A figure that is 0, never blank, for a customer without any."""
    return Subject(key, label, group, kind, f"coalesce({join}.{key}, 0)", join, says, never_blank=True)


def _latest(
    key: str, label: str, group: str, join: str, kind: str, without: str | None = None, says: str | None = None
) -> Subject:
    """A day, an instant or a figure that a customer may lack."""
    words = options.CHANNELS if kind == "choice" else None
    return Subject(key, label, group, kind, f"{join}.{key}", join, says, without, words)


def _record(key: str, label: str, group: str, many: str, when: str, *parts: Part) -> Subject:
    return Subject(key, label, group, "record", many=many, when=when, parts=parts)


def _one_of(key: str, label: str, said: str, column: str, words: Options) -> Part:
    return Part(key, label, "several", said, f"list_contains({{a}}::varchar[], entry.{column})", options=words)


def _key_of(key: str, label: str, said: str, column: str, rows: Options) -> Part:
    return Part(key, label, "several", said, f"list_contains({{a}}::uuid[], entry.{column})", "key", rows)


TEXT = Part("text", "Text contains", "text", " containing {a}", "contains(search_key(entry.text), search_key({a}))", "text")
PRODUCT = _key_of("product", "Product", " of {a}", "product_id", options.PRODUCTS)
LEAST = Part("least", "Amount from", "number", " of at least {a}", "entry.amount >= {a}", "money")
MOST = Part("most", "Amount to", "number", " of at most {a}", "entry.amount <= {a}", "money")
DAYS = Part("days", "In the last … days", "days", " in the last {a}")
TIMES = Part("times", "At least … times", "number", "", kind="number")
CLOSED = "entry.stage_id in (select stage_id from stages where outcome <> 'open')"
WON_OR_LOST = "entry.stage_id in (select stage_id from stages where list_contains({a}::varchar[], outcome))"

SUBJECTS: tuple[Subject, ...] = (
    Subject("name", "Name", CUSTOMER, "text", "customer.name"),
    Subject("kind", "Kind", CUSTOMER, "choice", "customer.kind", None, "of kind {}", None,
            options.fixed(choices.CUSTOMER_KINDS), never_blank=True),
    Subject("lifecycle_stage", "Lifecycle", CUSTOMER, "choice", "customer.lifecycle_stage",
            options=options.fixed(choices.LIFECYCLE_STAGES), never_blank=True),
    Subject("owner", "Owner", CUSTOMER, "key", "customer.owner_id", None, "owned by {}", "that nobody owns", options.EMPLOYEES),
    Subject("team", "Team", CUSTOMER, "key", "(select team_id from employees where employee_id = customer.owner_id)",
            None, "of team {}", None, options.TEAMS),
    _word("sector", "Sector", "in sector {}"),
    _word("region", "Region", "in {}"),
    _word("country", "Country", "in {}"),
    _word("city", "City", "in {}"),
    _word("source", "Source", "from {}", "entered here"),
    Subject("website", "Website", CUSTOMER, "text", "customer.website"),
    Subject("phone", "Phone", CUSTOMER, "text", "customer.phone"),
    Subject("employee_count", "Number of employees", CUSTOMER, "number", "customer.employee_count", None, "with {} employees"),
    Subject("annual_revenue_amount", "Their yearly revenue", CUSTOMER, "money", "customer.annual_revenue_amount",
            None, "with a yearly revenue of {}"),
    Subject("founded_year", "Year of founding", CUSTOMER, "number", "customer.founded_year"),
    Subject("parent", "Parent", CUSTOMER, "text", "(select name from customers where customer_id = customer.parent_id)"),
    Subject("cadence_days", "Cadence", CUSTOMER, "number", "customer.cadence_days", None, "with a cadence of {} days"),
    Subject("note", "Note", CUSTOMER, "text", "customer.note"),
    Subject("external_id", "External id", CUSTOMER, "text", "customer.external_id"),
    Subject("created_at", "Day of entry", CUSTOMER, "instant", "customer.created_at", never_blank=True),
    Subject("updated_at", "Last edit", CUSTOMER, "instant", "customer.updated_at", never_blank=True),
    _counted("contact_count", "Number of contacts", CONTACTS, "people", "with {} contacts"),
    _contact("name", "Name"),
    _contact("title", "Job title"),
    _contact("email", "E-mail"),
    _contact("phone", "Phone"),
    Subject("contact_consent", "Consent", CONTACTS, "choice", "entry.consent", None, None, None,
            options.fixed(choices.CONSENTS), "contacts", never_blank=True),
    _contact("consent_at", "Day of consent", "instant"),
    _contact("born_on", "Birthday", "day"),
    _contact("street", "Street"),
    _contact("postcode", "Postcode"),
    _contact_word("city", "City"),
    _contact_word("state", "State"),
    _contact_word("country", "Country"),
    _contact("note", "Note"),
    _record("interaction", "Interaction", TOUCH, "interactions", "occurred_at",
            _one_of("channel", "Channel", " by {a}", "channel", options.CHANNELS),
            _one_of("direction", "Who began", " ({a})", "direction", options.fixed(choices.DIRECTIONS)),
            _key_of("employee", "Who of us", " with {a}", "employee_id", options.EMPLOYEES),
            _one_of("campaign", "Campaign", " of campaign {a}", "campaign", options.found("interactions", "campaign")),
            DAYS, TIMES),
    _latest("last_interaction_at", "Last interaction", TOUCH, "talks", "instant", "never in touch"),
    _latest("last_two_way_at", "Last conversation", TOUCH, "talks", "instant", "we never talked with"),
    _latest("last_channel", "Last channel", TOUCH, "talks", "choice", "never in touch", "last in touch by {}"),
    _counted("interaction_count", "Number of interactions", TOUCH, "talks", "with {} interactions"),
    Subject("quiet", "Gone quiet", TOUCH, "flag", "quiet.customer_id is not null", "quiet",
            "who have gone quiet", "who have not gone quiet"),
    _record("order", "Order", ORDERS, "orders", "ordered_at",
            PRODUCT, _one_of("channel", "Channel", " by {a}", "channel", options.found("orders", "channel")),
            LEAST, MOST, DAYS, TIMES),
    _counted("spent_amount", "Spent", ORDERS, "purchases", "who spent {}", "money"),
    _counted("order_count", "Number of orders", ORDERS, "purchases", "with {} orders"),
    _latest("first_order_at", "First order", ORDERS, "purchases", "instant", "who never ordered"),
    _latest("last_order_at", "Last order", ORDERS, "purchases", "instant", "who never ordered"),
    _latest("first_bought_on", "Customer since", ORDERS, "firsts", "day", "who never bought"),
    _record("deal", "Deal", DEALS, "deals", "closed_on",
            Part("outcome", "Outcome", "several", " that is {a}", WON_OR_LOST, options=options.fixed(choices.OUTCOMES)),
            _key_of("stage", "Stage", " at {a}", "stage_id", options.STAGES),
            PRODUCT, LEAST, MOST, Part("days", "Closed in the last … days", "days", " closed in the last {a}", CLOSED), TIMES),
    _counted("open_count", "Open deals", DEALS, "sales", "with {} open deals"),
    _counted("open_amount", "Amount of open deals", DEALS, "sales", "with open deals worth {}", "money"),
    _counted("won_count", "Won deals", DEALS, "sales", "with {} won deals"),
    _counted("won_amount", "Won amount", DEALS, "sales", "with a won amount of {}", "money"),
    _counted("lost_count", "Lost deals", DEALS, "sales", "with {} lost deals"),
    _latest("last_won_on", "Last won deal", DEALS, "sales", "day", "with no dated won deal"),
    _record("feedback", "Feedback", FEEDBACK, "feedback", "received_at",
            _one_of("kind", "Kind", " ({a})", "kind", options.fixed(choices.FEEDBACK_KINDS)),
            PRODUCT, TEXT, _one_of("scale", "Scale", " on {a}", "scale", options.SCALES),
            Part("least", "Rating from", "number", " rated at least {a}", "entry.rating >= {a}", "number"),
            Part("most", "Rating to", "number", " rated at most {a}", "entry.rating <= {a}", "number"),
            DAYS, TIMES),
    _latest("last_feedback_at", "Last feedback", FEEDBACK, "answers", "instant", "with no feedback"),
    _latest("nps_rating", "Last NPS answer", FEEDBACK, "answers", "number"),
    _latest("csat_rating", "Last CSAT answer", FEEDBACK, "answers", "number"),
    _latest("ces_rating", "Last CES answer", FEEDBACK, "answers", "number"),
    _latest("stars_rating", "Last stars", FEEDBACK, "answers", "number"),
    Subject("tag", "Tag", LABELS, "label", "entry.tag_id", None, "tagged {}", "without a tag", options.TAGS, "customer_tags"),
    Subject("list", "List", LABELS, "label", "entry.segment_id", None, "on the list {}", "on no list", options.LISTS,
            "segment_members"),
    _latest("value_amount", "Value, next 12 months", VALUE, "worth", "money", "whose value is not known", "worth {}"),
    _latest("fit_share", "Fit, 0 to 1", VALUE, "fits", "number", "whose fit is not known"),
    _latest("expected_purchases", "Expected purchases", VALUE, "worth", "number", None, "with {} expected purchases"),
    _latest("recency_score", "Recency, 1–5", VALUE, "worth", "number"),
    _latest("frequency_score", "Frequency, 1–5", VALUE, "worth", "number"),
    _latest("amount_score", "Amount, 1–5", VALUE, "worth", "number"),
    _record("trait", "Want, need, like, …", WORK, "traits", "observed_on",
            _one_of("kind", "Kind", " ({a})", "kind", options.fixed(choices.TRAIT_KINDS)),
            TEXT, _one_of("state", "State", " that is {a}", "state", options.fixed(choices.TRAIT_STATES)), DAYS, TIMES),
    _counted("open_task_count", "Open tasks", WORK, "work", "with {} open tasks"),
    _latest("next_due_on", "Next task due", WORK, "work", "day", "with no dated task"),
)  # fmt: skip
FIXED = {subject.key: subject for subject in SUBJECTS}

# How an own field is asked about, by its kind.
OWN_KINDS = {
    "text": "text",
    "long_text": "text",
    "link": "text",
    "number": "number",
    "money": "money",
    "date": "day",
    "yes_no": "flag",
    "choice": "choice",
    "choices": "several",
}


def known(session: Session) -> dict[str, Subject]:
    """Every subject by its key: the fixed ones, then the company's own fields, archived ones too."""
    own = [_own(field) for field in custom_fields.every(session, archived=True) if field.noun in ("customers", *MANY)]
    return FIXED | {subject.key: subject for subject in own}


def _own(field: CustomField) -> Subject:
    """An own field of customers, or of something of which a customer has several."""
    many = None if field.noun == "customers" else field.noun
    offered = {choice.key: choice.name for choice in field.choices}
    is_flag = field.kind == "yes_no"
    return Subject(
        field.argument,
        field.name if many is None else f"{field.name} of {MANY[many][0]}",
        OWN,
        OWN_KINDS[field.kind],
        custom_fields.value_sql(field, "entry" if many else "customer"),
        says=f"with “{field.name}”" if is_flag else None,
        without=f"without “{field.name}”" if is_flag else None,
        options=(lambda _: offered) if field.choices else None,
        many=many,
        is_archived=field.is_archived,
    )
