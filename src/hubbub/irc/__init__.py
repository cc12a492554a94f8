"""The language: IRC messages, names, numerics and capabilities; pure, used by both ends."""
