"""SEARCH: what is asked of the archive, where one may look, and what is wrong with a question."""

from __future__ import annotations

import pytest

from hubbub.core.access.history import Reach
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.requests import FullTextSearch, Msgid, Report
from hubbub.core.searching.language import parse
from tests.core.world_harness import Client, Harness

NOON = "2026-01-31T12:00:00.000Z"
NOON_VALUE = 1_769_860_800_000_000


@pytest.fixture
def ann(harness: Harness) -> Client:
    ann = harness.connect("ann", "batch", "soju.im/search")
    ann.send("JOIN #a")
    ann.taken_requests()
    return ann


def asked(client: Client, attributes: str) -> FullTextSearch:
    """Return what a command asks for."""
    assert client.send(f"SEARCH {attributes}") == []
    [request] = client.taken_requests()
    assert isinstance(request, FullTextSearch)
    return request


def test_all_that_one_may_read_is_searched(harness: Harness, ann: Client) -> None:
    history = harness.world.channels["#a"].history
    search = asked(ann, r"text=disk\sfull")
    assert search == FullTextSearch(
        parse("disk full", 0), 50, {history: "#a"}, {}, f"@{ann.user.presence}/"
    )


def test_of_a_closed_channel_it_is_what_came_since(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    ann.send("MODE #a +s")
    bob.send("JOIN #a")
    bob.taken_requests()
    channel = harness.world.channels["#a"]
    since = channel.members[bob.user].since
    assert asked(bob, "text=disk").reach == {channel.history: Reach(since)}
    assert asked(bob, "text=disk;in=#a").reach == {channel.history: Reach(since)}


def test_attributes_and_text_mean_one_question(ann: Client) -> None:
    search = asked(ann, f"from=Bob;after={NOON};before={NOON};limit=7;page=xyz")
    assert (search.limit, search.page) == (7, Msgid("xyz"))
    query = search.query
    assert (query.speakers, query.after, query.before) == (
        ("bob",),
        NOON_VALUE,
        NOON_VALUE + 1_000,
    )
    # The narrower bound holds.
    assert asked(ann, f"text=after:2025;after={NOON}").query.after == NOON_VALUE
    assert asked(ann, "text=x;limit=99999").limit == 200


def test_a_place_is_searched_alone(harness: Harness, ann: Client) -> None:
    history = harness.world.channels["#a"].history
    for attributes in ("text=x;in=#A", r"text=x\sin:#A"):
        search = asked(ann, attributes)
        assert (search.shown, search.direct) == ({history: "#a"}, "")
    bob = harness.connect("bob")
    search = asked(ann, r"text=x\sin:bob\sin:#a")
    assert search.shown == {f"@{ann.user.presence}/{bob.user.presence}": "bob", history: "#a"}


@pytest.mark.parametrize(
    ("attributes", "about"),
    [
        ("text=", "*"),
        ("limit=5", "*"),
        ("text=x;colour=red", "*"),
        ("text=x;direct", "*"),
        (r"text=x\safter:soon", "text"),
        ("text=x;after=soon", "after"),
        ("text=x;limit=0", "limit"),
        ("text=x;in=#nowhere", "in"),
        (r"text=in:#a;in=#a", "in"),
        (r"text=from:bob;from=bob", "from"),
    ],
)
def test_what_is_wrong_is_named(ann: Client, attributes: str, about: str) -> None:
    [failed] = ann.send(f"SEARCH {attributes}")
    assert failed.params[:3] == ("SEARCH", "INVALID_PARAMS", about)
    assert ann.taken_requests() == []


def test_the_console_searches_everything_on_record(harness: Harness, ann: Client) -> None:
    ann.session.scope = CONSOLE
    for attributes, where in (("text=disk", "#*"), ("text=disk;direct", "*")):
        assert ann.send(f"SEARCH {attributes}") == []
        report, search = ann.taken_requests()
        assert isinstance(report, Report)
        assert isinstance(search, FullTextSearch)
        assert (search.everywhere, search.as_lines) == (where, True)
    acts = [one.record for one in harness.entries if isinstance(one.record, OperatorActed)]
    assert [(act.action, act.target, act.details) for act in acts] == [
        ("SEARCH", "channels", "disk"),
        ("SEARCH", "everything", "disk"),
    ]
    [failed] = [one for one in ann.send("SEARCH text=disk;in=#nowhere") if one.command == "FAIL"]
    assert failed.params[2] == "in"
