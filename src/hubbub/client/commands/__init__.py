"""What a person types: text for the room, or a command."""
