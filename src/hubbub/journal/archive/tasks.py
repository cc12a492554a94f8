"""What is to be done to the archive beside filling it, with the next commit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry was refused."""

    seq: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """The bodies of entries are to go."""

    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Revision:
    """The body of an entry is that of the entry `by` from here on; the earlier one may be kept."""

    seq: int
    by: int
    keeps: bool


@dataclass(frozen=True, slots=True)
class Forget:
    """A history is to be deleted, up to a seq or what was taken before this."""

    history: str
    upto: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The World as of a seq."""

    seq: int
    data: bytes


@dataclass(frozen=True, slots=True)
class AccountErasure:
    """All that an account said is to go, up to a seq; the account by its folded name."""

    account: str
    upto: int


Chore = Refusal | Erasure | Revision | Forget | Snapshot | AccountErasure
