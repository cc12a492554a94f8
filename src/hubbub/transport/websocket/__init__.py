"""IRC over WebSocket: the opening handshake, and lines in frames."""
