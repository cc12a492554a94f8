"""Settings of a member of a cluster: its own, and one that all members are to have."""
