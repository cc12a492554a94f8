"""Which passwords are taken (draft/account-registration, WEAK_PASSWORD, UNACCEPTABLE_PASSWORD)."""

from __future__ import annotations

from typing import Final

from hubbub.core.world.accounts import TOKEN_PREFIX
from hubbub.irc.names import fold

PASSWORD_BYTES: Final = 300
"""So long it fits a line to NickServ, and a SASL message."""
MOST_BYTES: Final = 1000
"""What an operator may set through the control socket, whose lines are longer."""


def unacceptable(
    password: str, account: str, least: int, most: int = PASSWORD_BYTES
) -> tuple[str, str] | None:
    """Return the code and text of why a password is not taken, or None.

    `least` is in letters, `most` in bytes.
    """
    if len(password.encode()) > most:
        return "UNACCEPTABLE_PASSWORD", f"A password has at most {most} bytes"
    if any(letter < " " or "\x7f" <= letter <= "\x9f" for letter in password):
        return "UNACCEPTABLE_PASSWORD", "A password has no control characters"
    if password.startswith(TOKEN_PREFIX):
        return "UNACCEPTABLE_PASSWORD", f"Only tokens begin with {TOKEN_PREFIX}"
    if len(password) < least:
        return "WEAK_PASSWORD", f"A password has at least {least} letters"
    if fold(password) == fold(account):
        return "WEAK_PASSWORD", "The password is the account's name"
    return None
