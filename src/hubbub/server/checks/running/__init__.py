"""What can be looked at only where a server runs, from inside and outside."""
