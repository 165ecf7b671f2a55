"""The headers that several kinds share: what other systems call an owner, a customer, a note, a second phone number."""

from __future__ import annotations

OWNER = (
    "owner", "owner name", "owner e-mail", "record owner", "assigned to", "assignee", "responsible", "account manager",
    "sales agent", "sales rep", "sales representative", "salesperson", "rep", "agent", "employee", "employee name",
)  # fmt: skip
CUSTOMER = (
    "customer", "customer name", "company", "company name", "account name", "organization", "organisation",
    "organization name", "organisation name", "organization - name", "associated company", "associated companies",
    "primary associated company", "client", "client name", "firm", "business name", "organization 1 - name", "account",
)  # fmt: skip
CUSTOMER_ID = (
    "customer external id", "customer id", "account id", "company id", "client id", "organization id",
    "associated company id", "associated company ids", "customer no", "customer number", "customer code",
)  # fmt: skip
CONTACT = (
    "contact", "contact name", "contact person", "person", "person - name", "associated contact", "associated contacts",
    "primary contact", "attendee",
)  # fmt: skip
CONTACT_EMAIL = (
    "contact e-mail", "contact e-mail address", "person - email", "person - email (work)", "customer e-mail",
    "customer e-mail address", "e-mail", "e-mail address",
)  # fmt: skip
PRODUCT = ("product", "product name", "item", "item name", "article", "sku name", "service", "plan")
NOTE = ("note", "notes", "note - content", "description", "comment", "comments", "remark", "remarks")
TAGS = ("tags", "tag", "labels", "label", "categories", "group membership", "groups", "person - label", "organization - label")
ID = ("external id", "id", "record id", "key")
SCALE = ("scale", "rating scale")
CURRENCY = (
    "currency", "currency code", "currency iso code", "deal currency", "deal - currency", "deal currency code",
    "order currency",
)  # fmt: skip
EMAILS = (
    "email", "e-mail", "email address", "e-mail address", "primary email", "e-mail 1 - value", "email 1",
    "work email", "email work", "person - email", "person - email (work)", "business email", "contact email", "mail",
    "email home", "person - email (home)", "home email", "personal email", "secondary email",
)  # fmt: skip
PHONES = (
    "phone", "phone number", "telephone", "telephone number", "phone 1 - value", "primary phone", "work phone",
    "business phone", "person - phone", "person - phone (work)", "mobile", "mobile phone", "mobile number",
    "cell phone", "cell", "contact phone", "tel", "home phone", "home mobile", "other phone",
)  # fmt: skip
# Those who have more of one kind: what the first field has not taken.
MORE_EMAILS = ("e-mail 2 address", "e-mail 2 - value", "email other", "other email", "e-mail 3 address", "e-mail 3 - value")
MORE_PHONES = ("phone 2 - value", "business phone 2", "home phone 2", "phone 3 - value", "company main phone", "car phone")
