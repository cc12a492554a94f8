"""What is done to a server: rooms of clients, at full speed or at a fixed rate."""
