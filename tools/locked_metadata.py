"""Put the locked versions into the metadata of the package, so that any installer takes just those.

`pip install .`, `pipx install .` and a wheel would otherwise take whatever is newest on the day.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from hatchling.metadata.plugin.interface import MetadataHookInterface

RUN: Final = "locks/run.lock"
EXTRAS: Final = {"cluster": "locks/cluster.lock", "keyring": "locks/keyring.lock"}


def locked(text: str) -> list[str]:
    """Return the requirements of a lock, such as `apsw==3.54.1.0 ; sys_platform != 'win32'`.

    Hashes and comments are left out: metadata has no place for them.
    """
    lines = (line for line in text.splitlines() if line[:1].isalnum())
    return [line.removesuffix("\\").strip() for line in lines]


class LockedMetadata(MetadataHookInterface):
    """Name the dependencies (PEP 621) as the locks of this project have them."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill in what pyproject.toml calls dynamic."""
        root = Path(self.root)
        metadata["dependencies"] = locked((root / RUN).read_text("utf-8"))
        metadata["optional-dependencies"] = {
            extra: locked((root / path).read_text("utf-8")) for extra, path in EXTRAS.items()
        }
