"""The shell around the rules: the only place with tasks and clocks."""
