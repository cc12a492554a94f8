"""The rules: what a command means, who may do it, and what the journal's records change."""
