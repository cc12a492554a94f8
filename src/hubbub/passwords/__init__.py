"""Secrets of passwords: hashed, checked, and kept."""
