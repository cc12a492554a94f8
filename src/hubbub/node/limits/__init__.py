"""How much one may do, and how long anything may hold the loop."""
