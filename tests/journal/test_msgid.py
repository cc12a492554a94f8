"""Msgids: a keyed permutation of the seqs."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from hubbub.journal.msgid import MsgidKey

KEY = MsgidKey(bytes(range(16)))
OTHER = MsgidKey(bytes(16))
SEQS = st.integers(0, (1 << 64) - 1)


@given(st.lists(SEQS))
def test_a_msgid_names_its_seq(seqs: list[int]) -> None:
    msgids = KEY.encode(seqs)
    assert [KEY.decode(msgid) for msgid in msgids] == seqs
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", msgid) for msgid in msgids)
    assert [KEY.encode([seq])[0] for seq in seqs] == msgids


def test_it_is_aes_128_of_the_seq_and_zeros() -> None:
    # As openssl enc -aes-128-ecb -nopad has it, for 00000000000000010000000000000000.
    assert KEY.encode_many(1, 2) == KEY.encode([1, 2])
    assert KEY.encode_many(1, 1) == ["ExiaauSrB65wo6q9ML6Z3g"]


@given(SEQS)
def test_another_journals_msgid_names_nothing(seq: int) -> None:
    assert OTHER.decode(KEY.encode([seq])[0]) is None


@given(st.text(max_size=30) | st.text("AZaz09-_+/=", min_size=20, max_size=24))
@example("A" * 22)
@example("é" * 22)
@example("*" * 22)
def test_what_is_no_msgid_names_nothing(text: str) -> None:
    assert KEY.decode(text) is None


def test_a_msgid_has_one_spelling() -> None:
    msgid = KEY.encode([5])[0]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spelled = [msgid[:-1] + letter for letter in letters]
    assert [KEY.decode(text) for text in spelled if text != msgid] == [None] * 63
