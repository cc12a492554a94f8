"""Names of the files in a data directory that other programs than the server open."""

from typing import Final

SOCKET_NAME: Final = "control.sock"
"""Where a running server is talked to from its own machine (hubbub.cli.control)."""
