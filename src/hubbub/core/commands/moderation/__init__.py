"""Commands that keep people out or take back what they said."""
