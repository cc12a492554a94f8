"""What is measured of a node, and what is wrong with it."""
