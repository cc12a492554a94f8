"""Hubbub: a chat server and client for people who live in the terminal."""

__version__ = "0.1.0"
