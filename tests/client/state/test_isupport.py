"""What a server says it can do, and what holds where it says nothing or nonsense."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.state.isupport import ISupport


def features(*tokens: str) -> ISupport:
    made = ISupport()
    made.update(tokens)
    return made


def test_what_old_servers_do_holds_until_something_else_is_said() -> None:
    silent = ISupport()
    assert [silent.is_channel(name) for name in ("#c", "&c", "c", "")] == [True, True, False, False]
    assert silent.fold("A[~") == "a{^"
    assert silent.prefixes == {"o": "@", "v": "+"}
    assert features("CHANTYPES=#", "CASEMAPPING=ascii").fold("A[~") == "a[~"
    assert not features("CHANTYPES=#").is_channel("&c")


def test_a_token_can_be_taken_back() -> None:
    made = features("NETWORK=Test", "WHOX")
    assert (made.has("WHOX"), made.text("WHOX"), made.text("NETWORK")) == (True, "", "Test")
    made.update(["-WHOX", "-NETWORK", "-NEVER"])
    assert (made.has("WHOX"), made.text("NETWORK")) == (False, "")


def test_prefixes_are_told_from_names_the_highest_first() -> None:
    made = features("PREFIX=(qo)~@")
    assert list(made.prefixes.items()) == [("q", "~"), ("o", "@")]
    assert made.split_prefix("@~bob") == ("@~", "bob")
    assert made.split_prefix("+bob") == ("", "+bob")
    assert features("PREFIX=").split_prefix("@bob") == ("", "@bob")
    # A status before a channel is no channel.
    assert not made.is_channel("@#c")


def test_a_number_that_is_none_is_the_default_and_none_is_endless() -> None:
    for value in ("", "x", "-1", "0", "٣", "9" * 10):
        assert features(f"NICKLEN={value}").number("NICKLEN", 9) == 9
    assert features("NICKLEN=30").number("NICKLEN", 9) == 30
    assert features("NICKLEN=999999999").number("NICKLEN", 9) == 100_000
    assert ISupport().number("NICKLEN", 9) == 9


@given(st.lists(st.text(max_size=12), max_size=6), st.text(max_size=12))
def test_whatever_a_server_claims_names_can_be_looked_up(tokens: list[str], name: str) -> None:
    made = features(*tokens)
    assert made.fold(made.fold(name)) == made.fold(name)
    before, bare = made.split_prefix(name)
    assert before + bare == name
    assert isinstance(made.is_channel(name), bool)
