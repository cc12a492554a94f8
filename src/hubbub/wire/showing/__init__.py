"""How it is told: words and colours, JSON, and lessons."""
