"""Long work in the background: imports, exports, mathematics, backups, each when asked for or when due.

`kinds` lists what can be done and when it is due by itself; `due` says what a schedule can be; `run` does one job; `runner`
is the thread that takes them up, one of a kind at a time; `worker` is the process apart in which heavy mathematics runs.
"""
