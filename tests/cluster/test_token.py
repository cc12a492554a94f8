"""Tokens: pasted whole or refused, good for one, for a while; no secret lies anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.cluster import token as tokens
from hubbub.cluster.errors import ClusterError, TokenRefused
from hubbub.cluster.token import MOST, SECONDS, Token

SECRET = b"s" * 16


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    (tmp_path / "cluster").mkdir()
    return tmp_path


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_what_is_pasted_is_what_was_issued(fingerprint: bytes, secret: bytes) -> None:
    token = Token(fingerprint, secret)
    assert tokens.decode(f"  {token.encode()}\n") == token
    assert len(token.encode()) < 80
    assert secret.hex() not in repr(token)


@given(st.data())
def test_a_part_or_another_character_is_no_token(data: st.DataObject) -> None:
    text = Token(b"f" * 32, SECRET).encode()
    at = data.draw(st.integers(0, len(text) - 1))
    for wrong in (text[:at], text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]):
        with pytest.raises(ClusterError, match="copy it again"):
            tokens.decode(wrong)


@given(st.text(max_size=90))
def test_whatever_is_typed_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ClusterError, match="no token"):
        tokens.decode(text)


def test_it_is_good_once(data_dir: Path) -> None:
    tokens.issue(data_dir, SECRET, 100.0)
    assert tokens.spend(data_dir, SECRET, 101.0) == 100.0 + SECONDS
    with pytest.raises(TokenRefused, match="hubbub cluster token"):
        tokens.spend(data_dir, SECRET, 102.0)


def test_it_is_good_for_a_while(data_dir: Path) -> None:
    tokens.issue(data_dir, SECRET, 100.0, 60)
    with pytest.raises(TokenRefused):
        tokens.spend(data_dir, SECRET, 160.0)


def test_one_for_which_nothing_was_handed_over_is_good_again(data_dir: Path) -> None:
    tokens.issue(data_dir, SECRET, 100.0)
    until = tokens.spend(data_dir, SECRET, 101.0)
    tokens.give_back(data_dir, SECRET, until)
    assert tokens.spend(data_dir, SECRET, 102.0) == until


def test_what_lies_on_the_disk_is_no_secret_and_for_nobody_else(data_dir: Path) -> None:
    tokens.issue(data_dir, SECRET, 100.0)
    file = data_dir / tokens.FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert SECRET not in file.read_bytes()
    assert SECRET.hex() not in file.read_text()


def test_no_more_are_issued_than_may_be_out(data_dir: Path) -> None:
    for number in range(MOST):
        tokens.issue(data_dir, bytes([number]) * 16, 100.0)
    with pytest.raises(ClusterError, match=f"{MOST} tokens"):
        tokens.issue(data_dir, SECRET, 101.0)
    tokens.issue(data_dir, SECRET, 101.0 + SECONDS)


def test_a_damaged_file_is_said_and_not_overwritten(data_dir: Path) -> None:
    (data_dir / tokens.FILE).write_text("[]")
    with pytest.raises(ClusterError, match="damaged"):
        tokens.spend(data_dir, SECRET, 100.0)
    assert (data_dir / tokens.FILE).read_text() == "[]"
