"""The benchmark: Hubbub and two servers in C and C++ under the same load."""

from hubbub.bench.command import main

__all__ = ["main"]
