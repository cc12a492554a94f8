"""The two ends of a line: sockets, TLS, SSH, and the visit that a client makes."""
