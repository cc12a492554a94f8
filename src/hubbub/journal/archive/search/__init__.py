"""The index of words: what goes into it, how it is written, and how a search is answered."""
