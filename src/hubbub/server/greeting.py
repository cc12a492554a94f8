"""What a server says when it is ready: where its doors are, and how to join."""

from __future__ import annotations

from dataclasses import replace

from hubbub.irc.text import visible
from hubbub.settings import Address, Settings


def greeting(
    settings: Settings, opened: list[tuple[str, Address]], fingerprints: list[str], owner_code: str
) -> str:
    """Return where the doors are (kind, address), how to join, and that the server is ready."""
    lines = [f"{settings.name} ({settings.network}), data in {settings.data_dir}"]
    lines += [f"  {kind:<9} {address}" for kind, address in opened]
    lines += [f"  {fingerprint}" for fingerprint in fingerprints]
    first = next((address for kind, address in opened if kind == "tls"), None)
    if first is not None:
        lines.append(f"  join with: hubbub chat ircs://{_host(settings, first)}:{first.port}/lobby")
    if owner_code:
        lines.append(f"  owner code {owner_code}: who registers an account with it is the owner")
    lines.append("ready")
    return "\n".join(map(visible, lines))


def _host(settings: Settings, door: Address) -> str:
    """Return the host by which people reach a door: of one on all addresses, the server's name."""
    if door.is_loopback:
        return "localhost"
    everywhere = door.host in ("0.0.0.0", "::")  # noqa: S104 - compared, not listened on
    return settings.name if everywhere else str(replace(door, port=0)).rpartition(":")[0]
