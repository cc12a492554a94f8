"""Build the compiled twin of the hot modules, by mypyc, where this checkout runs it.

Which modules, why these, and what they gain: docs/decisions/compiled-twin.md. When a twin is run:
src/hubbub/twin.py. Run: make compiled, or python -m tools.compiled_twin [FOLDER].
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from hubbub import twin

ROOT: Final = Path(__file__).parents[1]
PACKAGE: Final = ROOT / "src" / "hubbub"
LIST: Final = Path(__file__).with_name("compiled_modules.txt")
SUFFIX: Final = str(sysconfig.get_config_var("EXT_SUFFIX"))
"""What libraries for this Python end with."""


class CannotCompile(Exception):
    """What a compiler needs is missing, or it failed; the message says what to do."""


def modules_of(text: str) -> list[str]:
    """Return the modules of a list as they are imported: `irc/names` is hubbub.irc.names."""
    lines = (line.strip() for line in text.splitlines())
    return [f"hubbub.{line.replace('/', '.')}" for line in lines if line and line[0] != "#"]


def path_of(package: Path, module: str) -> Path:
    """Return the file of a module of the package."""
    place = package.parent / module.replace(".", "/")
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def written_in_c(package: Path, module: str) -> Path | None:
    """Return the file in C that a module has beside its own, None where there is none."""
    path = path_of(package, module).with_suffix(".c")
    return path if path.exists() else None


def sources_of(package: Path, modules: Sequence[str]) -> list[str]:
    """Return the files of these modules and of all of the package that they import, sorted.

    Constants of what is imported are in the machine code, so this is what it is made from.
    """
    in_c = [written for module in modules if (written := written_in_c(package, module))]
    found: set[Path] = set()
    waiting = [path_of(package, module) for module in modules]
    while waiting:
        path = waiting.pop()
        if path not in found and path.exists():
            found.add(path)
            tree = ast.parse(path.read_bytes())
            waiting += [path_of(package, name) for name in _imported(tree, package.name)]
    return sorted(str(path.relative_to(package)) for path in (*found, *in_c))


def _imported(tree: ast.Module, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)
            names = [node.module]
        else:
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
        yield from (name for name in names if name.partition(".")[0] == package)


def check_compiler() -> None:
    """Raise CannotCompile where there is no compiler, or nothing to compile against."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    header = Path(sysconfig.get_path("include")) / "Python.h"
    missing = [
        what
        for what, is_there in (
            (f"a C compiler ({compiler})", shutil.which(compiler)),
            (str(header), header.exists()),
        )
        if not is_there
    ]
    if missing:
        raise CannotCompile(
            f"missing: {', '.join(missing)}; Debian: sudo apt install gcc python3-dev. "
            "Without them Hubbub runs in pure Python."
        )


def build(target: Path) -> None:
    """Compile the listed modules and put them, with what they are of, where `target` says.

    Where the twin of this checkout is of these sources already, that is taken. What was there is
    replaced in one go: who runs it goes on with the old. Raises CannotCompile.
    """
    modules = modules_of(LIST.read_text("utf-8"))
    sources = sources_of(PACKAGE, modules)
    digest = twin.digest_of(PACKAGE, sources)
    manifest = twin.Manifest(SUFFIX, modules, sources, digest)
    if _read(PACKAGE / twin.FOLDER) == manifest:
        if target != PACKAGE / twin.FOLDER:
            shutil.copytree(PACKAGE / twin.FOLDER, target)
        return
    check_compiler()
    new, old = target.with_suffix(".new"), target.with_suffix(".old")
    for folder in (new, old):
        shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as work:
        translated = [one for one in modules if not written_in_c(PACKAGE, one)]
        extensions = [*_translated(translated, Path(work)), *_written(modules)]
        _link(extensions, Path(work) / "o", new)
    (new / twin.MANIFEST).write_text(json.dumps(manifest._asdict(), indent=1) + "\n", "utf-8")
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _read(folder: Path) -> twin.Manifest | None:
    """Return what the twin in a folder is of."""
    path = folder / twin.MANIFEST
    return twin.Manifest(**json.loads(path.read_text("utf-8"))) if path.exists() else None


def _translated(modules: Sequence[str], work: Path) -> list[Any]:
    """Return the extensions (setuptools) whose C mypyc has made of the modules."""
    # Imported here: nobody who does not compile has it.
    from mypyc.build import mypycify

    # As they are named here, they are named in tracebacks.
    paths = [str(path_of(PACKAGE, module).relative_to(ROOT)) for module in modules]
    said = io.StringIO()
    with contextlib.chdir(ROOT), contextlib.redirect_stdout(said):
        try:
            extensions: list[Any] = mypycify(
                ["--cache-dir", str(work / "cache"), *paths],
                opt_level="2",
                debug_level="0",
                # 10 MB of C in one file take the compiler a gigabyte.
                multi_file=True,
                target_dir=str(work / "c"),
                group_name="hubbub",
            )
        except SystemExit:
            raise CannotCompile(f"mypyc refuses the sources:\n{said.getvalue()}") from None
    return extensions


def _written(modules: Sequence[str]) -> list[Any]:
    """Return the extensions of the modules that are written in C."""
    from setuptools import Extension

    found = ((module, written_in_c(PACKAGE, module)) for module in modules)
    flags = ["-O2", "-Wall", "-Wextra", "-Wno-unused-parameter"]
    return [Extension(name, [str(path)], extra_compile_args=flags) for name, path in found if path]


def _link(extensions: Sequence[Any], work: Path, made: Path) -> None:
    """Compile the C, on all CPUs, and link it into `made`. Raises CannotCompile."""
    # setuptools' own, since that has been imported.
    from distutils.ccompiler import new_compiler
    from distutils.errors import CCompilerError
    from distutils.sysconfig import customize_compiler

    compiler = new_compiler()
    customize_compiler(compiler)
    headers = sorted({sysconfig.get_path("include"), sysconfig.get_path("platinclude")})

    def compiled(extension: Any, source: str) -> list[str]:
        # What a newer compiler warns of is no reason to fail.
        flags = [flag for flag in extension.extra_compile_args if flag != "-Werror"]
        folders = [*extension.include_dirs, *headers]
        return compiler.compile([source], str(work), include_dirs=folders, extra_postargs=flags)

    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [
                (extension, [pool.submit(compiled, extension, one) for one in extension.sources])
                for extension in extensions
            ]
        for extension, parts in jobs:
            place = extension.name.removesuffix(".__init__").replace(".", "/")
            library = made / f"{place}{SUFFIX}"
            library.parent.mkdir(parents=True, exist_ok=True)
            compiler.link_shared_object([o for part in parts for o in part.result()], str(library))
    except CCompilerError as error:
        raise CannotCompile(f"the compiler failed, see above: {error}") from None


def main() -> None:
    """Build the twin, or say what is missing for that."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE / twin.FOLDER
    try:
        build(target)
    except CannotCompile as error:
        sys.exit(f"compiled twin: {error}")


if __name__ == "__main__":
    main()
