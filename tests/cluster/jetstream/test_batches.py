"""Batches as the log carries them."""

from __future__ import annotations

import hashlib

import pytest

from hubbub.cluster.jetstream.batches import decode, encode
from hubbub.journal.log import DraftBatch
from hubbub.journal.port import LogBroken
from tests.journal.keeper import kept, said

BATCH = DraftBatch(
    3, 2, 7, [said("x\r\n\x00\U0001f600", "#a"), kept("#b")], 40, 39, b"\1" * 32, 9, b"\2"
)


def test_what_is_carried_is_what_was_appended() -> None:
    payload = encode(BATCH, "me")
    ordered = decode(payload, 41, 1_700)
    assert (ordered.batch, ordered.position, ordered.stamp) == (BATCH, 41, 1_700)
    assert ordered.digest == hashlib.sha256(payload).digest()
    assert encode(ordered.batch, "me") == payload


def test_two_processes_never_append_the_same() -> None:
    assert encode(BATCH, "me") != encode(BATCH, "another")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[",
        b"{}",
        b"[2]",
        b"[1]",
        b'[1,"n",1,1,1,0,0,"zz",0,"",[]]',
        b'[1,"n",1,1,1,0,0,"",0,"",[[["from-tomorrow"],null]]]',
        b"[99, {}]",
    ],
)
def test_what_cannot_be_read_stops_the_node_with_what_to_do(payload: bytes) -> None:
    with pytest.raises(LogBroken, match=r"position 5: .*update this node"):
        decode(payload, 5, 0)
