"""How the way to a server is, for whoever shows it: connected or not, and to whom."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Trust(Enum):
    """Say why a server is trusted."""

    NOBODY_ELSE = "not encrypted"
    VERIFIED = "its certificate verifies"
    KNOWN = "its certificate is the one remembered"
    FIRST_USE = "its certificate was seen for the first time"


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Say who a server is: why it is trusted, and its certificate's fingerprint."""

    trust: Trust
    fingerprint: str = ""


class LinkStatus(Enum):
    """Say how the connection is."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    WAITING = "waiting"
    ASKING = "asking"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class LinkState:
    """Tell of the connection: how it is, why, and after how many seconds it is tried again.

    Why is "" where the person has been told.
    """

    status: LinkStatus
    reason: str = ""
    seconds: float = 0.0
    identity: ServerIdentity | None = None
