"""One connection as the rules see it: what was negotiated, and who it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from hubbub.core.flood import Bucket
from hubbub.core.records import SessionId
from hubbub.core.state import User
from hubbub.irc import capabilities as cap


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


@dataclass(slots=True, eq=False)
class Session:
    """Hold one connection's side of the protocol.

    `host` is the cloaked host. `nick` is the one asked for until there is a user. `registering` is
    set while the record that makes it a user is on its way, `leaving` once the one that ends it is.
    `last_said` is in seconds since 1970. `spoken` counts what was said of late in channels with +d,
    by history, in no more channels than a user may be in.
    """

    id: SessionId
    host: str
    secure: bool = False
    caps: int = cap.NONE
    cap_version: int = 301
    negotiating: bool = False
    nick: str = ""
    username: str = ""
    realname: str = ""
    password: str = ""
    registering: bool = False
    leaving: bool = False
    user: User | None = None
    last_said: int = 0
    requests: int = 0
    monitored: dict[str, str] = field(default_factory=dict)
    batch: MultilineBatch | None = None
    spoken: dict[str, Bucket] = field(default_factory=dict)

    def has(self, capability: int) -> bool:
        """Say whether a capability was negotiated."""
        return self.caps & capability != 0

    @property
    def shown_nick(self) -> str:
        """Return what replies call this session: its nick, or "*" before it has one."""
        return self.user.nick if self.user is not None else self.nick or "*"
