"""The upgrade with which HTTP becomes WebSocket (RFC 6455 4). No secret comes out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hubbub.wire.seen import MASKED, Details, OnLayer, Seen, Way

_OPEN_FIELDS: Final = frozenset(
    {
        *("host", "upgrade", "connection", "origin", "user-agent", "server", "date", "via"),
        *("sec-websocket-key", "sec-websocket-accept", "sec-websocket-version", "pragma"),
        *("sec-websocket-extensions", "cache-control", "content-type", "content-length", "vary"),
        *("accept", "accept-encoding", "accept-language", "transfer-encoding", "allow", "age"),
    }
)
"""Fields of a head that hold no secret; the values of all others are masked."""
_SUBPROTOCOLS: Final = "sec-websocket-protocol"
_OPEN_SUBPROTOCOLS: Final = frozenset(("text.ircv3.net", "binary.ircv3.net", "irc", "chat"))
_FIELD_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")


@dataclass(frozen=True, slots=True)
class UpgradeHead:
    """Hold the request or the answer with which HTTP becomes WebSocket."""

    first: str
    fields: tuple[tuple[str, str], ...]
    size: int

    def field(self, name: str) -> str:
        """Return a field's value, "" where there is none."""
        return next((value for key, value in self.fields if key.lower() == name.lower()), "")

    def seen(self, way: Way) -> Seen:
        """Say what it says, without the values of fields that may hold a secret."""
        # What stands behind the path may be a token.
        line = re.sub(r"\?.*?(?= HTTP/|\Z)", f"?{MASKED}", self.first, count=1, flags=re.S)
        facts: Details = (("line", line), *map(_shown_field, self.fields))
        name = "upgrade asked for" if way is Way.SENT else "upgrade answered"
        return Seen(OnLayer.WEBSOCKET, name, way, self.size, facts)


def read_head(data: bytes, size: int) -> UpgradeHead:
    """Read a head without the empty line at its end; `size` counts that, too."""
    first, *lines = re.split("\r?\n", data.decode("latin-1"))
    # What has no colon is no field: neither has a name.
    pairs = (line.partition(":") if ":" in line else ("", ":", line) for line in lines)
    return UpgradeHead(
        first, tuple((name.rstrip(), value.strip()) for name, _, value in pairs), size
    )


def _shown_field(field: tuple[str, str]) -> tuple[str, str]:
    name, value = field
    if _FIELD_NAME.match(name) is None:
        return "no field", MASKED
    if name.lower() == _SUBPROTOCOLS:
        # Pages put tokens there, having no other field of their own.
        offered = (each.strip() for each in value.split(","))
        shown = (each if each in _OPEN_SUBPROTOCOLS else MASKED for each in offered)
        return name, ", ".join(shown)
    return name, value if name.lower() in _OPEN_FIELDS else MASKED
