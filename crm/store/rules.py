"""What must hold for any write, whoever asks: who may write which row, what refers to what, what may stand only once.

The engine cannot say it: foreign keys block ordinary updates, and DuckLake has no keys at all. Each rule is one line of a
table here, checked set-based inside the transaction that writes.
"""

from __future__ import annotations

ROLES = ("member", "manager", "leader", "admin")

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
    "feedback": {"member": f"entry.employee_id = $me or {OWN_CUSTOMER}", "manager": ANY_ROW},
    "products": {"manager": ANY_ROW},
    "goals": {"manager": "entry.scope in ('team', 'employee')", "leader": ANY_ROW},
    "objectives": {"leader": ANY_ROW},
    "external_events": {"leader": ANY_ROW},
    "ideal_attributes": {"leader": ANY_ROW},
    "teams": {"admin": ANY_ROW},
    "employees": {"member": OWN_NAME, "admin": ANY_ROW},
    "pipelines": {"admin": ANY_ROW},
    "stages": {"admin": ANY_ROW},
    "stage_aliases": {"admin": ANY_ROW},
    "settings": {"admin": ANY_ROW},
    "segments": {"member": OWN_ROW, "manager": ANY_ROW},
    "segment_members": {"member": OWN_SEGMENT, "manager": ANY_ROW},
    "not_duplicates": {"member": ANY_ROW},
    "merges": {"manager": ANY_ROW},
    "import_mappings": {"manager": ANY_ROW},
    "custom_fields": {"admin": ANY_ROW},
    "custom_choices": {"admin": ANY_ROW},
}
# Anyone may log what happened with any customer, and enter what one says.
INSERT: dict[str, dict[str, str]] = {
    **WRITE,
    "employees": {"admin": ANY_ROW},
    "interactions": {"member": ANY_ROW},
    "feedback": {"member": ANY_ROW},
}
REFUSALS = {
    "customers": "You can change customers that you own or that nobody owns. Ask the owner, or a manager to assign it.",
    "deals": "You can change deals and customers that you own or that nobody owns. Ask the owner or a manager.",
    "goals": "Managers set goals for teams and employees, leaders also for the company. Ask one of them.",
    "products": "Managers change products. Ask one of them.",
    "objectives": "Leaders set objectives. Ask one of them.",
    "external_events": "Leaders declare external events. Ask one of them.",
    "ideal_attributes": "Leaders state the ideal profile. Ask one of them.",
    "segments": "You can change segments that you own or that nobody owns. Duplicate it, or ask the owner or a manager.",
    "segment_members": "You can change lists that you own or that nobody owns. Duplicate it, or ask the owner or a manager.",
    "employees": "Of employees you can change your own name; only an admin can change more. Ask one of them.",
}
REFUSED = "Only the owner of the customer, or a manager, can change this. Ask one of them."
ADMINS_ONLY = "Only an admin can change this. Ask one of them."

# What a narrowed member sees: table → which rows, given the list of visible owners. What hangs on an unseen deal or piece
# of feedback is unseen too, also where it names no customer. In the order in which the rules build on each other.
VISIBLE_CUSTOMER = "(customer_id is null or customer_id in (select customer_id from customers))"
VISIBLE_DEAL = "(deal_id is null or deal_id in (select deal_id from deals))"
VISIBLE_FEEDBACK = "(feedback_id is null or feedback_id in (select feedback_id from feedback))"
READ: dict[str, str] = {
    "customers": "owner_id is null or list_contains(getvariable('visible_owners'), owner_id)",
    **dict.fromkeys(("contacts", "traits", "deals", "feedback", "customer_tags", "segment_members"), VISIBLE_CUSTOMER),
    **dict.fromkeys(("customer_values", "customer_fits"), "customer_id in (select customer_id from customers)"),
    **dict.fromkeys(("orders", "interactions"), f"{VISIBLE_CUSTOMER} and {VISIBLE_DEAL}"),
    "tasks": f"{VISIBLE_CUSTOMER} and {VISIBLE_DEAL} and {VISIBLE_FEEDBACK}",
    "stage_changes": "deal_id in (select deal_id from deals)",
}

# What a question among some customers sees: table → which rows. No goal is one of a few customers. What the chances of a stage
# are learned from stays whole: stage changes, and deals under the name of LEARNED.
IS_KEPT = "customer_id in (select customer_id from kept_customers)"
KEPT: dict[str, str] = {
    **dict.fromkeys(("customers", "contacts", "traits", "deals", "orders", "interactions", "feedback", "tasks"), IS_KEPT),
    "customer_tags": IS_KEPT,
    "goals": "false",
}
LEARNED = {"learned_deals": "deals"}

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
    },
    "goals": {"team_id": "teams", "employee_id": "employees", "objective_id": "objectives"},
    "segments": {"owner_id": "employees"},
    "segment_members": {"segment_id": "segments", "customer_id": "customers"},
    "custom_choices": {"custom_field_id": "custom_fields"},
}

EXTERNAL_ID = ("source", "external_id")
NOBODY = "00000000-0000-0000-0000-000000000000"
# table → what may stand only once in it (rows with a blank part are free)
UNIQUE: dict[str, list[tuple[str, ...]]] = {
    **{
        table: [EXTERNAL_ID]
        for table in (
            ["teams", "customers", "contacts", "products", "deals", "orders", "interactions", "tasks", "feedback"]
        )
    },
    "employees": [EXTERNAL_ID, ("lower(email)",)],
    "goals": [EXTERNAL_ID, ("scope", f"coalesce(team_id, employee_id, '{NOBODY}')", "starts_on", "ends_on", "figure")],
    "tags": [("lower(name)",)],
    "segments": [("lower(name)",)],
    "segment_members": [("segment_id", "customer_id")],
    "not_duplicates": [("noun", "one_id", "other_id")],
    "merges": [("noun", "loser_id")],
    "settings": [("name",)],
    "custom_fields": [("noun", "lower(name)")],
    "custom_choices": [("custom_field_id", "lower(name)")],
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
    allowed = [rules[table][step] for step in ROLES[: ROLES.index(role) + 1] if step in rules[table]]
    return allowed[-1] if allowed else None


def refusal(table: str) -> str:
    """What to tell a person who may not write to a table."""
    admins = {"admin"} == set(WRITE[table])
    return ADMINS_ONLY if admins else REFUSALS.get(table, REFUSED)
