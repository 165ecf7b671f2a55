"""Import from files: rows of customers, deals, orders … that people bring, taken in without losing one.

`running` is the way of a file; `values` (with `numbers` and `dates`) types its cells; `lookup` and `customers_of` find the
records that cells name; `matching` and `records` decide which record a row means and what becomes of it; the other modules
say, one kind each, what a row of that kind is. All of it is SQL over whole columns: no row is ever a Python object.
"""

from crm.commands.imports.result import FATES, ImportResult, RejectedRow
from crm.commands.imports.running import KINDS, import_file

__all__ = ["FATES", "KINDS", "ImportResult", "RejectedRow", "import_file"]
