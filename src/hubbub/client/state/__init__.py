"""What a session knows: itself, the server, the rooms, and what it has to say."""
