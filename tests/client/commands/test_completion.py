"""What Tab offers."""

from __future__ import annotations

import pytest

from hubbub.client.commands.completion import complete
from tests.client.desk import Desk
from tests.client.harness import line


@pytest.mark.parametrize(
    ("before", "offered"),
    [
        ("/top", ["/topic "]),
        ("b", ["bob: "]),
        ("hi C", ["carl "]),
        ("/whois b", ["bob "]),
        ("/join #", ["#c "]),
        ("see #", ["#c "]),
        ("/set be", ["bell "]),
        ("/help wh", ["whois "]),
        ("", []),
        ("a", []),
    ],
)
def test_tab_offers(before: str, offered: list[str]) -> None:
    assert complete(Desk().console, before)[1] == offered


def test_who_spoke_last_is_offered_first() -> None:
    desk = Desk()
    desk.peer.receive(":s 353 ann = #c :bert", line(1, "x", "bob"), line(2, "x", "bert"))
    desk.look()
    assert complete(desk.console, "b")[1] == ["bert: ", "bob: "]
