"""A node's life: settings, files and doors put together, and run."""
