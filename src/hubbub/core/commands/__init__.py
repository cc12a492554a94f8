"""The commands: each file handles those of one subject and lists them in its COMMANDS.

A handler decides: it reads the World, answers, and asks for records. A file's FOLLOW_UPS say what
the session that asked is told once a record of it has been applied.
"""
