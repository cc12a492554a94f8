"""Names that other programs than the server know: of a file in its data directory, of an answer."""

from typing import Final

SOCKET_NAME: Final = "control.sock"
"""Where a running server is talked to from its own machine (hubbub.cli.control)."""
RESTORING: Final = ".restoring"
"""The folder of a data directory in which a backup is made ready to take its place."""
READY: Final = "ready"
"""What STATUS calls its line that says whether newcomers are served: `yes`, or `no: why`."""
