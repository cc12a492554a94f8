"""`hubbub chat`: on the terminal of this process, or in a pipe."""
