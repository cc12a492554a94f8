"""Names that other programs than the server know: of a file in its data directory, of an answer."""

from typing import Final

SOCKET_NAME: Final = "control.sock"
"""Where a running server is talked to from its own machine (hubbub.cli.control)."""
READY: Final = "ready"
"""What STATUS calls its line that says whether newcomers are served: `yes`, or `no: why`."""
