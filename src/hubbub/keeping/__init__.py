"""What operators do with all that was kept: back up, restore, look through, export, erase.

Each works on files, beside a running server or without one, and says of itself what it changes.
"""
