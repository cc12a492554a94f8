"""Whose word about clients' addresses is taken."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Final

from hubbub.server.checks.finding import Finding, ok, warning
from hubbub.settings import Settings

WIDE: Final = {4: 8, 6: 16}
"""A network with fewer bits is no network of proxies, but half the world."""
_SUBJECT: Final = "proxies"


def check_proxies(settings: Settings) -> list[Finding]:
    """Look at which proxies are believed, and whether one is that is not named."""
    doors = settings.doors
    networks = [ip_network(str(each)) for each in doors.proxies]
    wide = [str(each) for each in networks if each.prefixlen < WIDE[each.version]]
    if wide:
        what = f"everybody in {', '.join(wide)} may come under any address, past every ban"
        return [warning(_SUBJECT, what, "name in doors.proxies only the proxies themselves")]
    if doors.websocket and not networks:
        return [
            warning(
                _SUBJECT,
                "all who come through the web server have its address, and share one ban",
                "name the web server in doors.proxies, and have it send X-Forwarded-For",
            )
        ]
    listed = ", ".join(map(str, networks))
    return [ok(_SUBJECT, f"{listed} are believed" if listed else "nobody is believed")]
