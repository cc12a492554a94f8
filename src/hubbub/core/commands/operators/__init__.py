"""Commands of the server's operators."""
