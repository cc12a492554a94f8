"""Who may come in: the doors, and who somebody is before there is a session."""
