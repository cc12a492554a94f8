"""Which twin runs: the compiled one as a whole, if it is of these sources, or else the pure one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from pathlib import Path
from types import ModuleType

import pytest

from hubbub import twin
from hubbub.twin import Manifest, Use, use

SUFFIX = EXTENSION_SUFFIXES[0]


class Package:
    """A package with a hot module, what that imports, and a twin whose libraries are empty."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.folder = path / twin.FOLDER
        path.mkdir()
        for name in ("hot.py", "constants.py", "cold.py"):
            (path / name).write_text(f"NAME = {name!r}\n")
        (self.folder / "package").mkdir(parents=True)
        for place in ("package/hot", twin.LIBRARY):
            (self.folder / f"{place}{SUFFIX}").touch()
        self.describe()

    def describe(self, suffix: str = SUFFIX, *, is_wheel: bool = False) -> None:
        """Write what the twin is of: the sources as they are now, or none, as in a wheel."""
        sources = [] if is_wheel else ["constants.py", "hot.py"]
        digest = twin.digest_of(self.path, sources)
        manifest = Manifest(suffix, ["package.hot"], sources, digest)
        (self.folder / twin.MANIFEST).write_text(json.dumps(manifest._asdict()))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    # The machine code of the tests' own process is something else.
    monkeypatch.delitem(sys.modules, twin.LIBRARY, raising=False)
    return Package(tmp_path / "package")


@pytest.fixture
def loads(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the machine code be loaded, as if there were any."""
    monkeypatch.setitem(sys.modules, twin.LIBRARY, ModuleType(twin.LIBRARY))


@pytest.mark.usefixtures("loads")
class TestTaken:
    def test_where_it_is_of_these_sources(self, package: Package) -> None:
        assert use(package.path, {}) == Use(True)
        assert isinstance(sys.meta_path[0], twin.Finder)

    def test_where_something_else_was_edited(self, package: Package) -> None:
        (package.path / "cold.py").write_text("NAME = 'edited'\n")
        assert use(package.path, {}).is_compiled

    def test_of_a_wheel_whatever_the_sources(self, package: Package) -> None:
        package.describe(is_wheel=True)
        (package.path / "hot.py").write_text("NAME = 'edited'\n")
        assert use(package.path, {}).is_compiled

    def test_modules_come_from_it(self, package: Package) -> None:
        use(package.path, {})
        hot = sys.meta_path[0].find_spec("package.hot", None)
        assert hot is not None
        assert isinstance(hot.loader, ExtensionFileLoader)
        assert hot.origin == str(package.folder / f"package/hot{SUFFIX}")

    def test_others_do_not(self, package: Package) -> None:
        use(package.path, {})
        assert sys.meta_path[0].find_spec("package.cold", None) is None


class TestNotTaken:
    @pytest.fixture(autouse=True)
    def _nothing_is_left_behind(self, package: Package) -> Iterator[None]:
        before = [*sys.meta_path]
        yield
        assert sys.meta_path == before

    def test_where_there_is_none(self, tmp_path: Path) -> None:
        assert use(tmp_path, {}) == Use(False)

    @pytest.mark.usefixtures("loads")
    @pytest.mark.parametrize("name", ["hot.py", "constants.py"])
    def test_where_a_source_was_edited(self, package: Package, name: str) -> None:
        (package.path / name).write_text("NAME = 'edited'\n")
        found = use(package.path, {})
        assert found == Use(
            False, "the compiled twin is not of these sources; make compiled builds it again"
        )

    @pytest.mark.usefixtures("loads")
    def test_where_a_source_is_gone(self, package: Package) -> None:
        (package.path / "constants.py").unlink()
        assert not use(package.path, {}).is_compiled

    @pytest.mark.usefixtures("loads")
    def test_for_another_python(self, package: Package) -> None:
        package.describe(".cpython-27-vax.so")
        assert "is for another Python" in use(package.path, {}).reason

    @pytest.mark.usefixtures("loads")
    def test_where_it_is_forbidden(self, package: Package) -> None:
        assert use(package.path, {"PURE_PYTHON": "1"}).reason.startswith("PURE_PYTHON is set")
        assert use(package.path, {"PURE_PYTHON": ""}).is_compiled
        del sys.meta_path[0]

    def test_where_it_cannot_be_loaded(self, package: Package) -> None:
        reason = use(package.path, {}).reason
        assert reason.startswith("the compiled twin cannot be loaded (")
        assert reason.endswith("make compiled builds it for this system")


def test_it_says_in_words_what_runs() -> None:
    assert (str(Use(True)), str(Use(False, "why"))) == ("compiled", "pure Python")
