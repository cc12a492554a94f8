"""Searching what was said: what a question means, and whether a message fits it; pure."""
