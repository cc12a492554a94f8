"""The servers that are measured: how each is configured, started and stopped."""
