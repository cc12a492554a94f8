"""From safe lines and an edited text to bytes for a terminal; pure."""
