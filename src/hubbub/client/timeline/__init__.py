"""What a person sees of a session: which room, what is new, and events as lines of text."""
