"""E-mails that the rules have sent: codes for a new account, a password, an address; and a test."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from hubbub.core.policy.policy import Policy
from hubbub.core.requests import MailTo, SendMail

ADDRESS_BYTES: Final = 254
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")


def is_address(text: str) -> bool:
    """Say whether a text can be an e-mail address (RFC 5321 4.1.2, without quoted forms)."""
    return len(text) <= ADDRESS_BYTES and _ADDRESS.match(text) is not None


def verification(policy: Policy, to: str, account: str, code: str) -> SendMail:
    """Return the mail with the code of a new account."""
    text = (
        f"Somebody, probably you, registered the account {account} on {policy.network}"
        f" ({policy.server}).\n\nTo use it, give this code there:\n\n"
        f"    /verify {account} {code}\n\n"
        "If it was not you, do nothing: the account goes away by itself.\n"
    )
    return SendMail(to, f"Your code for {policy.network}", text)


def reset(policy: Policy, seq: int, account: str, code: str) -> MailTo:
    """Return the mail with the code that resets a password; `seq` has the address as its secret."""
    text = (
        f"Somebody, probably you, asked for another password of the account {account} on"
        f" {policy.network} ({policy.server}).\n\nTo set one, use this code there:\n\n"
        f"    /msg NickServ RESETPASS {account} {code} new-password\n\n"
        "If it was not you, do nothing.\n"
    )
    return MailTo(seq, f"Your code for {policy.network}", text)


def confirmation(policy: Policy, to: str, account: str, code: str) -> SendMail:
    """Return the mail with the code that makes an address an account's."""
    text = (
        f"Somebody, probably you, wants this to be the address of the account {account} on"
        f" {policy.network} ({policy.server}).\n\nTo confirm it, give this code there:\n\n"
        f"    /msg NickServ EMAIL CONFIRM {code}\n\n"
        "If it was not you, do nothing.\n"
    )
    return SendMail(to, f"Your code for {policy.network}", text)


def change(policy: Policy, seq: int, account: str) -> MailTo:
    """Return the mail that tells an address, the secret of an entry, that another is to follow."""
    text = (
        f"Somebody who knows its password wants another e-mail address for the account {account}"
        f" on {policy.network} ({policy.server}).\n\n"
        "If it was not you, change your password now, and tell an operator.\n"
    )
    return MailTo(seq, f"Your address on {policy.network} is being changed", text)


def test(policy: Policy, to: str, tried: Callable[[str], None]) -> SendMail:
    """Return a mail that only tries whether any can be sent."""
    text = f"{policy.network} ({policy.server}) can send e-mail.\n"
    return SendMail(to, f"A test from {policy.network}", text, tried)
