"""The tokens with which this device logs in: in the system's keyring, or in a private file.

The file names the accounts of each server; it holds their tokens only where there is no keyring
(the optional library `keyring`, with a keyring behind it that takes them).
"""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hubbub.terminal.profile import read_text, replace_text

SERVICE: Final = "hubbub"
"""The name under which the tokens stand in the keyring."""
_KEYRING: Final = "keyring"


@dataclass(frozen=True, slots=True)
class KeptToken:
    """Hold a token, whose account it is, and its name in the server's list."""

    account: str
    name: str
    token: str


class Tokens:
    """Keep one token for each account of each server."""

    def __init__(self, path: Path, server: str) -> None:
        """Use this file; `server` is HOST:PORT."""
        self._path = path
        self._server = server

    def find(self, account: str = "") -> KeptToken | None:
        """Return the token of an account, of the one used last without a name; None without one."""
        held = self._held()
        wanted = next((name for name in held if name.lower() == account.lower()), "")
        if not account:
            wanted = list(held)[-1] if held else ""
        entry = held.get(wanted)
        if not isinstance(entry, dict):
            return None
        name, token = entry.get("name"), entry.get("token")
        if token is None:
            token = _from_keyring(f"{wanted}@{self._server}")
        if not (isinstance(name, str) and isinstance(token, str) and token):
            return None
        return KeptToken(wanted, name, token)

    def keep(self, kept: KeptToken) -> str:
        """Keep a token in the place of any other of its account; return where. Raises OSError."""
        in_keyring = _to_keyring(f"{kept.account}@{self._server}", kept.token)
        entry = {"name": kept.name, "token": None if in_keyring else kept.token}
        held = self._without(kept.account)
        held[kept.account] = entry
        self._write(held)
        return "your keyring" if in_keyring else str(self._path)

    def forget(self, account: str) -> None:
        """Forget the token of an account. Raises OSError."""
        _drop_from_keyring(f"{account}@{self._server}")
        self._write(self._without(account))

    def _without(self, account: str) -> dict[str, Any]:
        return {
            name: entry for name, entry in self._held().items() if name.lower() != account.lower()
        }

    def _everything(self) -> dict[str, Any]:
        try:
            found = json.loads(read_text(self._path))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _held(self) -> dict[str, Any]:
        held = self._everything().get(self._server)
        return held if isinstance(held, dict) else {}

    def _write(self, held: dict[str, Any]) -> None:
        everything = self._everything()
        everything.pop(self._server, None)
        if held:
            everything[self._server] = held
        replace_text(self._path, json.dumps(everything, indent=1) + "\n")


def _keyring() -> Any:
    """Return the library, or None: it is optional, and loading it takes a while."""
    try:
        return importlib.import_module(_KEYRING)
    except ImportError:
        return None


def _to_keyring(name: str, token: str) -> bool:
    keyring = _keyring()
    if keyring is None:
        return False
    try:
        keyring.set_password(SERVICE, name, token)
        # Some keyrings take everything and keep nothing.
        return bool(keyring.get_password(SERVICE, name) == token)
    except keyring.errors.KeyringError:
        return False


def _from_keyring(name: str) -> str | None:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        found = keyring.get_password(SERVICE, name)
    except keyring.errors.KeyringError:
        return None
    return found if isinstance(found, str) else None


def _drop_from_keyring(name: str) -> None:
    keyring = _keyring()
    if keyring is None:
        return
    try:
        keyring.delete_password(SERVICE, name)
    except keyring.errors.KeyringError:
        return
