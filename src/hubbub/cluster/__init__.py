"""Several nodes that are one server: how they come together, go, and keep one order."""
