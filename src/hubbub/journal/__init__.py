"""What happened, in order, durably; and reading it back."""
