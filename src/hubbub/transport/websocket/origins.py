"""Which web pages may connect: browsers say where a page is from, and nobody else does.

A page can open a WebSocket to any host its reader's browser reaches, one behind a firewall or on
the same machine too, so a page is let in only if the operator named where it comes from (RFC 6455
10.2). That its host is the door's own proves nothing: whoever owns a name can point it here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ANY: Final = "*"


class Origins:
    """Hold the origins that are let in; none: programs only, `*`: every page."""

    __slots__ = ("_allowed",)

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(allowed)

    def accepts(self, origin: str | None) -> bool:
        """Tell whether a request with this Origin header, or without one, is let in."""
        return origin is None or ANY in self._allowed or origin.lower() in self._allowed
