"""The table of capabilities."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc import capabilities as cap

NAMES = [name for name, capability in cap.CAPABILITIES.items() if capability.bit]


def test_every_capability_has_a_bit_of_its_own() -> None:
    bits = [cap.CAPABILITIES[name].bit for name in NAMES]
    assert len(set(bits)) == len(bits)
    assert all(bit.bit_count() == 1 for bit in bits)


def test_values_are_shown_from_version_302_on() -> None:
    assert "draft/multiline=max-bytes=4096,max-lines=32" in cap.advertisement(302)
    assert cap.advertisement(301) == NAMES


@given(st.lists(st.sampled_from(NAMES), unique=True))
def test_what_is_turned_on_is_named_and_can_be_turned_off(wanted: list[str]) -> None:
    bits = cap.change(cap.NONE, wanted)
    assert bits is not None
    assert set(cap.names(bits)) == set(wanted)
    assert cap.change(bits, [f"-{name}" for name in wanted]) == cap.NONE


def test_one_unknown_word_changes_nothing() -> None:
    assert cap.change(cap.NONE, ["batch", "no-such-thing"]) is None
    assert cap.change(cap.BATCH, ["-", "batch"]) is None


def test_what_only_tells_something_is_never_requested() -> None:
    assert cap.change(cap.NONE, ["sts"]) is None
    assert "sts=port=6697" in cap.advertisement(302, {"sts": "port=6697"})
    for listed in (cap.advertisement(302), cap.advertisement(301, {"sts": "port=6697"})):
        assert not [word for word in listed if word.startswith("sts")]
