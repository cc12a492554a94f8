"""What bytes mean: TLS, SSH, WebSocket, IRC. Pure; any bytes may come, in any cuts."""
