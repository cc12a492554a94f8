"""What is checked that is secret: beside the event loop, and slowed down for who guesses."""
