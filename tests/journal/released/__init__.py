"""Small journals as released programs left them, one of each schema: schema-N.sqlite.

`python -m tests.journal.released.record N` makes the one of the program at hand, before a release
that has a new schema. Those that are there are never made anew.
"""
