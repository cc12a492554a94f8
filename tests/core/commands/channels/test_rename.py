"""RENAME."""

from __future__ import annotations

import pytest

from hubbub.core.apply import channel_rename
from hubbub.core.showing.delivery import encode
from hubbub.irc import capabilities as cap
from tests.core.invariants import check
from tests.core.world_harness import Client, Harness, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    """Return the operator of #a, who knows RENAME."""
    ann = harness.connect_as("ann", "Ann", "draft/channel-rename")
    ann.send("JOIN #a")
    return ann


def test_everything_but_the_name_stays(harness: Harness, ann: Client) -> None:
    bob, cy = harness.connect("bob"), harness.connect("cy")
    bob.send("JOIN #a")
    for line in ("TOPIC #a :ours", "MODE #a +vb bob nobody", "INVITE cy #a", "CHANNEL REGISTER #a"):
        ann.send(line)
    channel = harness.world.channels["#a"]
    history, kept = channel.history, (channel.topic, dict(channel.lists["b"]), channel.registration)
    ann.session.caps |= cap.READ_MARKER
    ann.send("MARKREAD #a timestamp=2023-01-01T00:00:00.000Z")
    bob.take(), cy.take(), ann.take()
    assert shown(ann.send("RENAME #a #b :new name")) == ["RENAME #a #b new name"]
    assert shown(bob.take()) == [
        "PART #a new name",
        "JOIN #b",
        "332 bob #b ours",
        f"333 bob #b {ann.user.source} {harness.time // 1_000_000}",
        "353 bob = #b ~ann +bob",
        "366 bob #b End of NAMES list",
    ]
    assert harness.world.channels == {"#b": channel}
    assert (channel.topic, channel.lists["b"], channel.registration) == kept
    assert channel.history == history
    assert harness.histories_ended == []
    check(harness.world)
    assert harness.world.read_marker(ann.user, "#b") == 1_672_531_200_000_000
    assert harness.world.read_marker(ann.user, "#a") is None
    bob.send("PRIVMSG #b :hello")
    assert shown(ann.take()) == ["PRIVMSG #b hello"]
    assert shown(cy.send("JOIN #b"))[0] == "JOIN #b"


def test_how_those_who_do_not_know_it_are_told(harness: Harness, ann: Client) -> None:
    bob = harness.connect_as("bob", "Bob", "no-implicit-names")
    bob.session.caps |= cap.EXTENDED_JOIN
    bob.send("JOIN #a")
    bob.take()
    ann.send("RENAME #a #b")
    left, joined = bob.take()
    assert (left.source, left.params) == (bob.user.source, ("#a",))
    assert (joined.source, joined.params) == (bob.user.source, ("#b", "Bob", "bob"))


def test_of_another_case_only_those_are_told_who_know_it(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    bob.take(), ann.take()
    assert shown(ann.send("RENAME #a #A")) == ["RENAME #a #A "]
    assert bob.take() == []
    assert harness.world.channels["#a"].name == "#A"
    assert ann.send("RENAME #A #A")[0].params[1] == "CANNOT_RENAME"
    harness.time += 61_000_000
    assert ann.send("RENAME #A #A") == []


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("RENAME #a", "461 ann RENAME Not enough parameters"),
        ("RENAME #none #b", "403 ann #none No such channel"),
        ("RENAME #a b", "FAIL RENAME CANNOT_RENAME #a b This is no name of a channel"),
        ("RENAME #a #other", "FAIL RENAME CHANNEL_NAME_IN_USE #a #other The channel name is"),
        ("RENAME #kept #b", "FAIL RENAME CANNOT_RENAME #kept #b The operator keeps this channel"),
        ("RENAME #other #b", "442 ann #other You're not on that channel"),
    ],
)
def test_what_is_refused(line: str, answer: str) -> None:
    harness = Harness(kept=("#kep?",))
    root, ann = harness.connect("root"), harness.connect("ann", "draft/channel-rename")
    root.send("OPER root secret")
    root.send("JOIN #other")
    ann.send("JOIN #a,#kept")
    root.send("MODE #kept +o ann")
    ann.take()
    [told] = shown(ann.send(line))
    assert told.startswith(answer)


def test_a_kept_channel_may_change_its_case() -> None:
    harness = Harness(kept=("#kep?",))
    root = harness.connect("root", "draft/channel-rename")
    root.send("OPER root secret")
    root.send("JOIN #kept")
    assert shown(root.send("RENAME #kept #Kept")) == ["RENAME #kept #Kept "]
    check(harness.world)


def test_a_channel_can_take_a_name_that_is_kept() -> None:
    harness = Harness(kept=("#kep?",))
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    ann.send("RENAME #a #kept")
    ann.send("PART #kept")
    assert list(harness.world.channels) == ["#kept"]
    check(harness.world)


def test_an_empty_channel_ends_with_the_name_that_kept_it() -> None:
    harness = Harness(kept=("#kep?",))
    ann, root = harness.connect("ann"), harness.connect("root", "draft/channel-rename")
    root.send("OPER root secret")
    ann.send("JOIN #a")
    ann.send("RENAME #a #kept")
    ann.send("PART #kept")
    history = harness.world.channels["#kept"].history
    harness.time += channel_rename.RENAME_SECONDS * 1_000_000
    root.send("RENAME #kept #b")
    assert harness.world.channels == {}
    assert harness.histories_ended == [history]
    check(harness.world)


def test_operators_rename_only_what_is_nobodys(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    assert shown(bob.send("RENAME #a #b"))[-1] == "482 bob #a You're not a channel operator"
    ann.send("MODE #a +o bob")
    ann.send("CHANNEL REGISTER #a")
    bob.take()
    assert shown(bob.send("RENAME #a #b")) == ["482 bob #a You're not a channel operator"]
    ann.take()
    assert shown(ann.send("RENAME #a #b")) == ["RENAME #a #b "]


def test_not_twice_in_a_minute(harness: Harness, ann: Client) -> None:
    ann.send("RENAME #a #b")
    [told] = shown(ann.send("RENAME #b #c"))
    assert told == "FAIL RENAME CANNOT_RENAME #b #c This channel has been renamed recently"
    harness.time += 61_000_000
    assert shown(ann.send("RENAME #b #c")) == ["RENAME #b #c "]


def test_not_where_too_many_would_have_to_be_told(
    harness: Harness, ann: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_rename, "RENAME_MEMBERS", 1)
    harness.connect("bob").send("JOIN #a")
    ann.take()
    [told] = shown(ann.send("RENAME #a #b"))
    assert told == "FAIL RENAME CANNOT_RENAME #a #b This channel has more than 1 members"


def test_what_was_for_the_old_name_is_for_no_other_channel(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    bob.send("JOIN #a")
    bob.take()
    harness.held = True
    bob.send("PRIVMSG #a :hello")
    ann.send("RENAME #a #b")
    harness.commit(ann.session.id)
    bob.take()
    harness.commit_all()
    assert shown(bob.take()) == ["403 bob #a No such channel"]


def test_it_is_read_back_by_those_who_know_it(harness: Harness, ann: Client) -> None:
    ann.send("RENAME #a #b")
    entry = harness.entries[-1]
    assert encode(entry, 0) == b""
    assert encode(entry, ann.session.caps) == b":ann!ann@cloak.test RENAME #a #b :\r\n"


@pytest.mark.parametrize("caps", [(), ("draft/channel-rename",)])
def test_who_came_in_to_read_what_has_the_old_name_hears_no_more(
    harness: Harness, caps: tuple[str, ...]
) -> None:
    owner = harness.connect_as("owner", "owner")
    for line in ("JOIN #a", "CHANNEL REGISTER #a"):
        owner.send(line)
    reader = harness.open(caps)
    reader.session.account, reader.session.scope = "owner", "read:#a"
    reader.session.credential = ("token", "any")
    for line in ("NICK bot", "USER bot 0 * :bot", "JOIN #a"):
        reader.send(line)
    reader.take()
    owner.send("RENAME #a #b")
    told = shown(reader.take())
    assert [line.split()[0] for line in told] == [*(["RENAME"] if caps else []), "PART"]
    owner.send("PRIVMSG #b :secret")
    assert reader.take() == []
