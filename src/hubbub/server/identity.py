"""The files of a data directory by which clients know the server again, and which belong together.

A server that made the missing ones anew would be another one to everybody, without a word.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Final

from hubbub.passwords.secret_file import is_exposed
from hubbub.server.data_directory import PASSING
from hubbub.server.files import RESTORING
from hubbub.settings import NotNow, Settings, SettingsError
from hubbub.whole_files import FileUnusable, read_whole, write_whole

CLOAK_KEY: Final = "cloak.key"
CLOAK_KEY_BYTES: Final = 32
_MOST_BYTES: Final = 1024
"""How much of what should be such a key is read, to say how long it is."""
SSH_KEY: Final = "ssh_host_ed25519_key"
CERTIFICATE: Final = "certificate.pem"
TLS_KEY: Final = "key.pem"

_WITHOUT: Final = {
    CLOAK_KEY: "with a new one, hosts look different and bans of hosts match nobody",
    SSH_KEY: "with a new one, ssh warns everybody",
    CERTIFICATE: "with a new one, clients warn everybody",
    TLS_KEY: "with a new one, clients warn everybody",
}


class Identity:
    """Know which files a server with these settings makes for itself, and watch over them."""

    def __init__(self, settings: Settings) -> None:
        """Look at no file yet."""
        self._directory = settings.data_dir
        self._cloak_key_file = settings.cloak_key_file
        self._keys = (
            settings.cloak_key_file or self._directory / CLOAK_KEY,
            settings.tls.key or self._directory / TLS_KEY,
            *(settings.ssh.host_keys or (self._directory / SSH_KEY,)),
        )
        self._needed = [CLOAK_KEY] if settings.cloak_key_file is None else []
        if settings.tls.certificate is None:
            self._needed += [CERTIFICATE, TLS_KEY]
        if settings.doors.ssh and not settings.ssh.host_keys:
            self._needed.append(SSH_KEY)

    def check_journal(self, journal: Path) -> None:
        """Raise SettingsError where there is no journal, but a server was here."""
        try:
            is_empty = journal.stat().st_size == 0
        except FileNotFoundError:
            is_empty = True
        if is_empty and (self._directory / RESTORING).exists():
            raise SettingsError(
                f"{journal} is missing: a backup was being restored to {self._directory}, and that "
                "did not come to its end; run `hubbub restore` again, with --replace"
            )
        if is_empty and (self._directory / CLOAK_KEY).exists():
            rescued = journal.with_name(f"{journal.name}-rescued")
            hint = f"move {rescued.name} to its place" if rescued.exists() else "restore a backup"
            raise SettingsError(
                f"{journal} is missing or empty, but {CLOAK_KEY} shows that a server was here: all "
                f"accounts and messages would be gone; {hint}, or start once with --accept-loss to "
                "begin anew"
            )

    def check_files(self, known: Collection[str]) -> None:
        """Raise SettingsError where a file of those that were `known` at a start is missing."""
        for name in self._needed:
            if name in known and not (self._directory / name).exists():
                raise SettingsError(
                    f"{self._directory / name} is missing, and was here before; restore it from a "
                    f"backup, or start once with --accept-loss ({_WITHOUT[name]})"
                )

    def missing(self) -> list[Path]:
        """Return the files that a start would have to make."""
        paths = [self._directory / name for name in self._needed]
        return [path for path in paths if not path.exists()]

    def present(self) -> list[str]:
        """Return the files that are there."""
        return [name for name in _WITHOUT if (self._directory / name).exists()]

    def exposed(self) -> list[Path]:
        """Return the keys that everybody on this machine may read."""
        return [path for path in self._keys if is_exposed(path)]

    def cloak_key(self) -> bytes:
        """Return the key that hosts are cloaked with: the operator's, or made at the first start.

        Raise SettingsError.
        """
        if self._cloak_key_file is not None:
            return _read_shared(self._cloak_key_file)
        path = self._directory / CLOAK_KEY
        try:
            if not path.exists():
                make_cloak_key(path)
            key = read_whole(path, _MOST_BYTES)
        except FileUnusable as error:
            kind = NotNow if error.code in PASSING else SettingsError
            raise kind(f"{path} {error}") from None
        except OSError as error:
            kind = NotNow if error.errno in PASSING else SettingsError
            raise kind(f"{path} cannot be made or read: {error.strerror}; mend that") from None
        if len(key) != CLOAK_KEY_BYTES:
            raise SettingsError(
                f"{path} is no key; restore it, or remove it and start once with --accept-loss "
                f"({_WITHOUT[CLOAK_KEY]})"
            )
        return key

    def check_cloak_key(self, key: bytes, known: str) -> None:
        """Raise SettingsError where a start before had another key: `known` is its mark."""
        if known and mark_of(key) != known:
            path = self._cloak_key_file or self._directory / CLOAK_KEY
            raise SettingsError(
                f"{path} is another key than this server had; set cloak_key_file to that one "
                f"(without the setting it is {CLOAK_KEY} in the data directory), or start once "
                f"with --accept-loss ({_WITHOUT[CLOAK_KEY]})"
            )


def mark_of(key: bytes) -> str:
    """Return by what a cloak key is known again, and which does not tell it."""
    return hashlib.sha256(b"hubbub cloak key " + key).hexdigest()[:16]


def _read_shared(path: Path) -> bytes:
    try:
        key = read_whole(path, _MOST_BYTES)
    except FileUnusable as error:
        raise SettingsError(f"cloak_key_file {path} {error}") from None
    if len(key) != CLOAK_KEY_BYTES:
        raise SettingsError(
            f"cloak_key_file {path} is no key: it has {len(key)} bytes, not {CLOAK_KEY_BYTES}; "
            "restore it, or take the cloak.key of a server; `hubbub identity make` makes new ones"
        )
    return key


def make_cloak_key(path: Path) -> None:
    """Make a key of 32 random bytes, at once or not at all. Raise OSError."""
    write_whole(path, secrets.token_bytes(CLOAK_KEY_BYTES), 0o600)
