"""Hubbub: a chat server and client for people who live in the terminal."""

from typing import Final

from hubbub import twin

__version__ = "0.1.0"
CODE: Final = twin.begin()
"""Whether the hot modules run as machine code: decided before anything else is imported."""
