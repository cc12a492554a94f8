"""The SSH door: terminals and pipes over SSH. Loaded only where such a door is open."""
