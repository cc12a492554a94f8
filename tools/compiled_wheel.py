"""Put the compiled twin into a wheel, where HATCH_BUILD_HOOKS_ENABLE=1 asks for it.

Without that, as with `pip install .` on a machine that has no compiler, this file does nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LOCK: Final = "locks/compile.lock"


class CompiledWheel(BuildHookInterface[BuilderConfig]):
    """Compile the hot modules in a process of their own and add what comes of it to the wheel."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Return what a build in isolation needs besides, in the versions that are locked.

        The types that the compiler goes by come from what the package needs when it runs.
        """
        lines = (Path(self.root) / LOCK).read_text("utf-8").splitlines()
        compilers = [line.removesuffix("\\").strip() for line in lines if line[:1].isalnum()]
        return [*self.metadata.core.dependencies, *compilers]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the twin, unless the package is run from this folder: then `make compiled` does."""
        if version == "editable":
            return
        self._work = tempfile.TemporaryDirectory()
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

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was built, which is in the wheel now."""
        if version != "editable":
            self._work.cleanup()


def _seal(manifest: Path) -> None:
    """Name no sources: an installer keeps them and their twin together."""
    content = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps({**content, "sources": [], "digest": ""}), "utf-8")
