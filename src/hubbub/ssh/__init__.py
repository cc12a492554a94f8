"""The SSH door of a node: who comes in, and what is served."""
