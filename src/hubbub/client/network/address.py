"""Where to go: `ircs://[NICK@]HOST[:PORT][,HOST[:PORT]...]/CHANNEL[,CHANNEL...]`."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote

from hubbub.client.errors import AddressError
from hubbub.irc.names import CHANNEL_PREFIXES, is_channel, is_nick
from hubbub.irc.text import visible

DEFAULT_URL: Final = "ircs://localhost:6697/#lobby"
_TLS_PORT: Final = 6697
_PLAIN_PORT: Final = 6667
_URL = re.compile(
    r"(?:(?P<scheme>[a-zA-Z]+)://)?(?:(?P<nick>[^@/#]*)@)?"
    r"(?P<places>[^/#]*)(?P<channels>[/#].*)?\Z"
)
_PLACE = re.compile(r"(?P<host>\[[^\]]*\]|[^:\s]*)(?::(?P<port>.*))?\Z")
PLACES: Final = 16
"""How many places one URL may name."""
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})\Z")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Hold a server's host and port, whether to use TLS, and what to join there.

    `others` are more places of the same server, as one of several nodes has.
    """

    host: str
    port: int
    tls: bool = True
    channels: tuple[str, ...] = ()
    nick: str = ""
    others: tuple[ServerAddress, ...] = ()

    @property
    def choices(self) -> tuple[ServerAddress, ...]:
        """Return every place of the server, this one first; each knows of the others."""
        places = (replace(self, others=()), *self.others)
        return tuple(
            replace(place, others=places[:at] + places[at + 1 :]) for at, place in enumerate(places)
        )

    @property
    def name(self) -> str:
        """Return `host:port`, an IPv6 address in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Say whether the address is this machine's own."""
        if self.host.lower() == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse(url: str) -> ServerAddress:
    """Read a URL; without scheme it is `ircs`, without port 6697 (`irc`: 6667).

    A channel's `#` may be left out or written as `%23`. Raises AddressError.
    """
    match = _URL.match(url.strip())
    if match is None:
        raise AddressError(f"{visible(url)!r} is no URL; it looks like {DEFAULT_URL}")
    scheme = (match["scheme"] or "ircs").lower()
    if scheme not in ("irc", "ircs"):
        raise AddressError(f"{scheme}:// is not spoken here; a URL looks like {DEFAULT_URL}")
    tls = scheme == "ircs"
    nick = unquote(match["nick"] or "")
    if nick and not is_nick(nick):
        raise AddressError(f"{visible(nick)!r} cannot be a nick")
    (host, port), *others = _places(match["places"], _TLS_PORT if tls else _PLAIN_PORT)
    return ServerAddress(
        host,
        port,
        tls,
        _channels(match["channels"] or ""),
        nick,
        tuple(ServerAddress(host, port, tls) for host, port in others),
    )


def _places(text: str, default: int) -> list[tuple[str, int]]:
    """Return the hosts and ports that a URL names, each once."""
    found: dict[tuple[str, int], None] = {}
    for place in text.split(","):
        match = _PLACE.match(place)
        if match is None:
            words = f"{visible(place)!r} is no host name"
            raise AddressError(f"{words}; a URL looks like {DEFAULT_URL}")
        found[_host(match["host"]), _port(match["port"], default)] = None
    if len(found) > PLACES:
        raise AddressError(f"a URL names {PLACES} servers at most")
    return list(found)


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            raise AddressError(f"{visible(text)} is no IPv6 address") from None
    if _HOST.match(text) is None:
        raise AddressError(f"{visible(text)!r} is no host name; a URL looks like {DEFAULT_URL}")
    return text


def _port(text: str | None, default: int) -> int:
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536:
        return int(text)
    raise AddressError(f"{visible(text)!r} is no port; it is a number from 1 to 65535")


def _channels(text: str) -> tuple[str, ...]:
    given = unquote(text.removeprefix("/")).split(",")
    channels = tuple(
        name if name[0] in f"{CHANNEL_PREFIXES}&" else f"#{name}" for name in given if name
    )
    for name in channels:
        if not is_channel(f"#{name[1:]}"):
            raise AddressError(f"{visible(name)!r} cannot be a channel")
    return channels
