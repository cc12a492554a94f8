"""What in records is somebody's words, and what is left of them when those are gone."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hubbub.core.records.entries import AnyRecord
from hubbub.core.records.messages import Edited, Said
from hubbub.irc.names import fold

WORDS: Final[dict[str, Any]] = {"text": "", "reason": "", "realname": ""}
"""The fields that hold what somebody typed, for others to read, and what stands there without."""


def is_of(record: AnyRecord, account: str) -> bool:
    """Say whether it is what an account did (its folded name), rather than what was done to it."""
    who: str = getattr(record, "by_account", "") or getattr(record, "account", "")
    return bool(who) and fold(who) == account


def is_message(record: AnyRecord) -> bool:
    """Say whether nothing is left of it without its words."""
    return isinstance(record, (Said, Edited))


def without_words(record: AnyRecord) -> AnyRecord:
    """Return a record without what somebody typed: who came, went or moderated can still be seen.

    What it makes true may be something else then: it is for records before each snapshot.
    """
    gone = {
        name: empty
        for name, empty in WORDS.items()
        if getattr(record, name, empty) not in ("", None)
    }
    return msgspec.structs.replace(record, **gone) if gone else record
