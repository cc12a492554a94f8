"""Signing with a host key, as `ssh-keygen -Y verify` knows it (OpenSSH PROTOCOL.sshsig)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from pathlib import Path
from typing import Final

import asyncssh

from hubbub.transport.errors import HostKeyError
from hubbub.transport.ssh.host_keys import KEY_BYTES, load_host_keys
from hubbub.whole_files import FileUnusable, read_whole

_MAGIC: Final = b"SSHSIG"
_HASH: Final = b"sha512"
_BEGIN: Final = "-----BEGIN SSH SIGNATURE-----"
_END: Final = "-----END SSH SIGNATURE-----"
_WIDTH: Final = 70


def sign(path: Path, namespace: str, message: bytes) -> str:
    """Return a message's signature by the key at a path. Raise HostKeyError."""
    (key,) = load_host_keys([path], path.parent)
    # RSA is signed with SHA-2, as OpenSSH wants it; of other kinds there is one way.
    way = (
        next(iter(key.sig_algorithms))
        if not key.algorithm.startswith(b"ssh-rsa")
        else b"rsa-sha2-512"
    )
    made = key.sign(_signed(namespace, message), way)
    parts = (key.public_data, namespace.encode(), b"", _HASH, made)
    data = _MAGIC + struct.pack(">I", 1) + b"".join(map(_string, parts))
    text = base64.b64encode(data).decode()
    lines = [text[at : at + _WIDTH] for at in range(0, len(text), _WIDTH)]
    return "\n".join((_BEGIN, *lines, _END))


def signer_of(signature: str, namespace: str, message: bytes) -> str | None:
    """Return the fingerprint of the key that signed a message, None where none did."""
    body = signature.strip().removeprefix(_BEGIN).removesuffix(_END)
    try:
        data = base64.b64decode("".join(body.split()), validate=True)
        if data[:6] != _MAGIC or data[6:10] != b"\0\0\0\1":
            return None
        public, space, _, algorithm, made = _strings(data[10:])
        (length,) = struct.unpack(">I", public[:4])
        kind = public[4 : 4 + length]
        key = asyncssh.import_public_key(kind + b" " + base64.b64encode(public))
    except (binascii.Error, ValueError, struct.error, asyncssh.KeyImportError):
        return None
    if space != namespace.encode() or algorithm != _HASH:
        return None
    return key.get_fingerprint() if key.verify(_signed(namespace, message), made) else None


def fingerprint_at(path: Path) -> str:
    """Return the fingerprint of a public key in a file. Raise HostKeyError."""
    try:
        return asyncssh.import_public_key(read_whole(path, KEY_BYTES)).get_fingerprint()
    except FileUnusable as error:
        raise HostKeyError(f"{path} {error}") from None
    except (asyncssh.KeyImportError, ValueError) as error:
        raise HostKeyError(f"{path} is no public key of SSH ({error}); name another file") from None


def _signed(namespace: str, message: bytes) -> bytes:
    digest = hashlib.sha512(message).digest()
    return _MAGIC + b"".join(map(_string, (namespace.encode(), b"", _HASH, digest)))


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _strings(data: bytes) -> list[bytes]:
    """Return the five strings that a signature holds. Raise ValueError where they are others."""
    found = []
    while data:
        (length,) = struct.unpack(">I", data[:4])
        if length > len(data) - 4:
            raise ValueError
        found.append(data[4 : 4 + length])
        data = data[4 + length :]
    if len(found) != 5:
        raise ValueError
    return found
