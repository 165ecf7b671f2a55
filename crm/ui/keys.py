"""The keys of the session's state and of widgets that more than one file names."""

ACTOR = "actor"
FLASH = "flash"
SHOWN = "flash_shown"
PROBLEM = "problem"
SEARCH = "search"
PERIOD = "period"
# The segment that its page opens; `segment` in an address is the filter of a list.
OPEN = "open"
# The dialog that is open, and the one that the next run opens.
DIALOG = "dialog"
ASKED = "dialog_asked"
