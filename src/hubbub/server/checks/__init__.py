"""What may be wrong with an installation: one kind of check a file, whoever asks."""
