"""E-mails that the rules have sent: a code to a new account, and one to reset a password."""

from __future__ import annotations

import re
from typing import Final

from hubbub.core.effects import Mail, MailTo
from hubbub.core.policy import Policy

ADDRESS_BYTES: Final = 254
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")


def is_address(text: str) -> bool:
    """Say whether a text can be an e-mail address (RFC 5321 4.1.2, without quoted forms)."""
    return len(text) <= ADDRESS_BYTES and _ADDRESS.match(text) is not None


def verification(policy: Policy, to: str, account: str, code: str) -> Mail:
    """Return the mail with the code of a new account."""
    text = (
        f"Somebody, probably you, registered the account {account} on {policy.network}"
        f" ({policy.server}).\n\nTo use it, give this code there:\n\n"
        f"    /verify {account} {code}\n\n"
        "If it was not you, do nothing: the account goes away by itself.\n"
    )
    return Mail(to, f"Your code for {policy.network}", text)


def reset(policy: Policy, seq: int, account: str, code: str) -> MailTo:
    """Return the mail with the code that resets a password; `seq` has the address as its secret."""
    text = (
        f"Somebody, probably you, asked for another password of the account {account} on"
        f" {policy.network} ({policy.server}).\n\nTo set one, use this code there:\n\n"
        f"    /msg NickServ RESETPASS {account} {code} new-password\n\n"
        "If it was not you, do nothing.\n"
    )
    return MailTo(seq, f"Your code for {policy.network}", text)
