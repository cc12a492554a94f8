"""SCRAM-SHA-256, the client's side (RFC 5802, RFC 7677): the password never leaves this machine.

The library is loaded when somebody proves a password: it brings one for certificates along, and a
server, which has a client for its SSH door, would begin with both.
"""

from __future__ import annotations

from typing import Final

from hubbub.client.errors import ExchangeError

NAME: Final = "SCRAM-SHA-256"
LEAST_ROUNDS: Final = 4096
"""Fewer (RFC 7677, section 4) would make the proof a gift to whoever guesses passwords."""
MOST_ROUNDS: Final = 5_000_000
"""More would hold this client up for longer than people wait."""


class ScramSHA256:
    """Prove that we know a password, and have the server prove that it knows it too."""

    mechanism = NAME

    def __init__(self, account: str, password: str, nonce: str) -> None:
        """Begin; `nonce` is a word that nobody can guess and that is never used again."""
        from scramp import ScramClient, ScramException

        self._next = 0
        self.is_proved = False
        try:
            self._client = ScramClient([NAME], account, password, c_nonce=nonce)
        except (ScramException, ValueError) as error:
            raise ExchangeError(f"the password cannot be used: {error}") from None

    def answer(self, challenge: bytes) -> bytes:
        """Return the next of our messages. Raises ExchangeError."""
        from scramp import ScramException

        self._next += 1
        try:
            text = challenge.decode()
            if self._next == 1:
                return str(self._client.get_client_first()).encode()
            if self._next == 2:
                _check_rounds(text)
                self._client.set_server_first(text)
                return str(self._client.get_client_final()).encode()
            self._client.set_server_final(text)
        except (ScramException, ValueError, KeyError, IndexError):
            raise ExchangeError("the server does not know the password") from None
        self.is_proved = True
        return b""


def _check_rounds(message: str) -> None:
    given = next((part[2:] for part in message.split(",") if part.startswith("i=")), "")
    fits = given.isascii() and given.isdigit() and len(given) < 10
    if not fits or not LEAST_ROUNDS <= int(given) <= MOST_ROUNDS:
        raise ExchangeError(f"the server asks for {given[:20] or 'no'} rounds of hashing")
