"""Put the commit into a wheel, so that a program that is no clone knows what it was built from.

SOURCE_COMMIT in the environment says it where there is no repository, as in an image's build.
"""

from __future__ import annotations

import os
import runpy
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = "src/hubbub/commit.py"


class BuildCommit(BuildHookInterface[Any]):
    """Write `hubbub/commit.txt`, where the commit is known; an editable install reads the clone."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file to what is packed."""
        if version == "editable":
            return
        root = Path(self.root)
        source = runpy.run_path(str(root / SOURCES))
        found = os.environ.get("SOURCE_COMMIT", "") or source["checked_out"](root)
        if not found:
            return
        place = Path(tempfile.mkdtemp()) / source["FILE"]
        place.write_text(f"{found}\n", "ascii")
        build_data["force_include"][str(place)] = f"hubbub/{source['FILE']}"
