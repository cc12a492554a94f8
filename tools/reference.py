"""Write docs/reference from the code, so that it says what the code does."""

import sys
from collections.abc import Callable
from pathlib import Path

from tools import (
    client_reference,
    command_line,
    errors_reference,
    failures,
    metrics_reference,
    protocol_reference,
    settings_reference,
)

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "capabilities.md": protocol_reference.capabilities,
    "client-commands.md": client_reference.client_commands,
    "command-line.md": command_line.command_line,
    "commands.md": protocol_reference.commands,
    errors_reference.PAGE: errors_reference.render,
    "failures.md": failures.failures,
    "metrics.md": metrics_reference.metrics,
    "modes.md": protocol_reference.mode_letters,
    "privileges.md": protocol_reference.privileges,
    "settings.md": settings_reference.render,
}


def main() -> int:
    """Write every page."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, render in PAGES.items():
        (REFERENCE / name).write_text(render(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
