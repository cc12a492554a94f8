"""How a data directory that no server uses comes into a cluster and out of it."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hubbub.cluster import bundle as bundles
from hubbub.cluster import fetching, founding
from hubbub.cluster import token as tokens
from hubbub.cluster.conversation import join as joined
from hubbub.cluster.conversation import split
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from hubbub.cluster.members import Shared, is_word, read_shared
from hubbub.journal.port import JournalUnusable, JournalWaits
from hubbub.server.data_directory import DataDirectory
from hubbub.server.recovery import JOURNAL, Stored
from hubbub.settings import NotNow, Settings, SettingsError
from hubbub.transport.errors import CertificateError, HostKeyError

ROUTE_PORT: Final = 6222
"""Where members' servers of the order speak to each other, unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class Place:
    """Say how a member is called, and where others reach it: a host, and ports of route and door.

    An empty name is this machine's; without a host it is the address that the other one is reached
    from.
    """

    name: str
    host: str
    route_port: int
    door_port: int

    def called(self) -> str:
        """Return the name. Raise ClusterError."""
        name = self.name or socket.gethostname().partition(".")[0]
        if not is_word(name):
            raise ClusterError(f'"{name}" is no name for a member; give --name, without blanks')
        return name

    def addresses(self, host: str) -> tuple[str, str]:
        """Return route and door, where this machine's address is `host` unless it was given."""
        host = self.host or host
        split(joined(host, self.route_port))
        return joined(host, self.route_port), joined(host, self.door_port)


def create(settings: Settings, place: Place) -> Shared:
    """Make the first member of the server of these settings, which stands still.

    Raise SettingsError, ClusterError.
    """
    with DataDirectory(settings.data_dir):
        try:
            # So all that members share is there, made as a start would have made it.
            stored = Stored(settings, accept_loss=False, node=founding.FOUNDER)
            asyncio.run(stored.journal.stop())
        except JournalWaits as error:
            raise NotNow(str(error)) from None
        except (JournalUnusable, CertificateError, HostKeyError) as error:
            raise SettingsError(str(error)) from None
        member = (place.called(), *place.addresses(place.host))
        return founding.found(
            settings.data_dir, settings.data_dir / JOURNAL, member, _hosts(place.host), _now()
        )


def make_token(data_dir: Path, seconds: int) -> tuple[str, str]:
    """Issue a token at a member, whether or not its server runs; return its door and the token.

    Raise ClusterError.
    """
    shared = member_of(data_dir)
    secret = secrets.token_bytes(tokens.SECRET_BYTES)
    token = tokens.Token(bundles.fingerprint(data_dir), secret)
    try:
        tokens.issue(data_dir, secret, time.time(), seconds)
    except OSError as error:
        raise ClusterError(f"{data_dir}: {error.strerror or error}; mend that") from None
    return shared.own.door, token.encode()


def member_of(data_dir: Path) -> Shared:
    """Return which cluster a directory is of. Raise ClusterError where of none."""
    shared = read_shared(data_dir)
    if shared is None:
        raise ClusterError(
            f"{data_dir} is in no cluster; `hubbub cluster create` begins one, `hubbub cluster "
            "join` comes into one"
        )
    return shared


def join(data_dir: Path, address: str, token: Callable[[], str], place: Place) -> Shared:
    """Let an empty directory be a member's, by the token that a member at an address has issued.

    The token is asked for when all else is right. Where an earlier try broke off after it had been
    used, it goes on without. Raise SettingsError, ClusterError.
    """
    split(address)
    name = place.called()
    with DataDirectory(data_dir):
        bundles.check_empty(data_dir, JOURNAL)
        try:
            bundle = bundles.received(data_dir)
            if bundle is None:
                found = tokens.decode(token())
                bundle = fetching.fetch_bundle(
                    joined(*split(address)), found, name, place.addresses
                )
                bundles.keep(data_dir, bundle)
            hosts = _hosts(split(bundle.member.route)[0])
            bundles.unpack(data_dir, bundle, hosts, _now())
        except OSError as error:
            raise ClusterError(
                f"{data_dir} cannot take what the member handed over: {error.strerror or error}; "
                "mend that, and join again (with another token, if this one has been used)"
            ) from None
    return member_of(data_dir)


def fetch(data_dir: Path, shared: Shared, tell: Callable[[int, int], None]) -> str:
    """Fetch a copy of the store, if there is an order yet in which to go on; say from whom.

    Return "" where that is for later. Raise SettingsError, ClusterError.
    """
    with DataDirectory(data_dir):
        try:
            return fetching.fetch_copy(data_dir, shared, data_dir / JOURNAL, tell, tries=1)
        except PeerUnreachable:
            return ""


def section(shared: Shared) -> str:
    """Return what to add to the settings of a member, as TOML."""
    return "\n".join(
        (
            "[cluster]",
            "# All that this node has to know of the others is in cluster/ in the data directory.",
            f'name = "{shared.own.name}"',
        )
    )


def _hosts(host: str) -> list[str]:
    names = ["localhost", "127.0.0.1", "::1", socket.gethostname(), host]
    return [name for name in dict.fromkeys(names) if name and is_word(name)]


def _now() -> datetime:
    return datetime.now(UTC)


def data_dir_of(config: Path | None, data: Path | None) -> Path:
    """Return the data directory that these options and the settings name. Raise SettingsError."""
    from hubbub.settings import find_data_dir, working_directory

    return find_data_dir(config, data, os.environ, working_directory())
