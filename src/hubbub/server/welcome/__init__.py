"""What is said when a server is ready, and to whom its first code goes."""
