"""The ways to a server: a connection, or none where the server is in this process."""
