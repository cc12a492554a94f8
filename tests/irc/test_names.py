"""Nicks, channels and masks."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc import names


@given(st.text())
def test_folding_twice_changes_nothing_more(name: str) -> None:
    folded = names.fold(name)
    assert names.fold(folded) == folded
    assert len(folded) == len(name)


def test_only_ascii_letters_are_folded() -> None:
    assert names.fold("ABC[]\\~ÄÉİ") == "abc[]\\~ÄÉİ"


@pytest.mark.parametrize("nick", ["a", "Ann", "[x]", "a-1", "_", "`q", "{|}^", "a" * 32])
def test_nicks(nick: str) -> None:
    assert names.is_nick(nick)


@pytest.mark.parametrize("nick", ["", "1a", "-a", "a b", "ä", "a!b", "a@b", "a" * 33, "#a", "a\n"])
def test_no_nicks(nick: str) -> None:
    assert not names.is_nick(nick)


@pytest.mark.parametrize("name", ["#a", "##", "#ü", "#☃", "#a:b", "#" + "a" * 63, "#\U0001f600"])
def test_channels(name: str) -> None:
    assert names.is_channel(name)


@pytest.mark.parametrize(
    "name", ["", "#", "a", "&a", "#a b", "#a,b", "#\a", "#a\x9b", "#a\u202e", "#a\u200b", "#" * 65]
)
def test_no_channels(name: str) -> None:
    assert not names.is_channel(name)


def test_a_channel_name_is_bounded_in_bytes() -> None:
    assert names.is_channel("#" + "ü" * 31)
    assert not names.is_channel("#" + "ü" * 32)


@given(st.text())
def test_a_user_name_is_safe(given_name: str) -> None:
    name = names.username(given_name)
    assert 0 < len(name) <= names.USERNAME_BYTES
    assert set(name) <= set(string.ascii_letters + string.digits + "._-")


@pytest.mark.parametrize(
    ("mask", "complete"),
    [
        ("", "*!*@*"),
        ("ann", "ann!*@*"),
        ("ann!u", "ann!u@*"),
        ("@host", "*!*@host"),
        ("u@host", "*!u@host"),
        ("ann!u@host", "ann!u@host"),
        ("!", "*!*@*"),
        ("ann!@", "ann!*@*"),
    ],
)
def test_masks_are_completed(mask: str, complete: str) -> None:
    assert names.complete_mask(mask) == complete


@given(st.text(max_size=30))
def test_a_completed_mask_is_complete(mask: str) -> None:
    complete = names.complete_mask(mask)
    assert names.complete_mask(complete) == complete


@pytest.mark.parametrize("mask", ["a b!*@*", "", "a\x1b!*@*", ":a!*@*", "x" * 201, "a,b!*@*"])
def test_no_masks(mask: str) -> None:
    assert not names.is_mask(mask)
    assert names.is_mask("ann!*@*.example")
