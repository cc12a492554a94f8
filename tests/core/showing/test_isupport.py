"""What the server says it supports."""

from __future__ import annotations

from dataclasses import replace

from hubbub.core.policy.policy import Policy
from hubbub.core.showing import isupport
from hubbub.irc import modes, names


def tokens(policy: Policy) -> dict[str, str]:
    """Return the tokens' values by name."""
    parts = (token.partition("=") for token in isupport.tokens(policy))
    return {name: value for name, _, value in parts}


def test_the_tokens_say_what_the_code_does() -> None:
    found = tokens(Policy())
    assert found["CHANMODES"] == modes.CHANMODES
    assert found["NICKLEN"] == str(names.NICK_BYTES)
    assert found["PREFIX"] == "(qaohv)~&@%+"
    assert found["MODES"] == str(modes.MODES_PER_COMMAND)
    assert {"UTF8ONLY", "WHOX", "SAFELIST"} <= set(found)


def test_the_tokens_follow_the_settings() -> None:
    found = tokens(replace(Policy(), monitor=7, silence=3, history_page=11, list_entries=9))
    assert (found["MONITOR"], found["SILENCE"], found["CHATHISTORY"]) == ("7", "3", "11")
    assert found["MAXLIST"] == "beI:9"


def test_what_would_end_a_token_is_escaped() -> None:
    found = tokens(replace(Policy(), network="A b=c\\d"))
    assert found["NETWORK"] == r"A\x20b\x3Dc\x5Cd"


def test_every_token_is_in_a_line_of_at_most_thirteen() -> None:
    policy = replace(Policy(), network="\\" * 64)
    lines = list(isupport.lines(policy))
    assert max(map(len, lines)) <= 13
    assert [token for line in lines for token in line] == isupport.tokens(policy)
    around = f":{'s' * 63} 005 {'n' * 32} ... :are supported by this server\r\n"
    assert max(len(" ".join(line)) for line in lines) + len(around) <= 512


def test_the_icon_is_named_where_there_is_one() -> None:
    icon = "https://example.org/icon.svg?v=1"
    listed = isupport.tokens(Policy(icon=icon))
    assert r"draft/ICON=https://example.org/icon.svg?v\x3D1" in listed
    assert not [token for token in isupport.tokens(Policy()) if "ICON" in token]


def test_who_needs_an_account_is_told_so_and_nobody_is_put_out_for_speed() -> None:
    assert "soju.im/SAFERATE" in isupport.tokens(Policy())
    assert "draft/ACCOUNTREQUIRED" not in isupport.tokens(Policy())
    for access in ("invite", "closed"):
        assert "draft/ACCOUNTREQUIRED" in isupport.tokens(Policy(access=access))
