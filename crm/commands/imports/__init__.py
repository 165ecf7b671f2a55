"""Import from files: rows of customers, deals, orders … that people bring, taken in without losing one.

`planning` says what would become of a file, `columns` and `mapping` which column is what; `running` is the way of a file;
`settling` explains words, `values` (with `numbers`, `currency` and `dates`) types the cells, `own` those of own fields;
`lookup` and `customers_of` find the records that cells name; `matching` and `records` decide which record a row means and
what becomes of it, `keeping` what stays as a person changed it; `rejected` gives back what was not taken. The other modules
say, one kind each, what a row of that kind is. All of it is SQL over whole columns: no row is ever a Python object.
"""

from crm.commands.imports.mapping import EXAMPLE, ORDERS, Mapping, Own
from crm.commands.imports.planning import Plan, plan
from crm.commands.imports.questions import DayQuestion, Unknown, ValueQuestion
from crm.commands.imports.rejected import rejected_csv, rejected_folder
from crm.commands.imports.result import FATES, ImportResult, KeptValue, RejectedRow
from crm.commands.imports.running import KINDS, import_file

__all__ = [
    "EXAMPLE",
    "FATES",
    "KINDS",
    "ORDERS",
    "DayQuestion",
    "ImportResult",
    "KeptValue",
    "Mapping",
    "Own",
    "Plan",
    "RejectedRow",
    "Unknown",
    "ValueQuestion",
    "import_file",
    "plan",
    "rejected_csv",
    "rejected_folder",
]
