"""A member of a cluster, while its server runs."""
