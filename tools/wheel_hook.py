"""Put into a wheel what is no source: the commit, and the compiled twin where it is asked for.

SOURCE_COMMIT in the environment says the commit where there is no repository, as in an image's
build. HUBBUB_COMPILED=1 asks for the compiled twin; without it, as with `pip install .` on a
machine that has no compiler, the wheel is pure.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES: Final = "src/hubbub/commit.py"
LOCK: Final = "locks/compile.lock"
COMPILED: Final = "HUBBUB_COMPILED"


class WheelHook(BuildHookInterface[BuilderConfig]):
    """Add files to what is packed; an editable install has them in the clone."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what compiling needs besides in a build in isolation, in the locked versions.

        The types that the compiler goes by come from what the package needs when it runs.
        """
        if not os.environ.get(COMPILED):
            return []
        lines = (Path(self.root) / LOCK).read_text("utf-8").splitlines()
        compilers = [line.removesuffix("\\").strip() for line in lines if line[:1].isalnum()]
        return [*self.metadata.core.dependencies, *compilers]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make what is added, in a folder of its own."""
        if version == "editable":
            return
        self._work = tempfile.TemporaryDirectory()
        self._add_commit(build_data)
        if os.environ.get(COMPILED):
            self._add_compiled_twin(build_data)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was made, which is in the wheel now."""
        if version != "editable":
            self._work.cleanup()

    def _add_commit(self, build_data: dict[str, Any]) -> None:
        source = runpy.run_path(str(Path(self.root) / SOURCES))
        found = os.environ.get("SOURCE_COMMIT", "") or source["checked_out"](Path(self.root))
        if found:
            place = Path(self._work.name) / source["FILE"]
            place.write_text(f"{found}\n", "ascii")
            build_data["force_include"][str(place)] = f"hubbub/{source['FILE']}"

    def _add_compiled_twin(self, build_data: dict[str, Any]) -> None:
        """Compile the hot modules in a process of their own."""
        made = Path(self._work.name) / "_compiled"
        paths = [str(Path(self.root) / "src"), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        command = [sys.executable, "-m", "tools.compiled_twin", str(made)]
        if subprocess.run(command, cwd=self.root, env=environment, check=False).returncode:
            sys.exit("The package was to be compiled: see above what that lacks")
        _seal(made / "manifest.json")
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"][str(made)] = "hubbub/_compiled"


def _seal(manifest: Path) -> None:
    """Name no sources: an installer keeps them and their twin together."""
    content = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**content, "sources": [], "digest": ""}), "utf-8")
