"""Being one of several nodes: how a node stands with the order, and what nodes tell each other."""
