"""Who somebody is to a channel, as its bans see it."""

from __future__ import annotations

import pytest

from hubbub.client.state.lookups import Ban, UserIdentity
from hubbub.irc.masks import matches
from hubbub.irc.names import complete_mask


@pytest.mark.parametrize(
    ("who", "source"),
    [
        (UserIdentity("bob", "b", "host", "bob"), "bob!b@host"),
        (UserIdentity("bob", host="host"), "bob!*@host"),
        (UserIdentity("bob"), "bob!*@*"),
    ],
)
def test_what_is_not_known_stands_open_in_the_source(who: UserIdentity, source: str) -> None:
    assert who.source == source


def test_a_ban_of_the_nick_hits_who_is_known_by_no_more() -> None:
    assert matches(complete_mask(Ban("bob").mask), UserIdentity("bob").source)
    assert not matches(complete_mask("*!*@elsewhere"), UserIdentity("bob", "b", "host").source)
