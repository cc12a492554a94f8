"""What proves an account, and how far proving it has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hubbub.client.credentials.sasl import Mechanism
from hubbub.irc.message import Message

DEVICE: Final = "chat@"
"""How the names of those tokens begin with which this client logs in; the host's name follows."""
REPEATED: Final = frozenset(
    {
        "ACCOUNT",
        "CERT",
        "CHANNEL",
        "INVITECODE",
        "KEY",
        "OWNERCODE",
        "REDEEM",
        "REVOKE",
        "TOKEN",
        "TOTP",
    }
)
"""The commands that are given again once the account is proved once more."""


@dataclass(slots=True)
class Credentials:
    """Hold what proves an account.

    `token_name` is the name under which the server lists `token`. `certificate` says that the
    connection shows one; `secure` that nobody on the way can read along. `device` names the token
    that is asked for after a login with the password, "" where none can be kept.
    """

    account: str = ""
    password: str = ""
    token: str = ""
    token_name: str = ""
    certificate: bool = False
    secure: bool = False
    device: str = ""


@dataclass(slots=True)
class AccountRegistration:
    """Hold an account that is to be registered: its e-mail address or "*", an invite code or ""."""

    email: str = "*"
    code: str = ""
    password: str = ""


@dataclass(slots=True)
class LoginState:
    """Hold how far proving the account has come.

    `ready` says that this connection can take an attempt, `ended` that its negotiation is over.
    `way` is what is being tried, `refused` what this connection has refused, `obstacle` what the
    server says keeps the account out although it was proved. `code` is the one-time
    password for the next attempt, `tries` how many passwords were wrong. `account` is who the
    server says that we are; `barred` says that it lets in accounts only. `by_password` says that
    the login took the password; `asked_name` is the device token that was asked for then.
    `confirming` says that a one-time password is being set up; `listed` whether any credential was
    listed. `reset` is what proves the account once the server has taken the password that was set
    with a code. `wanted` is what was asked for last that can take another proof of the account,
    `proof` how that is asked for, and `proofs` how many were wrong.
    """

    credentials: Credentials = field(default_factory=Credentials)
    registration: AccountRegistration | None = None
    ready: bool = False
    ended: bool = False
    exchange: Mechanism | None = None
    received: str = ""
    way: str = ""
    obstacle: str = ""
    refused: set[str] = field(default_factory=set)
    code: str = ""
    tries: int = 0
    account: str = ""
    barred: bool = False
    by_password: bool = False
    asked_name: str = ""
    confirming: bool = False
    listed: bool = False
    reset: Credentials | None = None
    wanted: Message | None = None
    proof: str = ""
    proofs: int = 0

    def begin(self) -> None:
        """Forget what belonged to an earlier connection."""
        self.ready = self.ended = self.confirming = False
        self.exchange = self.reset = self.wanted = None
        self.received = self.way = self.obstacle = self.account = self.asked_name = ""
        self.proof = ""
        self.refused.clear()

    @property
    def can_try(self) -> bool:
        """Say whether there is something to log in or to register with."""
        held = self.credentials
        registering = self.registration is not None and self.registration.password != ""
        return registering or bool(held.password or held.token or held.certificate)
