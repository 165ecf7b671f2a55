"""Writes, one file a noun: check the input, check the permission, record one change set. Verbs."""
