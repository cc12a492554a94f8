"""Where to look: `irc://`, `ircs://`, `ssh://`, `ws://` or `wss://`, a host, a port."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from hubbub.irc.text import visible
from hubbub.wire.failures import NoAddress

PORTS: Final = {"irc": 6667, "ircs": 6697, "ssh": 22, "ws": 80, "wss": 443}
"""The port of each scheme where none is said."""
EXAMPLE: Final = "ircs://chat.example.org"
_ADDRESS = re.compile(
    r"(?P<scheme>[a-zA-Z]+)://(?:(?P<user>[^@/#\s]*)@)?"
    r"(?P<host>\[[^\]\s]*\]|[A-Za-z0-9_][A-Za-z0-9_.-]{0,252})(?::(?P<port>\d{1,5}))?(?P<path>[/#]\S*)?\Z"
)
_PASSWORD = re.compile(r"[^/@]*://[^/@]*:[^/]*@")
_LISTEN = re.compile(r"(?:(?P<host>\[[^\]\s]*\]|[A-Za-z0-9_.-]+):)?(?P<port>\d{1,5})\Z")


@dataclass(frozen=True, slots=True)
class WireAddress:
    """Hold where to look; `user` is for SSH, `path` for WebSocket."""

    scheme: str
    host: str
    port: int
    user: str = ""
    path: str = "/"

    @property
    def name(self) -> str:
        """Return `host:port`, an IPv6 address in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def tls(self) -> bool:
        """Say whether TLS is between TCP and the rest."""
        return self.scheme in ("ircs", "wss")

    @property
    def is_loopback(self) -> bool:
        """Say whether it is this machine's own."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, whatever the name service says."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def parse_address(text: str) -> WireAddress:
    """Read an address. Raise NoAddress."""
    if _PASSWORD.match(text.strip()):
        raise NoAddress("an address holds no password: others can read it in the list of programs")
    match = _ADDRESS.match(text.strip()) if text.isprintable() else None
    if match is None:
        raise NoAddress(f"{visible(text)!r} is no address; one looks like {EXAMPLE}")
    scheme = match["scheme"].lower()
    if scheme not in PORTS:
        known = ", ".join(f"{name}://" for name in PORTS)
        raise NoAddress(f"{scheme}:// cannot be looked at; there are {known}")
    port = _port(match["port"]) if match["port"] else PORTS[scheme]
    path = match["path"] or "/"
    return WireAddress(scheme, _host(match["host"]), port, match["user"] or "", path)


def parse_listen(text: str) -> tuple[str, int]:
    """Read `[HOST:]PORT`; without a host it is this machine only. Raise NoAddress."""
    match = _LISTEN.match(text.strip())
    if match is None:
        raise NoAddress(f"{visible(text)!r} is nowhere to listen; 6698 is, or 127.0.0.1:6698")
    # 0 lets the system pick one.
    port = 0 if int(match["port"]) == 0 else _port(match["port"])
    return _host(match["host"] or "127.0.0.1"), port


def _host(text: str) -> str:
    if not text.startswith("["):
        return text
    try:
        return str(ipaddress.IPv6Address(text[1:-1]))
    except ValueError:
        raise NoAddress(f"{visible(text)} is no IPv6 address") from None


def _port(text: str) -> int:
    if 0 < int(text) < 65536:
        return int(text)
    raise NoAddress(f"{text} is no port; it is a number from 1 to 65535")
