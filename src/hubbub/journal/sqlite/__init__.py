"""The order by one writer: a journal in one SQLite file, for one process."""
