"""From bytes of keys to an edited text; pure."""
