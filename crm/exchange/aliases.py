"""One table of the names that other systems give to our fields, so that people need not map their own files.

`ALIASES[kind][field]` lists headers, the best first: where a file has several, the first wins. Case, spaces and
punctuation do not count. Fields are columns of the store, or relations by name (owner, customer, stage …) that the
import resolves. Ids of another system's people (Salesforce's OWNERID) are no names and stay unmapped on purpose.
"""

from __future__ import annotations

from crm.exchange.alias_words import (
    CONTACT,
    CONTACT_EMAIL,
    CURRENCY,
    CUSTOMER,
    CUSTOMER_ID,
    EMAILS,
    ID,
    MORE_EMAILS,
    MORE_PHONES,
    NOTE,
    OWNER,
    PHONES,
    PRODUCT,
    SCALE,
    TAGS,
)

Fields = dict[str, tuple[str, ...]]

_CUSTOMERS: Fields = {
    "external_id": (
        *ID, "customer id", "account id", "company id", "organization id", "customer number", "customer no",
        "account number", "accountnumber__c", "client id", "organization - id", "oracle_id__c",
    ),
    "name": (
        "name", "customer name", "account name", "company name", "organization name", "organisation name",
        "organization - name", "customer", "account", "company", "organization", "organisation", "client", "client name",
        "business name", "firm", "legal name",
    ),
    "kind": ("kind", "customer kind", "customer type"),
    "lifecycle_stage": ("lifecycle stage", "lifecycle", "customer status", "relationship stage"),
    "owner": ("customer owner", "company owner", "account owner", "organization - owner", *OWNER),
    "sector": ("sector", "industry", "branch", "line of business", "vertical", "market"),
    "region": ("region", "sales region", "territory", "area"),
    "country": (
        "country", "country/region", "billing country", "country code", "office location", "business country/region",
        "shipping country", "hq country", "headquarters",
    ),
    "city": ("city", "town", "billing city", "business city", "shipping city", "hq city"),
    "website": ("website", "website url", "web site", "web page", "url", "homepage", "domain", "company domain name"),
    "phone": ("phone", "phone number", "telephone", "company phone", "main phone", "company main phone", "tel"),
    "employee_count": (
        "employee count", "number of employees", "employees", "no of employees", "headcount", "company size", "staff",
    ),
    "annual_revenue_amount": ("annual revenue amount", "annual revenue", "revenue", "turnover", "yearly revenue"),
    "currency": CURRENCY,
    "founded_year": ("founded year", "year founded", "year established", "founded", "established"),
    "parent": ("parent", "parent account", "parent company", "parent customer", "subsidiary of", "parent account name"),
    "cadence_days": ("cadence days", "cadence"),
    "note": (*NOTE, "about us", "background"),
    "tags": TAGS,
    "contact_email": ("contact e-mail", "contact e-mail address", "email", "email address", "primary email"),
}  # fmt: skip

_CONTACTS: Fields = {
    "external_id": (
        *ID, "contact id", "person id", "person - id", "rec_id", "leid", "euid", "contact key", "uid", "lead id",
    ),
    "name": (
        "name", "full name", "display name", "contact name", "person - name", "contact", "person", "fn",
    ),
    "first_name": ("first name", "given name", "forename", "person - first name", "firstname", "vorname", "prenom"),
    "last_name": (
        "last name", "surname", "family name", "person - last name", "lastname", "second name", "nachname",
    ),
    "title": (
        "job title", "position", "organization title", "organization 1 - title", "occupation", "job", "role",
        "person - job title", "contact title", "title",
    ),
    "email": EMAILS,
    "phone": PHONES,
    "email_2": ("email 2", *MORE_EMAILS, *EMAILS[2:]),
    "email_3": ("email 3", *MORE_EMAILS, *EMAILS[2:]),
    "phone_2": ("phone 2", *PHONES[1:], *MORE_PHONES),
    "phone_3": ("phone 3", *PHONES[1:], *MORE_PHONES),
    "street_number": ("street number", "street no", "house number", "house no"),
    "address_line_2": (
        "address line 2", "address 2", "street address 2", "address 1 - extended address", "business street 2",
        "mailing street 2", "work address 2", "home street 2", "home address 2", "other street 2", "address extension",
    ),
    "street": (
        "street", "street address", "address 1 - street", "mailing street", "address", "address 1", "address line 1",
        "business street", "work address", "home street", "home address", "person - postal address", "other street",
    ),
    "postcode": (
        "postcode", "postal code", "zip", "zip code", "zip/postal code", "address 1 - postal code",
        "mailing postal code", "business postal code", "mailing zip/postal code", "work zipcode", "work zip",
        "home postal code", "home zipcode", "home zip", "other postal code",
    ),
    "city": (
        "city", "town", "suburb", "locality", "address 1 - city", "mailing city", "business city", "work city",
        "home city", "other city",
    ),
    "state": (
        "state", "state/region", "state/province", "province", "county", "address 1 - region", "mailing state",
        "business state", "work state", "home state", "other state", "region",
    ),
    "country": (
        "country", "country/region", "country code", "address 1 - country", "mailing country",
        "business country/region", "work country", "home country/region", "home country", "other country/region", "cc",
    ),
    "born_on": ("born on", "birthday", "birth date", "date of birth", "dob", "bday", "birthdate", "person - birthday"),
    "consent": ("consent", "opt in", "email consent", "marketing consent", "subscription status", "email opt in"),
    "consent_at": ("consent at", "consent date", "confirm_time", "optin_time", "opt-in date"),
    "note": (*NOTE,),
    "tags": TAGS,
    "customer": (*CUSTOMER, "org"),
    "customer_external_id": CUSTOMER_ID,
    "owner": ("contact owner", "lead owner", "person - owner", *OWNER),
}  # fmt: skip

_EMPLOYEES: Fields = {
    "external_id": (*ID, "employee id", "user id", "staff id", "personnel number"),
    "name": (
        "name",
        "full name",
        "employee",
        "employee name",
        "sales agent",
        "sales rep",
        "salesperson",
        "agent",
        "user",
        "user name",
        "display name",
    ),
    "email": ("email", "e-mail address", "work email", "primary email", "user email", "login"),
    "role": ("role", "user role", "permission", "access"),
    "team": ("team", "team name", "department", "group", "business unit"),
    "manager": ("manager", "manager name", "manager's name", "team lead", "reports to", "supervisor"),
    "region": ("region", "regional office", "office", "office location", "territory", "location"),
    "title": ("title", "job title", "position"),
}

_PRODUCTS: Fields = {
    "external_id": (*ID, "product id", "product code", "stock code", "sku", "item number", "article number"),
    "name": ("name", "product", "product name", "item", "item name", "title", "article", "description"),
    "category": ("category", "series", "product family", "family", "product line", "product category", "group"),
    "list_price_amount": (
        "list price amount", "list price", "sales price", "price", "unit price", "unitprice", "standard price",
    ),
    "currency": CURRENCY,
}  # fmt: skip

_DEALS: Fields = {
    "external_id": (*ID, "deal id", "opportunity id", "deal - id"),
    "name": (
        "name", "deal name", "deal", "opportunity name", "opportunity", "deal - title", "deal title", "title", "subject",
        "associated deal",
    ),
    "customer": ("deal - organization", *CUSTOMER),
    "customer_external_id": CUSTOMER_ID,
    "contact": ("deal - contact person", *CONTACT),
    "contact_email": CONTACT_EMAIL,
    "owner": ("deal owner", "opportunity owner", "deal - owner", *OWNER),
    "product": PRODUCT,
    "pipeline": ("pipeline", "deal pipeline", "sales pipeline", "deal - pipeline"),
    "stage": ("stage", "deal stage", "stage name", "opportunity stage", "deal - stage", "sales stage", "status", "deal status"),
    "amount": ("amount", "deal amount", "value", "deal value", "deal - value", "close value", "opportunity amount", "sum"),
    "currency": CURRENCY,
    "opened_on": (
        "opened on", "open date", "engage date", "start date", "create date", "created date", "created", "created on",
        "date opened", "deal - deal created",
    ),
    "expected_close_on": (
        "expected close on", "expected close date", "estimated close date", "expected close", "forecast close date",
        "deal - expected close date",
    ),
    "closed_on": ("closed on", "close date", "closed date", "won time", "date closed", "actual close date", "deal - won time"),
    "lost_reason": ("lost reason", "loss reason", "closed lost reason", "reason lost", "deal - lost reason"),
    "note": (*NOTE, "next step"),
    "tags": TAGS,
}  # fmt: skip

_ORDERS: Fields = {
    "external_id": ("external id", "order id", "invoice id", "transaction id", "id", "record id"),
    "number": (
        "number", "order number", "order no", "invoice no", "invoice number", "receipt number", "order name", "invoice",
    ),
    "customer": ("bill to", *CUSTOMER),
    "customer_external_id": CUSTOMER_ID,
    "contact": CONTACT,
    "contact_email": CONTACT_EMAIL,
    "product": PRODUCT,
    "product_external_id": ("product external id", "stock code", "sku", "product code", "item number", "product id"),
    "description": ("description", "item description", "line description", "product description"),
    "quantity": ("quantity", "qty", "units", "item quantity", "pieces"),
    "unit_price": ("unit price", "price", "item price", "price per unit"),
    "ordered_at": (
        "ordered at", "order date", "invoice date", "date", "purchase date", "ordered on", "created at", "order time",
        "transaction date",
    ),
    "amount": ("amount", "total", "order total", "order amount", "invoice amount", "grand total", "net amount", "total price"),
    "currency": CURRENCY,
    "channel": ("channel", "sales channel", "order channel"),
    "item_count": ("item count", "items", "number of items"),
    "country": ("country", "billing country", "ship to country", "shipping country"),
    "deal": ("deal", "deal name", "opportunity", "opportunity name"),
    "note": ("note", "notes", "comment", "comments", "remark"),
}  # fmt: skip

_INTERACTIONS: Fields = {
    "external_id": (*ID, "activity id", "interaction id", "event id", "message id"),
    "customer": CUSTOMER,
    "customer_external_id": CUSTOMER_ID,
    "contact": CONTACT,
    "contact_email": CONTACT_EMAIL,
    "deal": ("deal", "deal name", "opportunity", "opportunity name", "associated deal"),
    "owner": ("activity owner", "logged by", "user", "caller", "host", "organizer", *OWNER),
    "channel": (
        "channel", "interaction channel", "type", "activity type", "kind", "interaction type", "activity - type", "medium",
    ),
    "direction": ("direction", "inbound/outbound", "call direction"),
    "occurred_at": (
        "occurred at", "date", "activity date", "occurred on", "time", "datetime", "date time", "timestamp", "start",
        "start time", "start date", "when", "created at", "activity - due date", "interaction date", "call date",
    ),
    "subject": ("subject", "activity - subject", "title", "activity", "topic", "summary", "headline"),
    "note": (*NOTE, "body", "content", "text", "message", "details"),
    "duration_minutes": ("duration minutes", "duration", "duration (minutes)", "minutes", "call duration", "length"),
    "campaign": ("campaign", "campaign name", "utm_campaign"),
}  # fmt: skip

_FEEDBACK: Fields = {
    "external_id": (*ID, "feedback id", "complaint id", "review id", "response id", "ticket id", "case id"),
    "customer": CUSTOMER,
    "customer_external_id": CUSTOMER_ID,
    "contact": CONTACT,
    "contact_email": CONTACT_EMAIL,
    "product": PRODUCT,
    "complaint_owner": (
        "complaint owner", "feedback owner", "case owner", "ticket owner", "assigned to", "assignee", "responsible", "handled by",
    ),
    "owner": OWNER,
    "kind": ("kind", "feedback kind", "feedback type", "type"),
    "text": (
        "text", "feedback", "review text", "review", "comment", "comments", "message", "verbatim", "narrative",
        "consumer complaint narrative", "complaint", "answer", "body", "content", "description",
    ),
    "rating": ("rating", "score", "stars", "nps", "nps score", "csat", "satisfaction"),
    "scale": SCALE,
    "channel": ("channel", "feedback channel", "submitted via", "source channel"),
    "received_at": (
        "received at", "date", "date received", "received", "received on", "submitted at", "submitted", "created at",
        "response date", "review date", "timestamp", "feedback date",
    ),
    "due_on": ("due on", "due date", "due", "answer due", "deadline", "respond by", "response due", "date due"),
}  # fmt: skip

_GOALS: Fields = {
    "external_id": ("external id", "goal id", "id"),
    "figure": ("figure", "goal", "metric", "kpi", "measure", "goal type"),
    "scope": ("scope", "level", "goal scope", "applies to"),
    "team": ("team", "team name"),
    "owner": ("employee", "employee name", "owner", "sales agent", "sales rep", "person", "assigned to"),
    "manager": ("manager", "manager name"),
    "period": ("period", "quarter", "month", "goal period", "time period", "year"),
    "starts_on": ("starts on", "start", "start date", "from", "period start"),
    "ends_on": ("ends on", "end", "end date", "to", "until", "period end"),
    "target": ("target", "target value", "goal value", "goal amount", "quota", "target amount", "amount", "value"),
    "objective": ("objective", "why"),
    "note": ("note", "notes", "comment", "reason", "description"),
}

_TASKS: Fields = {
    "external_id": (*ID, "task id", "activity id", "to-do id"),
    "title": ("title", "task", "subject", "task name", "name", "activity - subject", "to do", "summary", "task title"),
    "customer": CUSTOMER,
    "customer_external_id": CUSTOMER_ID,
    "contact": CONTACT,
    "contact_email": CONTACT_EMAIL,
    "deal": ("deal", "deal name", "opportunity", "opportunity name", "associated deal"),
    "owner": ("task owner", "task assigned to", *OWNER),
    "due_on": ("due on", "due date", "due", "deadline", "activity - due date", "date due", "task due date", "date"),
    "done_at": ("done at", "completed at", "completed on", "completion date", "done", "completed", "date completed"),
    "repeat_every": ("repeat every", "repeat", "recurrence"),
    "note": (*NOTE, "details", "body"),
}

ALIASES: dict[str, Fields] = {
    "customers": _CUSTOMERS,
    "contacts": _CONTACTS,
    "employees": _EMPLOYEES,
    "products": _PRODUCTS,
    "deals": _DEALS,
    "orders": _ORDERS,
    "interactions": _INTERACTIONS,
    "feedback": _FEEDBACK,
    "goals": _GOALS,
    "tasks": _TASKS,
}
# Lists that we wrote ourselves: the raw ones say so, the others have dangerous cells defused (exchange/defusing.py).
OWN_KEY, OWN_RAW_KEY = "CRM id", "CRM id raw"
for _fields in ALIASES.values():
    _fields["crm_id"] = (OWN_KEY, OWN_RAW_KEY)

# Each group needs one of its fields in the file; the first is the one a message names.
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "customers": (("name",),),
    "contacts": (("name", "first_name", "last_name", "email"),),
    "employees": (("name",),),
    "products": (("name",),),
    "deals": (("stage",), ("name", "external_id", "customer", "product")),
    "orders": (("ordered_at",), ("amount", "unit_price")),
    "interactions": (("occurred_at",),),
    "feedback": (("text", "rating"),),
    "goals": (("figure",), ("target",), ("period", "starts_on")),
    "tasks": (("title",),),
}
