"""What was said and what happened, written down for people and for other programs."""
