"""Making the first member of a cluster of the directory of a server that stands still.

Nothing of what is there is converted: it gets an authority, a certificate, and a list of members
with itself in it, number 0, as every server by itself is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from hubbub.cluster.bundle import AUTHORITY, AUTHORITY_KEY, write_own
from hubbub.cluster.errors import ClusterError
from hubbub.cluster.members import FOLDER, SHARED, Member, Shared, read_shared, write_shared
from hubbub.journal.database.duplicate import examine, msgid_key
from hubbub.journal.port import JournalUnusable
from hubbub.whole_files import write_whole

FOUNDER: Final = 0


def found(
    data_dir: Path,
    journal: Path,
    member: tuple[str, str, str],
    hosts: Sequence[str],
    now: datetime,
) -> Shared:
    """Make a cluster's first member; `member` is its name, and where its route and door are.

    Done again after a fault it begins anew. Raise ClusterError.
    """
    # Imported here, for its library takes long to load.
    from hubbub.cluster.authority import make_authority

    known = read_shared(data_dir)
    if known is not None:
        raise ClusterError(
            f"{data_dir} is in a cluster already, as number {known.number}; nothing was made"
        )
    try:
        shared = Shared(
            examine(journal).id, msgid_key(journal).hex(), FOUNDER, (Member(FOUNDER, *member),)
        )
        (data_dir / FOLDER).mkdir(mode=0o700, exist_ok=True)
        authority = make_authority(now)
        write_whole(data_dir / AUTHORITY_KEY, authority[1], 0o600)
        write_whole(data_dir / AUTHORITY, authority[0], 0o600)
        write_own(data_dir, authority, member[0], hosts, now)
        # Last: without it the rest means nothing.
        write_shared(data_dir, shared)
    except JournalUnusable as error:
        raise ClusterError(str(error)) from None
    except OSError as error:
        raise ClusterError(
            f"{data_dir} cannot take the cluster's keys: {error.strerror or error}; mend that"
        ) from None
    return shared


def dissolve(data_dir: Path) -> None:
    """Let a directory be in no cluster any more: its members are not known to it. Raise OSError.

    The keys stay where they are: another try at what comes after does not need them.
    """
    (data_dir / FOLDER / SHARED).unlink(missing_ok=True)
