"""Secrets that stand in files: `mail.password_file` names one that holds `mail.password`.

Each setting that is marked SECRET has such a name beside its own, in every place where settings are
written: so a secret need not be in the environment, which a process's children and whoever inspects
a container see, nor in a file that others may read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from hubbub.passwords.secret_file import is_exposed, read_secret
from hubbub.settings.error import SettingsError
from hubbub.settings.model import Settings
from hubbub.settings.notices import Notice
from hubbub.settings.section import is_secret, table_of
from hubbub.settings.sources import SUFFIX, Source, Tree
from hubbub.settings.values import expanded
from hubbub.whole_files import FileUnusable

EXPOSED: Final = "everybody on this machine may read a secret; chmod o= its file"


class SecretFiles:
    """Read the secrets that sources name files for; relative paths are meant from `cwd`.

    `found` holds a source for each, to be told of in messages, `notices` what the log is to say.
    """

    def __init__(self, sources: Sequence[Source], cwd: Path) -> None:
        self._sources = sources
        self._cwd = cwd
        self.found: list[Source] = []
        self.notices: list[Notice] = []

    def put_into(self, tree: Tree) -> Tree:
        """Return a tree of all sources with what the files hold in it. Raise SettingsError."""
        self._refuse_shown(Settings, ())
        return self._filled(tree, Settings, ())

    def _filled(self, tree: Tree, model: type[BaseModel], above: tuple[str, ...]) -> Tree:
        filled = dict(tree)
        for name, field in model.model_fields.items():
            path, (table, is_named) = (*above, name), table_of(field)
            given = filled.get(name)
            if is_secret(field):
                self._fill(filled, path, field.annotation)
            elif table is not None and isinstance(given, dict):
                filled[name] = (
                    {
                        key: self._filled(each, table, (*path, key))
                        if isinstance(each, dict)
                        else each
                        for key, each in given.items()
                    }
                    if is_named
                    else self._filled(given, table, path)
                )
        return filled

    def _fill(self, table: Tree, path: tuple[str, ...], kind: Any) -> None:
        """Take the name of a file out of a table, and put in what the file holds."""
        file_path = (*path[:-1], path[-1] + SUFFIX)
        named = table.pop(file_path[-1], "")
        # Empty is not set, as compose files write it; so a stronger place takes a file back.
        if named == "":
            return
        where = self._place(file_path)
        if not isinstance(named, str):
            raise SettingsError(f"{where} must be a path in quotes")
        if table.get(path[-1], "") != "":
            raise SettingsError(f"{where} and {self._place(path)} are both set; remove one of them")
        try:
            file = self._cwd / expanded(named)
            table[path[-1]] = read_secret(file)
        except (FileUnusable, ValueError) as error:
            raise SettingsError(f"{where} {named} {error}") from None
        if is_exposed(file):
            self.notices.append(Notice("warning", EXPOSED, {"setting": where, "file": str(file)}))
        self.found.append(_source_of(file, path))

    def _place(self, path: tuple[str, ...]) -> str:
        """Return where a setting is written, and its name there."""
        source = next(each for each in reversed(self._sources) if each.holds(path))
        return f"{source.where}: {source.name(path)}"

    def _refuse_shown(self, model: type[BaseModel], above: tuple[str, ...]) -> None:
        """Refuse secrets in plain words in a file of settings; hashes may stand there."""
        for name, field in model.model_fields.items():
            path, (table, is_named) = (*above, name), table_of(field)
            if table is not None and not is_named:
                self._refuse_shown(table, path)
            elif is_secret(field) and field.annotation in (SecretStr, SecretStr | None):
                for source in self._sources:
                    if not source.variables and source.holds(path):
                        raise SettingsError(_shown(source, path))


def _shown(source: Source, path: tuple[str, ...]) -> str:
    name = source.name(path)
    return (
        f"{source.where}: {name} is a secret, which this file would show to whoever may read it; "
        f"set {Source('', {}, variables=True).name(path)} in the environment, or {name}{SUFFIX}"
    )


def _source_of(file: Path, path: tuple[str, ...]) -> Source:
    """Return the file as a place where one setting stands, for what is wrong with its value."""
    tree: Any = ""
    for name in reversed(path):
        tree = {name: tree}
    return Source(str(file), tree)
