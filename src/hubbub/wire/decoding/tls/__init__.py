"""TLS: records, the messages of its handshake, certificates (RFC 8446, 5246)."""
