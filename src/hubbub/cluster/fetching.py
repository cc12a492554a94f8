"""Getting what a member's door hands out: the bundle for a token, and a copy of the store.

For a thread of its own: it blocks.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from hubbub.cluster import bundle as bundles
from hubbub.cluster import token as tokens
from hubbub.cluster.bundle import Bundle
from hubbub.cluster.conversation import Conversation, member_context, plain_context
from hubbub.cluster.copying import PIECE, ROOM, digest_of
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from hubbub.cluster.members import FOLDER, Shared
from hubbub.journal.database.duplicate import examine, put_in_place
from hubbub.journal.port import JournalUnusable

PART: Final = f"{FOLDER}/copy"
"""What there is of a copy that is being fetched; beside it, of which one."""
TRIES: Final = 20
"""How often in a row members are asked, a second apart, while nothing more of a copy comes."""


def nothing(_have: int, _size: int) -> None:
    """Tell nobody how far it is."""


def fetch_bundle(
    address: str,
    token: tokens.Token,
    name: str,
    own_addresses: Callable[[str], tuple[str, str]],
) -> Bundle:
    """Return what the holder of a token is given at a member's door; the token is used up by that.

    `own_addresses` makes of this machine's address, by which it reached the member, where others
    reach its route and door. Raise ClusterError.
    """
    with Conversation(address, plain_context(), token.fingerprint) as member:
        route, door = own_addresses(member.own_host)
        _, data = member.ask(
            bundles.MOST_BYTES,
            ask="bundle",
            secret=token.secret.hex(),
            name=name,
            route=route,
            door=door,
        )
    return bundles.decode(data)


@dataclass(frozen=True, slots=True)
class _Offered:
    """Name a copy as a member's door does."""

    copy: str
    bytes: int
    digest: str


def fetch_copy(
    data_dir: Path,
    shared: Shared,
    journal: Path,
    tell: Callable[[int, int], None] = nothing,
    wait: Callable[[float], None] = time.sleep,
    tries: int = TRIES,
) -> str:
    """Have a copy of another member's store in the place of the journal; return that member's name.

    They are asked in turn; what was fetched before is not fetched again. `tell` is told how many
    bytes are there, and of how many. No process may have the journal open. Raise PeerUnreachable
    where nobody gives one, ClusterError where it cannot be taken, and leave the journal as it was.
    """
    context, last = member_context(data_dir), PeerUnreachable("there is no other member to ask")
    failures = 0
    while failures < tries:
        if failures:
            wait(1.0)
        failures += 1
        for member in shared.others:
            have = _have(data_dir)
            try:
                with Conversation(member.door, context) as peer:
                    _fetch(data_dir, peer, tell)
            except PeerUnreachable as error:
                last = error
                # Each time there is more of it, it comes to an end.
                failures = 0 if _have(data_dir) > have else failures
                continue
            _take(data_dir, shared, journal)
            return member.name
    raise last


def _have(data_dir: Path) -> int:
    """Return how much of a copy is there."""
    try:
        return _places(data_dir)[0].stat().st_size
    except OSError:
        return 0


def _fetch(data_dir: Path, peer: Conversation, tell: Callable[[int, int], None]) -> None:
    """Fetch what is missing of a copy."""
    part, note = _places(data_dir)
    known = _known(note)
    try:
        have = part.stat().st_size if known is not None and part.exists() else 0
        offered = known if known is not None and _goes_on(peer, known, have) else None
        if offered is None:
            offered = _offered(peer)
            part.unlink(missing_ok=True)
            have = 0
            free = shutil.disk_usage(data_dir).free
            if free < offered.bytes + ROOM:
                raise ClusterError(_no_room(data_dir, offered.bytes))
            note.write_text(json.dumps(asdict(offered)))
        with open(part, "ab", opener=_private) as file:
            while have < offered.bytes:
                most = min(PIECE, offered.bytes - have)
                _, data = peer.ask(most, ask="piece", copy=offered.copy, at=have)
                if len(data) != most:
                    raise PeerUnreachable(f"{peer.address} gives other pieces than it offered")
                file.write(data)
                have += most
                tell(have, offered.bytes)
        if digest_of(part) != offered.digest:
            part.unlink()
            raise PeerUnreachable(f"{peer.address} gave a copy that is damaged; it is fetched anew")
    except OSError as error:
        raise ClusterError(
            f"the copy cannot be written to {data_dir}: {error.strerror or error}; mend that, and "
            "it goes on where it is"
        ) from None


def _goes_on(peer: Conversation, known: _Offered, have: int) -> bool:
    """Say whether a member still has the copy of which a part is here."""
    if not 0 < have <= known.bytes:
        return False
    try:
        _, data = peer.ask(PIECE, ask="piece", copy=known.copy, at=have)
    except PeerUnreachable:
        raise
    except ClusterError:
        return False
    return len(data) == min(PIECE, known.bytes - have)


def _offered(peer: Conversation) -> _Offered:
    answer, _ = peer.ask(0, ask="copy")
    held = (answer.get("copy"), answer.get("bytes"), answer.get("digest"))
    offered = _checked(*held)
    if offered is None:
        raise PeerUnreachable(f"{peer.address} does not answer as a member does")
    return offered


def _known(note: Path) -> _Offered | None:
    try:
        held: Any = json.loads(note.read_text())
        return _checked(held["copy"], held["bytes"], held["digest"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _checked(copy: object, size: object, digest: object) -> _Offered | None:
    if isinstance(copy, str) and type(size) is int and size > 0 and isinstance(digest, str):
        return _Offered(copy, size, digest)
    return None


def _take(data_dir: Path, shared: Shared, journal: Path) -> None:
    """Put a copy that is whole in the journal's place."""
    part, note = _places(data_dir)
    try:
        found = examine(part)
        if found.id != shared.journal:
            raise ClusterError(
                f"the copy is of another journal ({found.id}) than this cluster's "
                f"({shared.journal}); join with a token of this cluster"
            )
        put_in_place(part, journal)
        note.unlink(missing_ok=True)
    except JournalUnusable as error:
        raise ClusterError(f"the copy cannot be used: {error}") from None
    except OSError as error:
        reason = error.strerror or error
        raise ClusterError(f"the copy cannot be put in place: {reason}; mend that") from None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)


def _places(data_dir: Path) -> tuple[Path, Path]:
    part = data_dir / PART
    return part, part.with_name(f"{part.name}.json")


def _no_room(data_dir: Path, size: int) -> str:
    return (
        f"{data_dir} has no room for the copy of {size >> 20} MiB; make some, or choose another "
        "with --data"
    )
