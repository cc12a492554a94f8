"""Commands that say something, take it back, or read what was said."""
