"""Batches as the log carries them: JSON, which a person can read with any client of the log.

    [format, nonce, node, epoch, number, applied, digest_at, digest, world_at, world,
     [[record, body or null], ...]]

The nonce is of the process: two that take themselves for the same start of one node make the same
batch otherwise. Digests are in hex.
"""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from hubbub.core.records.entries import AnyRecord, Body, Draft
from hubbub.journal.log import DraftBatch, Ordered
from hubbub.journal.port import LogBroken

FORMAT: Final = 1

NEWER: Final = (
    "the log holds what this program cannot read (position {}: {}): a newer hubbub wrote it; update"
    " this node"
)


class _Carried(msgspec.Struct, array_like=True, gc=False):
    format: int
    nonce: str
    node: int
    epoch: int
    number: int
    applied: int
    digest_at: int
    digest: str
    world_at: int
    world: str
    drafts: list[tuple[AnyRecord, Body | None]]


class _Format(msgspec.Struct, array_like=True, gc=False):
    format: int


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(_Carried).decode
_decode_format: Final = msgspec.json.Decoder(_Format).decode


def encode(batch: DraftBatch, nonce: str) -> bytes:
    """Return a batch as the log carries it."""
    drafts = [(draft.record, draft.body) for draft in batch.drafts]
    place, told = batch.place, batch.vouched
    chain, world = told.digest.hex(), told.world.hex()
    said = _Carried(
        FORMAT, nonce, *place, told.applied, told.digest_at, chain, told.world_at, world, drafts
    )
    return _encode(said)


def decode(payload: bytes, position: int, stamp: int) -> Ordered:
    """Return what the log carries at a position. Raise LogBroken where it cannot be read."""
    try:
        # A later format may have anything behind its number.
        if _decode_format(payload).format != FORMAT:
            raise LogBroken(NEWER.format(position, "another format"))
        held = _decode(payload)
        drafts = [Draft(record, body) for record, body in held.drafts]
        digest, world = bytes.fromhex(held.digest), bytes.fromhex(held.world)
    except (msgspec.DecodeError, ValueError) as error:
        raise LogBroken(NEWER.format(position, error)) from None
    told = held.applied, held.digest_at, digest, held.world_at, world
    batch = DraftBatch(held.node, held.epoch, held.number, drafts, *told)
    return Ordered(position, stamp, batch, hashlib.sha256(payload).digest())
