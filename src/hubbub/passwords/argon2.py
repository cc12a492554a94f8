"""Passwords: hashed with argon2id, and checked against such a hash."""

import unicodedata
from typing import Final

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

# More than a line of 512 bytes takes after PASS or OPER: SASL messages and the control socket do.
MAX_PASSWORD_BYTES: Final = 1000

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)


def hash_password(password: str) -> str:
    """Return an argon2id hash: 19 MiB, 2 passes, 1 lane (RFC 9106), with a random salt.

    Raises ValueError when a client could not send the password: it is empty, too long, or holds
    NUL, CR or LF.
    """
    if not password:
        raise ValueError("the password is empty")
    if len(_prepared(password)) > MAX_PASSWORD_BYTES:
        raise ValueError(f"the password is longer than {MAX_PASSWORD_BYTES} bytes")
    if any(char in "\0\r\n" for char in password):
        raise ValueError("the password holds NUL, CR or LF")
    return _HASHER.hash(_prepared(password))


def verify_password(password_hash: str, password: str) -> bool:
    """Tell whether a password belongs to a hash; False for a hash that is none.

    Takes some 30 ms and releases the interpreter's lock meanwhile: call it in a worker thread.
    """
    if len(password) > MAX_PASSWORD_BYTES:
        return False
    try:
        return _HASHER.verify(password_hash, _prepared(password))
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def _prepared(password: str) -> bytes:
    """Return what is hashed: UTF-8 of the composed form, so that keyboards do not matter."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogateescape")
