"""Signatures that `ssh-keygen -Y sign` makes (OpenSSH, PROTOCOL.sshsig)."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from asyncssh.public_key import decode_ssh_public_key

from hubbub.transport.ssh.algorithms import CLIENT_KEYS

_MAGIC: Final = b"SSHSIG"
_VERSION: Final = 1
_HASHES: Final = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
KEY_BYTES: Final = 2048
"""The longest public key that is looked at; RSA of 8192 bits has some 1050."""
_MODULUS_BITS: Final = 8192
_EXPONENT_BITS: Final = 32
"""The largest of an RSA key. What a check takes grows with the first and, steeply, with the second:
with one as long as the modulus a check takes 20 ms. All that people have is 65537 or less."""


class _Incomplete(Exception):
    """Say that there are fewer bytes than are announced."""


class _Fields:
    """Take apart what SSH puts together (RFC 4251 5)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes. Raise _Incomplete."""
        end = self.at + count
        if end > len(self._data):
            raise _Incomplete
        taken, self.at = self._data[self.at : end], end
        return taken

    def number(self) -> int:
        """Return the next uint32. Raise _Incomplete."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """Return the next string. Raise _Incomplete."""
        return self.take(self.number())


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def is_ordinary(key: bytes) -> bool:
    """Say whether signatures of a public key, in SSH's form, are checked within a millisecond.

    Anybody can make up a key, and need not be able to sign with it.
    """
    fields = _Fields(key)
    try:
        if fields.string() != b"ssh-rsa":
            return len(key) <= KEY_BYTES
        exponent, modulus = (int.from_bytes(fields.string(), "big") for _ in range(2))
    except _Incomplete:
        return False
    return exponent.bit_length() <= _EXPONENT_BITS and modulus.bit_length() <= _MODULUS_BITS


def signer(text: str, namespace: str, armored: str) -> str | None:
    """Return the fingerprint of the key that signed a text, "" for none, None where more must come.

    `armored` is the signature in base64, without the lines around it. The text may have been signed
    with a newline at its end, as `echo` adds one.
    """
    try:
        data = base64.b64decode(armored[: len(armored) - len(armored) % 4], validate=True)
    except ValueError:
        # Also what is no ASCII: binascii's own error is one of these.
        return ""
    fields = _Fields(data)
    try:
        if fields.take(len(_MAGIC)) != _MAGIC or fields.number() != _VERSION:
            return ""
        key, given = fields.string(), fields.string()
        reserved, hashed, signature = fields.string(), fields.string(), fields.string()
    except _Incomplete:
        return None
    if fields.at != len(data) or given != namespace.encode() or hashed not in _HASHES:
        return ""
    digest = _HASHES[hashed]
    head = _MAGIC + _string(given) + _string(reserved) + _string(hashed)
    signed = [head + _string(digest(said.encode()).digest()) for said in (text, f"{text}\n")]
    return _checked(key, signature, signed)


def _checked(key: bytes, signature: bytes, signed: list[bytes]) -> str:
    """Return the fingerprint of a key if it made the signature of one of these."""
    try:
        # As at the door: none with SHA-1, which PROTOCOL.sshsig rules out, too.
        algorithm = _Fields(signature).string().decode()
        if not is_ordinary(key) or algorithm not in CLIENT_KEYS:
            return ""
        found = decode_ssh_public_key(key)
        right = any(found.verify(data, signature) for data in signed)
    except Exception:
        # Whatever a key that somebody made up does to the libraries, it proves nothing.
        return ""
    return str(found.get_fingerprint()) if right else ""
