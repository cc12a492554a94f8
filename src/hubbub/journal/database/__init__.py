"""The SQLite file: opened for one process alone, its schema, its log, and a watch over it."""
