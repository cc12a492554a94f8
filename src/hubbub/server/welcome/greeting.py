"""What a server says when it is ready: where its doors are, and how to join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hubbub.irc.text import visible
from hubbub.server.log import json_line
from hubbub.server.welcome.owner_code import OwnerCode
from hubbub.settings import Address, Settings


@dataclass(frozen=True, slots=True)
class Greeting:
    """Hold what is said: the doors (kind, address), fingerprints of keys, and the owner's code."""

    settings: Settings
    opened: Sequence[tuple[str, Address]]
    fingerprints: Sequence[str]
    owner_code: OwnerCode

    def text(self) -> str:
        """Return it as the log is to be: lines that end with `ready`, or one JSON object."""
        return self._for_machines() if self.settings.log.format == "json" else self._for_eyes()

    def _for_eyes(self) -> str:
        settings, code = self.settings, self.owner_code
        lines = [f"{settings.name} ({settings.network}), data in {settings.data_dir}"]
        lines += [f"  {kind:<9} {address}" for kind, address in self.opened]
        lines += [f"  {fingerprint}" for fingerprint in self.fingerprints]
        url = self._url()
        if url:
            lines.append(f"  join with: hubbub chat {url}")
        if code.text:
            lines.append(f"  owner code {code.text}: who registers an account with it is the owner")
        elif code.file is not None:
            lines.append(
                f"  owner code in {code.file}: who registers an account with it is the owner"
            )
        lines.append("ready")
        return "\n".join(map(visible, lines))

    def _for_machines(self) -> str:
        settings, code = self.settings, self.owner_code
        doors: dict[str, list[str]] = {}
        for kind, address in self.opened:
            doors.setdefault(kind, []).append(str(address))
        fields: dict[str, object] = {
            "server": settings.name,
            "network": settings.network,
            "data_dir": str(settings.data_dir),
            "doors": doors,
            "fingerprints": list(self.fingerprints),
            "join": self._url(),
            "owner_code": code.text,
            "owner_code_file": str(code.file or ""),
        }
        told = {name: value for name, value in fields.items() if value}
        return json_line(__name__, "ready", **told)

    def _url(self) -> str:
        """Return where people join by TLS, "" where they cannot."""
        first = next((address for kind, address in self.opened if kind == "tls"), None)
        return f"ircs://{_host(self.settings, first)}:{first.port}/lobby" if first else ""


def _host(settings: Settings, door: Address) -> str:
    """Return the host by which people reach a door: of one on all addresses, the server's name."""
    if door.is_loopback:
        return "localhost"
    everywhere = door.host in ("0.0.0.0", "::")  # noqa: S104 - compared, not listened on
    return settings.name if everywhere else str(replace(door, port=0)).rpartition(":")[0]
