"""Tests of remembering certificates."""

from __future__ import annotations

import pytest

from hubbub.client.network.trust import display, lookup, parse_fingerprint, remember

ONE, TWO = "ab" * 32, "cd" * 32


def test_a_server_has_one_line_and_others_stay() -> None:
    text = remember("# my servers\n", "h:1", ONE)
    text = remember(text, "other:1", ONE)
    text = remember(text, "H:1", TWO)
    assert text.splitlines() == [
        "# my servers",
        f"other:1 SHA256:{ONE}",
        f"H:1 SHA256:{TWO}",
    ]
    assert lookup(text, "h:1") == TWO
    assert lookup(text, "h:2") is None
    assert lookup("h:1 nonsense\nh:1\n\n", "h:1") is None


@pytest.mark.parametrize(
    "text", [ONE, ONE.upper(), f"SHA256:{ONE}", display(ONE), f"sha256 Fingerprint={display(ONE)}"]
)
def test_fingerprints_are_read_as_they_are_printed(text: str) -> None:
    assert parse_fingerprint(text) == ONE


@pytest.mark.parametrize("text", ["", "ab", "zz" * 32, ONE + "ab"])
def test_anything_else_is_no_fingerprint(text: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits"):
        parse_fingerprint(text)
