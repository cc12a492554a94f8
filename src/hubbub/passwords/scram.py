"""SCRAM-SHA-256 (RFC 5802, RFC 7677): keys of a password, and the server's side of an exchange."""

import base64
import hashlib
import hmac
import secrets
from typing import Final

from scramp import ScramException, ScramMechanism
from scramp.utils import saslprep

ROUNDS: Final = 600_000
NAME: Final = "SCRAM-SHA-256"
_SALT_BYTES: Final = 16


def make_keys(password: str, rounds: int = ROUNDS) -> str:
    """Return the keys of a password as one line: mechanism$rounds:salt$stored:server (RFC 5803).

    Takes some 0.3 s and releases the interpreter's lock meanwhile.
    """
    salt = secrets.token_bytes(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", saslprep(password).encode(), salt, rounds)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"{NAME}${rounds}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


class ScramExchange:
    """Lead one exchange; `keys` as `make_keys` returns them, or "" for an account that has none.

    Then the salt is one that does not change from time to time, so that it tells nothing, and no
    proof is right.
    """

    def __init__(self, account: str, keys: str, disguise: bytes) -> None:
        """Begin; `disguise` is a key that makes up the salts of those who have none."""
        self._known = bool(keys)
        if keys:
            _, rounds, rest = keys.split("$")
            count, salt = rounds.split(":")
            stored, server = rest.split(":")
            info = (base64.b64decode(salt), base64.b64decode(stored), base64.b64decode(server))
            self._info = (*info, int(count))
        else:
            salted = hmac.digest(disguise, account.encode(), "sha256")[:_SALT_BYTES]
            self._info = (salted, secrets.token_bytes(32), secrets.token_bytes(32), ROUNDS)
        self._server = ScramMechanism(NAME).make_server(lambda user: self._info)

    def first(self, message: str) -> str | None:
        """Take the client's first message; return the server's, or None where it is none."""
        try:
            self._server.set_client_first(message)
            return str(self._server.get_server_first())
        except (ScramException, ValueError, KeyError, IndexError):
            return None

    def final(self, message: str) -> str | None:
        """Take the client's proof; return the server's, or None where it is wrong."""
        try:
            self._server.set_client_final(message)
            reply = str(self._server.get_server_final())
        except (ScramException, ValueError, KeyError, IndexError):
            return None
        return reply if self._known else None
