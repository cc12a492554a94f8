"""What a person types to learn what was missed, and of what to be told."""

from __future__ import annotations

import pytest

from tests.client.desk import Account, Desk


@pytest.fixture
def desk() -> Account:
    desk = Account()
    desk.peer.session.state.capabilities |= {"hubbub/catch-up"}
    return desk


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/digest", "CATCHUP"),
        ("/mentions", "MENTIONS * 20"),
        ("/level mentions", "METADATA #c SET hubbub/level :mentions"),
        ("/level bob nothing", "METADATA bob SET hubbub/level :nothing"),
        ("/pin", "METADATA #c SET soju.im/pinned :1"),
        ("/unpin #d", "METADATA #d SET soju.im/pinned :0"),
    ],
)
def test_a_command_asks_the_server(desk: Account, typed: str, sent: str) -> None:
    assert desk.type(typed) == ([sent], [])


def test_mentions_go_on(desk: Account) -> None:
    desk.peer.session.state.mentions_from = "m9"
    assert desk.type("/mentions more")[0] == ["MENTIONS msgid=m9 20"]
    assert desk.type("/mentions")[0] == ["MENTIONS * 20"]


@pytest.mark.parametrize("typed", ["/mentions all", "/level some", "/level"])
def test_what_is_wrong_is_said(desk: Account, typed: str) -> None:
    sent, shown = desk.type(typed)
    assert sent == []
    assert shown[0].startswith("usage: ")


def test_what_the_server_does_not_know_is_not_asked() -> None:
    assert Account().type("/digest") == ([], ["this server does not know what you have read"])
    guest = Desk()
    guest.peer.session.state.capabilities |= {"hubbub/catch-up"}
    assert "/register" in guest.type("/pin")[1][0]


def test_the_answers_are_sentences(desk: Account) -> None:
    assert desk.hear("761 ann #c hubbub/level * nothing") == ["you are told of nothing in #c"]
    assert desk.hear("761 ann #c soju.im/pinned * 1") == ["#c is pinned"]
    assert desk.hear("761 ann bob url * x") == ["bob url * x"]
