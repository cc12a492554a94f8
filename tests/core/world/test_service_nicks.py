"""Whose nick a service's is, and what could be taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.world.service_nicks import SERVICES, is_addressed, is_lookalike, named, source_of
from hubbub.irc.message import Message


@given(st.sampled_from(list(SERVICES)), st.data())
def test_a_service_is_named_in_small_and_capital_letters(service: str, data: st.DataObject) -> None:
    written = "".join(data.draw(st.sampled_from([c.lower(), c.upper()])) for c in service)
    assert named(written) == service
    assert is_addressed(Message("PRIVMSG", (written, "HELP")))


@pytest.mark.parametrize(
    "target", ["", "ann", "Nick", "ChanServ,NickServ", "#ChanServ", "NickServ_"]
)
def test_nothing_else_is_a_service(target: str) -> None:
    assert named(target) == ""
    assert not is_addressed(Message("PRIVMSG", (target, "HELP")))


def test_a_message_to_nobody_is_said_to_no_service() -> None:
    assert not is_addressed(Message("PRIVMSG"))


@pytest.mark.parametrize(
    "nick",
    [
        "NickServ",
        "nickserv_",
        "[NickServ]",
        "OperServ",
        "serv",
        "`MemoServ|2",
        "Global",
        "SERVICES",
    ],
)
def test_who_looks_like_a_service_is_taken_for_one(nick: str) -> None:
    assert is_lookalike(nick)


@pytest.mark.parametrize("nick", ["ann", "servant", "observer", "globally", "my-server"])
def test_who_only_has_some_letters_in_common_is_not(nick: str) -> None:
    assert not is_lookalike(nick)


def test_nor_does_anybody_look_like_the_network_or_the_server() -> None:
    assert is_lookalike("LIBERA", "Libera", "hub")
    assert is_lookalike("_hub_", "Libera", "hub")
    assert not is_lookalike("libera", "OFTC")


def test_what_a_service_says_has_a_source_like_anybodys() -> None:
    assert source_of("NickServ", "hub.test") == "NickServ!NickServ@hub.test"
