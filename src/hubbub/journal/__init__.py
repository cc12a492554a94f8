"""What happened, in order, durably; and reading it back: the order apart from the file."""
