"""What users and channels carry, for clients to make sense of."""

from __future__ import annotations

from hubbub.core.records.base import Record


class BufferSet(Record, frozen=True, array_like=True, tag="buffer"):
    """An account wants something else of a conversation: how much it is told, whether it is pinned.

    `target` is the conversation's name, `key` one of hubbub.core.policy.attention.KEYS, `value`
    None where it is to be as with everybody.
    """

    target: str
    key: str
    value: str | None = None


class MetadataSet(Record, frozen=True, array_like=True, tag="metadata"):
    """Keys of a channel's metadata, or a user's own, got a value, or lost theirs (None).

    `channel` is "" where the user's own are meant, and `history` that of the channel meant.
    `cleared` marks the removal of all at once.
    """

    channel: str
    history: str
    keys: tuple[str, ...]
    value: str | None = None
    cleared: bool = False
