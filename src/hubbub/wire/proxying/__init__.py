"""Between any client and a server of one's own."""
