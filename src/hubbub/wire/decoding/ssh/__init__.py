"""SSH: version lines, packets, messages, and which algorithms are chosen (RFC 4253, 4252, 4254)."""
