"""What proves an account, and how it is proved without being shown."""
