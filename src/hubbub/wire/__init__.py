"""`hubbub wire`: show in words, and layer by layer, what goes over a line."""
