"""What each message of a server means for what the session knows."""
