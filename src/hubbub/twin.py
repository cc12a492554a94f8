"""Running the compiled twin of the hot modules: the same sources as machine code, if it is there.

`make compiled`, and a wheel that was built so, put it into `_compiled/`, which is on no import
path. It is taken as a whole or not at all, and only where it was made from the sources that lie
beside it: an edited file must never run in silence as it was before. That concerns whatever the
hot modules import, too, for constants of it are in the machine code.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

VARIABLE: Final = "PURE_PYTHON"
"""The environment variable that, if it is not empty, keeps the compiled twin from being used."""
FOLDER: Final = "_compiled"
MANIFEST: Final = "manifest.json"
LIBRARY: Final = "hubbub__mypyc"
"""The module that holds all machine code; each compiled module is a door to its part of it."""

AGAIN: Final = "make compiled builds it"


class Use(NamedTuple):
    """Say which twin runs, and, where a compiled one is there and does not, why."""

    is_compiled: bool
    reason: str = ""

    def __str__(self) -> str:
        """Return `compiled` or `pure Python`."""
        return "compiled" if self.is_compiled else "pure Python"


class Manifest(NamedTuple):
    """What a compiled twin is of.

    `suffix` is that of its libraries, which names the Python that they are for. `modules` are the
    compiled ones. `digest` is that of the `sources` (paths in the package): there are none in a
    wheel, of which the installer keeps both together.
    """

    suffix: str
    modules: Sequence[str]
    sources: Sequence[str]
    digest: str


class Finder:
    """Find the compiled modules before the import system finds their sources."""

    def __init__(self, package: Path, manifest: Manifest) -> None:
        self._package = package
        self._manifest = manifest
        self._names = frozenset((*manifest.modules, LIBRARY))

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where a module's machine code is, or None for what is not compiled."""
        if name not in self._names:
            return None
        place = name.replace(".", "/")
        library = self._package / FOLDER / f"{place}{self._manifest.suffix}"
        return spec_from_file_location(name, library)


def digest_of(package: Path, sources: Iterable[str]) -> str:
    """Return the digest of these files, each with its path in the package."""
    found = hashlib.sha256()
    for source in sources:
        content = (package / source).read_bytes()
        found.update(f"{source} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()


def begin() -> Use:
    """Have this package run the twin that it may; to be called before anything of it is loaded."""
    return use(Path(__file__).parent, os.environ)


def use(package: Path, environment: Mapping[str, str]) -> Use:
    """Have the modules of a package come from its compiled twin, where that may be; say whether."""
    try:
        text = (package / FOLDER / MANIFEST).read_text("utf-8")
    except OSError:
        return Use(False)
    if environment.get(VARIABLE):
        return Use(False, f"{VARIABLE} is set, so the compiled twin is not used")
    manifest = Manifest(**json.loads(text))
    if manifest.suffix not in EXTENSION_SUFFIXES:
        return Use(False, f"the compiled twin is for another Python; {AGAIN} for this one")
    if manifest.sources and not _is_of(package, manifest):
        return Use(False, f"the compiled twin is not of these sources; {AGAIN} again")
    finder = Finder(package, manifest)
    sys.meta_path.insert(0, finder)
    try:
        import_module(LIBRARY)
    except ImportError as error:
        sys.meta_path.remove(finder)
        return Use(False, f"the compiled twin cannot be loaded ({error}); {AGAIN} for this system")
    return Use(True)


def _is_of(package: Path, manifest: Manifest) -> bool:
    try:
        return digest_of(package, manifest.sources) == manifest.digest
    except OSError:
        return False
