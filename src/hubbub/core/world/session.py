"""One connection as the rules see it: what was negotiated, and who it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hubbub.core.policy.flood import Bucket
from hubbub.core.records.base import SessionId
from hubbub.core.world.state import User
from hubbub.irc import capabilities as cap

AWAITED: Final = 16
"""For how many of its latest requests a session remembers what answers need."""

LEFT: Final = 128
"""Of how many channels that it left a session remembers up to where it heard them."""


@dataclass(slots=True)
class MultilineBatch:
    """Hold a draft/multiline batch that its sender has not closed yet.

    `text` joins the lines as Body.text does. `failed` is set once the batch was refused: its other
    lines are taken in silence.
    """

    reference: str
    target: str
    command: str = ""
    text: str = ""
    lines: int = 0
    octets: int = 0
    label: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    failed: bool = False


@dataclass(slots=True)
class SaslExchange:
    """Hold a SASL exchange that has begun.

    `received` is the part of a message, in base64, that has come. SCRAM remembers the name of the
    account that is asked for, the seqs of the secrets it is `checked` with, and that it has been
    `proved`.
    """

    mechanism: str
    received: str = ""
    account: str = ""
    checked: tuple[int, ...] = ()
    proved: bool = False


@dataclass(frozen=True, slots=True)
class Awaiting:
    """Hold what the answer to a command needs that its records do not have.

    `service` is the service that was asked, "" for a command. `secret` is shown once.
    """

    service: str = ""
    secret: str = ""


@dataclass(slots=True, eq=False)
class Session:
    """Hold one connection's side of the protocol.

    `account` is the one that was proved with `credential`, (kind, id); `scope` what it may do where
    that is a token for one purpose, `expires` when the credential does, in seconds since 1970, 0
    for never. `proved_at` is when the session itself proved the account, by more than a token, and
    `proved_seq` up to which seq the World had followed then,
    `code_at` when that was by the password and the second factor, where there is one,
    `vouched_at` when its door had proved that for it, and `opered_at` when it became an operator by
    OPER (hubbub.core.deciding.step_up), in seconds, 0 for never; `oper_name` is its name there.
    `since` is the seq of its login, where that was by the password. `certfp` is the SHA-256 of the
    TLS certificate whose key the client proved, in hexadecimal, `key` that of the SSH key, as
    OpenSSH prints it. `challenge` is what a key is to sign, and `signature` what has come of that.
    `awaiting` holds, by request, what answers to come need. `absent` is set where
    nobody sits at it. `host` is the cloaked host. `nick` is the one asked for until there is a
    user, `taken_nick` one that it asked for and could not have. `registering` is set while the
    record that makes it a user is on its way, `leaving` once the one that ends it is. `told` is the
    seq up to which its device had been told everything when it came; `left` maps the histories of
    channels that it has left to the seq up to which it heard them. `last_said` is in seconds since
    1970. `spoken` counts what was said of late in channels with +d, by history, in no more channels
    than a user may be in, and invitations; all sessions of a user have the same one. `metadata` was
    set before there is a user, `subscriptions` are the keys whose changes this session wants to be
    told.
    """

    id: SessionId
    host: str
    secure: bool = False
    caps: int = cap.NONE
    cap_version: int = 301
    negotiating: bool = False
    nick: str = ""
    taken_nick: str = ""
    username: str = ""
    realname: str = ""
    password: str = ""
    account: str = ""
    credential: tuple[str, str] | None = None
    scope: str | None = None
    expires: int = 0
    proved_at: int = 0
    proved_seq: int = 0
    vouched_at: int = 0
    code_at: int = 0
    opered_at: int = 0
    oper_name: str = ""
    since: int = 0
    certfp: str = ""
    key: str = ""
    challenge: str = ""
    signature: str = ""
    sasl: SaslExchange | None = None
    totp_key: str = ""
    awaiting: dict[int, Awaiting] = field(default_factory=dict)
    absent: bool = False
    away_text: str = ""
    registering: bool = False
    leaving: bool = False
    user: User | None = None
    last_said: int = 0
    told: int = 0
    left: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    monitored: dict[str, str] = field(default_factory=dict)
    batch: MultilineBatch | None = None
    spoken: dict[str, Bucket] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    subscriptions: dict[str, None] = field(default_factory=dict)

    def has_left(self, history: str, seq: int) -> None:
        """Remember up to where a channel was heard, and forget the one left longest ago."""
        self.left.pop(history, None)
        self.left[history] = seq
        if len(self.left) > LEFT:
            del self.left[next(iter(self.left))]

    def prove(self, seq: int, at: int, code: bool = True) -> None:
        """Take the account for proved, up to a seq and at a time; with a `code`, if it has any."""
        self.proved_at, self.proved_seq = at, seq
        if code:
            self.code_at = at

    def forget_proofs(self) -> None:
        """Forget what was proved, and begun, for an account that it is logged in to no more."""
        self.proved_at = self.proved_seq = self.code_at = self.since = 0
        self.challenge = self.signature = self.totp_key = ""

    @property
    def quiet(self) -> bool:
        """Say whether it only passes by: it makes nobody a member who does not want to listen.

        What it hears is what it has joined itself, whatever else its user is in.
        """
        return self.scope is not None or self.caps & cap.QUIET != 0

    def has(self, capability: int) -> bool:
        """Say whether a capability was negotiated."""
        return self.caps & capability != 0

    def await_answer(self, awaiting: Awaiting) -> None:
        """Remember something for the answers to the present request, and forget the oldest."""
        self.awaiting[self.requests] = awaiting
        while len(self.awaiting) > AWAITED:
            del self.awaiting[next(iter(self.awaiting))]

    @property
    def shown_nick(self) -> str:
        """Return what replies call this session: its nick, or "*" before it has one."""
        return self.user.nick if self.user is not None else self.nick or "*"
