"""A session with a server, as a person has it: pure but for the way there."""
