"""Secrets of passwords: an argon2id hash, and SCRAM keys on a second line where they are wanted."""

from typing import Protocol

from hubbub.passwords.argon2 import hash_password, verify_password


class Exchange(Protocol):
    """The server's side of a SCRAM exchange."""

    def first(self, message: str) -> str | None:
        """Take the client's first message; return the server's, or None where it is none."""

    def final(self, message: str) -> str | None:
        """Take the client's proof; return the server's, or None where it is wrong."""


class PasswordVault:
    """Make and check the secrets of passwords, in a worker's thread."""

    def __init__(self, disguise: bytes) -> None:
        """Begin with a key that disguises accounts that do not exist, the same at every start."""
        self._disguise = disguise

    def check(self, secret: str, password: str) -> bool:
        """Say whether a password belongs to a secret."""
        return verify_password(secret.partition("\n")[0], password)

    def make(self, password: str, scram: bool) -> str:
        """Return the secret of a password. Raise ValueError where it is none."""
        hashed = hash_password(password)
        if not scram:
            return hashed
        # Where nobody turned SCRAM on, its library is not loaded.
        from hubbub.passwords.scram import make_keys

        return f"{hashed}\n{make_keys(password)}"

    def exchange(self, account: str, secret: str) -> Exchange:
        """Return a SCRAM exchange for an account."""
        from hubbub.passwords.scram import ScramExchange

        return ScramExchange(account, secret.partition("\n")[2], self._disguise)
