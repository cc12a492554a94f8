"""Make what clients know a server by, once for several: certificate, SSH host key, cloak key.

The nodes of one network look like one server only if all of them show the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from hubbub.server import certificate as certificates
from hubbub.server.identity import CERTIFICATE, CLOAK_KEY, SSH_KEY, TLS_KEY, make_cloak_key
from hubbub.settings import SettingsError, working_directory
from hubbub.settings.sources import is_there
from hubbub.transport.errors import HostKeyError
from hubbub.transport.ssh.host_keys import fingerprint, load_host_keys, make_host_key

_HERE = ("localhost", "127.0.0.1", "::1")
_FILES = (CERTIFICATE, TLS_KEY, SSH_KEY, f"{SSH_KEY}.pub", CLOAK_KEY)


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """Name the directory of the files, and what clients see of them."""

    directory: Path
    certificate: str
    host_key: str

    def settings(self) -> str:
        """Return the settings that name the files, as TOML."""
        return "\n".join(
            (
                f"cloak_key_file = {self._quoted(CLOAK_KEY)}",
                "",
                "[tls]",
                f"certificate = {self._quoted(CERTIFICATE)}",
                f"key = {self._quoted(TLS_KEY)}",
                "",
                "[ssh]",
                f"host_keys = [{self._quoted(SSH_KEY)}]",
            )
        )

    def _quoted(self, name: str) -> str:
        """Return a file's path as a basic string of TOML."""
        path = str(self.directory / name)
        return f'"{"".join(map(_escaped, path))}"'


def make_identity(directory: Path, names: Sequence[str]) -> NewIdentity:
    """Make the files in a directory (0700, made where it is missing), secrets with mode 0600.

    `names` are the hosts and addresses that the certificate is for, besides this machine's own.
    Raise SettingsError where one of the files is there already, or cannot be made.
    """
    hosts = [*_HERE, *map(_checked, names)]
    directory = working_directory() / directory
    there = [name for name in _FILES if is_there(directory / name)]
    if there:
        raise SettingsError(
            f"{directory} holds {', '.join(there)} already, and nothing was made: who has seen "
            "those would be alarmed by others; name another directory, or move them away"
        )
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(directory, hosts)
    except (OSError, HostKeyError) as error:
        # Half of it would be in the way of the next attempt.
        for name in _FILES:
            with contextlib.suppress(OSError):
                (directory / name).unlink()
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(f"{directory} cannot take the keys: {reason}; mend that") from None
    (key,) = load_host_keys([directory / SSH_KEY], directory)
    return NewIdentity(
        directory, certificates.fingerprint(directory / CERTIFICATE), fingerprint(key)
    )


def _make(directory: Path, hosts: Sequence[str]) -> None:
    certificates.make_certificate(
        directory / CERTIFICATE, directory / TLS_KEY, dict.fromkeys(hosts)
    )
    make_host_key(directory / SSH_KEY)
    make_cloak_key(directory / CLOAK_KEY)


def _checked(name: str) -> str:
    try:
        return str(ip_address(name))
    except ValueError:
        if ":" in name or not certificates.is_host(name):
            raise SettingsError(
                f'"{name}" is neither a host name nor an address; give --name chat.example.org'
            ) from None
        return name


def _escaped(char: str) -> str:
    return char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08X}"
