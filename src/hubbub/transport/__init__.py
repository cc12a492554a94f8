"""Bytes in and out: sockets, TLS, WebSocket, SSH; nothing here knows the rules."""
