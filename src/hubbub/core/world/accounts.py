"""Accounts, with what proves them, and invite codes, as the World keeps them.

A credential is one of these kinds:
    password   one; the body of entry `seq` holds its argon2id hash and, on a second line, its SCRAM
               keys where the operator turned them on
    totp       one; the body of entry `seq` holds the key
    email      one; the body of entry `seq` holds the address
    new-email  one; the same of an address that is not confirmed yet, and the digest of its code
    certfp     the SHA-256 of a TLS client certificate, in hexadecimal
    ssh        the SHA-256 of an SSH public key, as OpenSSH prints it
    token      the digest of an app token, with its scope and expiry
    recovery   the digest of a code that stands in for a one-time password, once
    verify     the digest of the code that shows that an e-mail address is the owner's
    reset      the digest of a code that sets another password, once
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.world import service_nicks
from hubbub.core.world.state import ACCOUNT_PRESENCE, User
from hubbub.irc.names import fold, is_nick

NEW_EMAIL: Final = "new-email"
SINGLE: Final = frozenset({"password", "totp", "email", NEW_EMAIL, "verify", "reset"})
"""The kinds of which an account has one at most."""
FOUND_BY_ID: Final = frozenset({"certfp", "ssh", "token", "verify", "reset"})
"""The kinds that name their account."""
CREDENTIALS: Final = 64
"""How many credentials an account has at most; one more is refused."""
DEVICES: Final = 32
"""Of how many devices an account remembers what they were told; the one that left first goes."""
TOLD: Final = 1000
"""How many are told in one absence of an account that what they say waits; the others are not."""
SECRET: Final = frozenset({"password", "totp", "email", NEW_EMAIL})
"""The kinds whose secret is the body of an entry."""
REVOKED: Final = frozenset({"certfp", "ssh", "token", "reset"})
"""The kinds that log in, or lead to it, beside the password: what is revoked all at once."""
LOGS_IN: Final = frozenset({"password", "certfp", "ssh", "token", "reset"})
"""The kinds that begin a session, or set what does."""
TOKEN_PREFIX: Final = "hub_"  # noqa: S105
UNVERIFIED_SECONDS: Final = 3 * 86_400
"""How long a name is held for who has not shown the code that was sent."""
_GUEST = re.compile(r"guest\d+_*\Z", re.IGNORECASE)


def is_account_name(name: str) -> bool:
    """Say whether an account can have a name: no service's, and none that guests are given.

    Nor the machine's, as which an operator acts there.
    """
    reserved = service_nicks.named(name) or fold(name) == CONSOLE or _GUEST.match(name)
    return is_nick(name) and not reserved


def digest(secret: str) -> str:
    """Return the digest under which a random token or code is kept: SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def plain_code(code: str) -> str:
    """Return a code as it was made: hyphens, blanks and capitals do not matter to who types it."""
    return code.replace("-", "").replace(" ", "").upper()


def code_digest(code: str) -> str:
    """Return the digest of an invite, recovery, verification or reset code."""
    return digest(plain_code(code))


def shown_code(code: str) -> str:
    """Return a code in groups of four, as a person can read it out."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


@dataclass(slots=True)
class Credential:
    """Hold one way to prove an account; times in seconds since 1970, 0 being never.

    `seq` is the entry whose body is the secret, where there is one. One that is not `proved` logs
    nobody in: it is a fingerprint that the account lists, whoever has the key to it. `by` is the
    operator who gave it out, `was` the account that it came from where it was handed over.
    """

    kind: str
    id: str
    seq: int
    label: str = ""
    scope: str = ""
    created: int = 0
    expires: int = 0
    used: int = 0
    proved: bool = True
    by: str = ""
    was: str = ""

    def is_named(self, wanted: str) -> bool:
        """Say whether this is what its owner calls so: by its label or by its fingerprint."""
        return wanted != "" and wanted.lower() in (self.label.lower(), self.id.lower())

    def is_over(self, now: int) -> bool:
        """Say whether it has expired; `now` in seconds since 1970."""
        return 0 < self.expires <= now


@dataclass(slots=True)
class Waiting:
    """Count the direct messages that came for an account while nobody was connected under it.

    What only passes by (a quiet session) hears none of them, and so does not count as somebody.

    `counts` is by the presence of who said them, `guests` how many of them guests said. `told` are
    those who were told that it waits, with the seq of the message that was the reason.
    """

    counts: dict[str, int] = field(default_factory=dict)
    guests: int = 0
    told: dict[str, int] = field(default_factory=dict)

    def of(self, presence: str) -> int:
        """Return how many count against the bound of a speaker: of guests those of all guests."""
        is_account = presence.startswith(ACCOUNT_PRESENCE)
        return self.counts.get(presence, 0) if is_account else self.guests

    def add(self, presence: str) -> None:
        """Count one more that waits, of a speaker by presence."""
        self.counts[presence] = self.counts.get(presence, 0) + 1
        self.guests += not presence.startswith(ACCOUNT_PRESENCE)

    def tell(self, presence: str, seq: int) -> None:
        """Have a speaker told that it waits, if this is the first reason for it."""
        if len(self.told) < TOLD:
            self.told.setdefault(presence, seq)


@dataclass(slots=True, eq=False)
class Account:
    """Hold a name with credentials.

    `users` are those present under it, the one that other sessions attach to first. `operator` is a
    class of operators, "" for none; `suspended` the reason, "" where it is not. `step` is the last
    time step of a one-time password that was used. A `dropped` one only holds its name. `waiting`
    counts what was said to it since it was last connected. `devices` maps what it connects with to
    the seq up to which that was told everything, the one that left longest ago first. `invite` is
    the digest of the invite code that it was made with, `operator_by` who made it an operator.
    `void_before` is the seq of the last record that ended what was logged in by the password, or
    all: what had been proved or asked for before that, and comes later, counts no more. `erased`
    says when all that it said was to go, in seconds since 1970, 0 where it was not.
    """

    name: str
    registered: int
    by: str = ""
    verified: bool = True
    persist: bool = True
    operator: str = ""
    suspended: str = ""
    dropped: bool = False
    step: int = 0
    used: int = 0
    credentials: dict[tuple[str, str], Credential] = field(default_factory=dict)
    users: list[User] = field(default_factory=list)
    waiting: Waiting = field(default_factory=Waiting)
    devices: dict[str, int] = field(default_factory=dict)
    invite: str = ""
    operator_by: str = ""
    void_before: int = 0
    erased: int = 0

    def left(self, device: str, seq: int) -> None:
        """Remember up to where a device was told everything; forget the one that left first."""
        self.devices[device] = max(seq, self.devices.pop(device, 0))
        if len(self.devices) > DEVICES:
            del self.devices[next(iter(self.devices))]

    def told(self, device: str) -> int:
        """Return the seq up to which a device was told everything; a new one as much as any."""
        return self.devices.get(device, max(self.devices.values(), default=0))

    def credential(self, kind: str, id: str = "") -> Credential | None:
        """Return a credential; of a kind with one only, that one."""
        if kind in SINGLE:
            return next(self.of_kind(kind), None)
        return self.credentials.get((kind, id))

    def of_kind(self, kind: str) -> Iterator[Credential]:
        """Return the credentials of a kind."""
        return (held for held in list(self.credentials.values()) if held.kind == kind)

    @property
    def is_unused(self) -> bool:
        """Say whether nobody has ever logged in: its name is nothing to anybody yet."""
        return not (self.used or self.users or self.devices)

    @property
    def can_log_in(self) -> bool:
        """Say whether anything logs in to it now, or sets what does."""
        is_open = self.verified and not (self.suspended or self.dropped)
        return is_open and any(
            held.proved and held.kind in LOGS_IN for held in self.credentials.values()
        )

    @property
    def has_second_factor(self) -> bool:
        """Say whether a password needs a one-time password beside it."""
        return ("totp", "") in self.credentials

    @property
    def here(self) -> list[User]:
        """Return the users who are connected; where none is, those who only stay or pass by."""
        return [user for user in self.users if user.is_connected] or self.users

    @property
    def password_secrets(self) -> tuple[int, ...]:
        """Return the seqs of the secrets that a password is checked with."""
        held = (self.credential("password"), self.credential("totp"))
        return tuple(one.seq for one in held if one is not None)

    @property
    def secrets(self) -> str:
        """Return the name of the history that holds its secrets."""
        return secrets_of(self.name)

    def is_free(self, now: int) -> bool:
        """Say whether its name may be registered anew: nobody has shown the code in time."""
        late = now - self.registered > UNVERIFIED_SECONDS
        return not self.verified and not self.dropped and late


def has_made(account: Account, by: str) -> bool:
    """Say whether it was this account that made something; who is at the machine is none."""
    return by != CONSOLE and fold(by) == fold(account.name)


def presence_of(name: str) -> str:
    """Return the key of the direct messages of an account (User.presence)."""
    return ACCOUNT_PRESENCE + fold(name)


def secrets_of(name: str) -> str:
    """Return the name of the history that holds the secrets of an account."""
    return f"${name.lower()}"


@dataclass(slots=True)
class Invite:
    """Hold an invite code, by its digest; `uses` is how many are left, times in seconds."""

    code: str
    uses: int
    expires: int
    by: str
    grants: str
    note: str
    created: int

    def is_good(self, now: int) -> bool:
        """Say whether it can be used; `now` in seconds since 1970."""
        return self.uses > 0 and not 0 < self.expires <= now
