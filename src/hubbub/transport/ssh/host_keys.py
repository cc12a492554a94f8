"""The keys by which clients know this server again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncssh

from hubbub.transport.errors import HostKeyError
from hubbub.whole_files import FileUnusable, read_whole, write_whole

MADE: Final = "ssh_host_ed25519_key"
"""The name of the key that is made at a first start."""
KEY_BYTES: Final = 64 * 1024
"""How long the file of a key may be; of more nothing is used."""


def load_host_keys(paths: Sequence[Path], directory: Path) -> list[asyncssh.SSHKey]:
    """Return the host keys: those of `paths`, or the one in `directory`, made where it is missing.

    Raise HostKeyError.
    """
    if not paths:
        made = directory / MADE
        if not made.exists():
            make_host_key(made)
        paths = (made,)
    keys = [_read(path) for path in paths]
    names = [key.algorithm for key in keys]
    if len(set(names)) < len(names):
        raise HostKeyError("ssh.host_keys names two keys of one kind; keep one of each")
    return keys


def fingerprint(key: asyncssh.SSHKey) -> str:
    """Return a key's fingerprint, as `ssh-keygen -l` prints it: `SHA256:...`."""
    return key.get_fingerprint()


def _read(path: Path) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(read_whole(path, KEY_BYTES))
    except FileUnusable as error:
        raise HostKeyError(f"host key {path} {error}") from None
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise HostKeyError(
            f"host key {path} is no private key without passphrase: {error}"
        ) from None


def make_host_key(path: Path) -> None:
    """Make an Ed25519 key, its public half beside it, at once or not at all. Raise HostKeyError."""
    key = asyncssh.generate_private_key("ssh-ed25519", comment="hubbub")
    try:
        write_whole(path.with_suffix(".pub"), key.export_public_key(), 0o644)
        write_whole(path, key.export_private_key(), 0o600)
    except OSError as error:
        reason = error.strerror or error
        raise HostKeyError(f"host key {path} cannot be written: {reason}") from None
