"""CATCHUP, MENTIONS and the counts that follow from reading."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.core.records.messages import Said
from hubbub.irc.message import Message
from hubbub.irc.names import fold
from hubbub.irc.timestamps import format_time
from tests.node.history.talk import CAPS
from tests.node.node_harness import Guest, Node, commands, texts

ALL = (
    *(*CAPS, "draft/read-marker", "hubbub/catch-up", "draft/metadata-2"),
    *("draft/message-redaction", "hubbub/message-edit"),
)


async def meet(*names: str, keep: Sequence[str] = ()) -> tuple[Node, list[Guest]]:
    """Return accounts that are in #c."""
    node = Node(keep=keep)
    guests = [await node.attach(name, name, *ALL) for name in names]
    for guest in guests:
        await guest.ask("JOIN #c")
    for guest in guests:
        guest.read()
    return node, guests


def lines(messages: Sequence[Message]) -> list[str]:
    """Return what CATCHUP lists as `name unread meant`, and below each what was meant."""
    found = []
    for message in messages:
        if message.command == "CATCHUP":
            found.append(" ".join(message.params[:3]))
        elif message.command == "PRIVMSG":
            found.append(f"{message.params[0]}: {message.params[1]}")
    return found


async def caught_up(guest: Guest, *more: str) -> list[str]:
    return lines(await guest.ask(" ".join(("CATCHUP", *more))))


async def test_what_is_new_is_told_with_what_was_meant_for_one_newest_first() -> None:
    _, (ann, bob) = await meet("ann", "bob")
    await ann.ask("JOIN #d")
    await bob.ask("JOIN #d", "PRIVMSG #d :nothing", "PRIVMSG #c :hi ann", "PRIVMSG #c :again, Ann!")
    await bob.ask("PRIVMSG #c :annual", "PRIVMSG ann :psst")
    ann.read()
    assert await caught_up(ann) == [
        "bob 1 1",
        "ann: psst",
        "#c 3 2",
        "#c: hi ann",
        "#c: again, Ann!",
        "#d 1 0",
    ]
    assert await caught_up(bob) == []
    assert await caught_up(ann, "1") == ["bob 1 1", "ann: psst"]


async def test_what_a_script_of_ones_own_said_is_not_shown_as_new() -> None:
    _, (ann, bob) = await meet("ann", "bob")
    await bob.ask("PRIVMSG ann :urgent")
    await ann.ask("PRIVMSG bob :report")
    ann.read()
    assert await caught_up(ann) == ["bob 1 1"]


async def test_it_is_one_batch_whose_messages_have_their_ids() -> None:
    node, (ann, bob) = await meet("ann", "bob")
    await bob.ask("PRIVMSG #c :ann")
    ann.read()
    opening, line, said, closing = await ann.ask("CATCHUP")
    assert opening.params[1:] == ("hubbub/catch-up",)
    assert line.tags["batch"] == said.tags["batch"] == closing.params[0][1:]
    entry = node.journal.kept[-1]
    assert said.tags["msgid"] == entry.msgid
    assert line.params[3] == f"timestamp={format_time(entry.time)}"


async def test_what_one_reads_is_counted_on_ones_other_sessions() -> None:
    node, (ann, bob) = await meet("ann", "bob")
    other = await node.attach("ann", "ann", *ALL)
    plain = await node.attach("ann", "ann", *CAPS)
    await bob.ask("PRIVMSG #c :1", "PRIVMSG #c :2 ann", "PRIVMSG #c :3", "PRIVMSG ann :psst")
    times = [format_time(entry.time) for entry in node.journal.kept if entry.body is not None]
    for guest in (ann, other, plain):
        guest.read()
    assert lines(await ann.ask(f"MARKREAD #c timestamp={times[0]}")) == ["#c 2 1"]
    assert lines(other.read()) == ["#c 2 1"]
    assert "CATCHUP" not in commands(plain.read())
    assert lines(await ann.ask(f"MARKREAD #c timestamp={times[2]}")) == ["#c 0 0"]
    assert lines(await ann.ask(f"MARKREAD bob timestamp={times[3]}")) == ["bob 0 0"]
    other.read()
    assert await caught_up(other) == []


async def test_mentions_are_an_inbox_that_goes_on_page_by_page() -> None:
    node, (ann, bob) = await meet("ann", "bob")
    await ann.ask("JOIN #d")
    await bob.ask("JOIN #d", *(f"PRIVMSG {'#c' if n % 2 else '#d'} :ann {n}" for n in range(5)))
    ann.read()
    opening, *page, _ = await ann.ask("MENTIONS * 2")
    assert opening.params[1:] == ("hubbub/mentions",)
    assert texts(page) == ["ann 4", "ann 3"]
    _, *page, _ = await ann.ask(f"MENTIONS msgid={page[-1].tags['msgid']} 2")
    assert texts(page) == ["ann 2", "ann 1"]
    _, *page, _ = await ann.ask(f"MENTIONS timestamp={page[-1].tags['time']} 50")
    assert texts(page) == ["ann 0"]
    (refused,) = await ann.ask("MENTIONS msgid=nonsense")
    assert refused.params[:2] == ("MENTIONS", "INVALID_PARAMS")
    # What they were for goes with their words.
    entry = next(one for one in node.journal.kept if one.body and one.body.text == "ann 4")
    await bob.ask(f"REDACT #d {entry.msgid}")
    ann.read()
    assert texts(await ann.ask("MENTIONS * 2")) == ["ann 3", "ann 2"]


async def test_only_a_half_operator_calls_everybody_unless_the_channel_says_otherwise() -> None:
    _, (ann, bob, cat) = await meet("ann", "bob", "cat")
    await cat.ask("QUIT")
    await bob.ask("PRIVMSG #c :@channel")
    ann.read()
    assert await caught_up(ann) == ["#c 1 0"]
    await ann.ask("PRIVMSG #c :@channel up")
    bob.read()
    assert await caught_up(bob) == ["#c 1 1", "#c: @channel up"]
    await ann.ask("METADATA #c SET hubbub/everybody all")
    await bob.ask("PRIVMSG #c :@channel down", "PRIVMSG #c :not @here.com", "PRIVMSG #c :@here hi")
    ann.read()
    assert await caught_up(ann) == ["#c 4 2", "#c: @channel down", "#c: @here hi"]


async def test_a_level_says_of_what_one_is_told_and_a_pin_what_stands_first() -> None:
    node, (ann, bob) = await meet("ann", "bob")
    other = await node.attach("ann", "ann", *ALL)
    await other.ask("METADATA * SUB soju.im/muted soju.im/pinned")
    await ann.ask("JOIN #d")
    await bob.ask("JOIN #d", "PRIVMSG #c :ann", "PRIVMSG #d :later")
    ann.read()
    other.read()
    (answer,) = await ann.ask("METADATA #c SET soju.im/pinned 1")
    assert answer.params[1:] == ("#c", "soju.im/pinned", "*", "1")
    assert [m.params for m in other.read()] == [("#c", "soju.im/pinned", "*", "1")]
    assert await caught_up(ann) == ["#c 1 1", "#c: ann", "#d 1 0"]
    await ann.ask("METADATA #d SET hubbub/level mentions")
    assert await caught_up(ann) == ["#c 1 1", "#c: ann"]
    await ann.ask("METADATA #c SET soju.im/muted 1")
    assert await caught_up(ann) == []
    _, *values, _ = await ann.ask("METADATA #c GET soju.im/muted hubbub/level")
    assert [one.params[-1] for one in values] == ["1", "nothing"]
    # They are one's own: others know nothing of them, and need not be operators to have theirs.
    _, value, _ = await bob.ask("METADATA #c GET soju.im/muted")
    assert value.params[-1] == "0"
    assert commands(await bob.ask("METADATA #c LIST")) == ["BATCH", "BATCH"]
    (wrong,) = await ann.ask("METADATA #c SET soju.im/pinned yes")
    assert wrong.command == "FAIL"


async def test_who_has_parted_is_told_nothing_of_what_is_said_since() -> None:
    _, (ann, bob) = await meet("ann", "bob")
    await bob.ask("PRIVMSG #c :ann before")
    await ann.ask("PART #c")
    await bob.ask("PRIVMSG #c :ann after")
    ann.read()
    assert await caught_up(ann) == []
    assert texts(await ann.ask("MENTIONS")) == []
    (line,) = await ann.ask("MARKREAD #c timestamp=2100-01-01T00:00:00.000Z")
    assert line.command == "MARKREAD"


async def test_who_comes_into_a_closed_channel_counts_from_then_on() -> None:
    _, (bob, ann) = await meet("bob", "ann")
    await ann.ask("PART #c")
    await bob.ask("MODE #c +s", "PRIVMSG #c :ann before")
    await ann.ask("MARKREAD #c timestamp=2000-01-01T00:00:00.000Z", "JOIN #c")
    await bob.ask("PRIVMSG #c :after, ann")
    ann.read()
    assert await caught_up(ann) == ["#c 1 1", "#c: after, ann"]
    assert texts(await ann.ask("MENTIONS")) == ["after, ann"]


async def test_a_secret_channel_answers_from_outside_as_one_that_is_not_there() -> None:
    _, (ann, bob) = await meet("ann", "bob")
    await bob.ask("JOIN #d", "MODE #d +s", "PRIVMSG #d :ann?")
    ann.read()
    assert await caught_up(ann) == []
    for name in ("#d", "#nowhere"):
        (answer,) = await ann.ask(f"METADATA {name} SET soju.im/pinned 1")
        assert answer.params[1:] == (name, "soju.im/pinned", "*", "1")
        (answer,) = await ann.ask(f"MARKREAD {name} timestamp=2100-01-01T00:00:00.000Z")
        assert answer.command == "MARKREAD"


@pytest.mark.parametrize("scope", ["read:#c", "post:#c"])
async def test_a_token_for_one_purpose_is_for_none_of_it(scope: str) -> None:
    _, (ann, _) = await meet("ann", "bob")
    ann.connection.session.scope = scope
    for command in ("CATCHUP", "MENTIONS"):
        (answer,) = await ann.ask(command)
        assert answer.params[:2] == (command, "OUT_OF_SCOPE")


async def test_a_guest_is_told_to_log_in() -> None:
    node = Node(keep=["#c"])
    guest = await node.guest("guest", *ALL)
    (answer,) = await guest.ask("CATCHUP")
    assert answer.params[:2] == ("CATCHUP", "ACCOUNT_REQUIRED")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(["ann", "bob", "cat"]), st.sampled_from(
            ["hello", "ann: look", "bob and ann", "http://x/ann", "annie", "@channel", "cat"]
        )),
        st.tuples(st.just("psst"), st.sampled_from(["bob", "cat"])),
        st.tuples(st.just("redact"), st.integers(0, 20)),
        st.tuples(
            st.just("edit"), st.integers(0, 20), st.sampled_from(["nothing", "ann", "@channel"])
        ),
        st.tuples(st.just("react"), st.integers(0, 20)),
        st.tuples(st.just("nick"), st.sampled_from(["ann", "zoe"])),
        st.tuples(st.just("rename"), st.sampled_from(["#c", "#e"])),
        st.tuples(st.just("part"), st.sampled_from(["ann", "bob"])),
        st.tuples(st.just("read"), st.integers(0, 20)),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_counts_are_what_a_walk_over_the_history_counts(steps: list[tuple[str | int, ...]]) -> None:
    asyncio.run(_walk(steps))


async def _walk(steps: list[tuple[str | int, ...]]) -> None:
    node, guests = await meet("cat", "ann", "bob")
    by_name = dict(zip(("cat", "ann", "bob"), guests, strict=True))
    await by_name["ann"].ask("MARKREAD #c timestamp=2000-01-01T00:00:00.000Z")
    for step in steps:
        await _do(node, by_name, step)
        for guest in guests:
            guest.read()
        told = {
            line.split()[0]: line for line in await caught_up(by_name["ann"]) if ":" not in line
        }
        assert told == _recounted(node)


async def _do(node: Node, by_name: dict[str, Guest], step: tuple[str | int, ...]) -> None:
    channel = next(iter(node.world.channels.values())).name
    said = [entry for entry in node.journal.kept if isinstance(entry.record, Said)]
    match step:
        case ("say", str(who), str(text)):
            await by_name[who].ask(f"PRIVMSG {channel} :{text}")
        case ("psst", str(who)):
            await by_name[who].ask(f"PRIVMSG {node.hub.world.accounts['ann'].here[0].nick} :psst")
        case ("nick", nick):
            await by_name["ann"].ask(f"NICK {nick}")
        case ("rename", name):
            await by_name["cat"].ask(f"RENAME {channel} {name}")
        case ("part", str(who)):
            await by_name[who].ask(f"PART {channel}")
            await by_name[who].ask(f"JOIN {channel}")
        case ("redact", int(number)) if said:
            entry = said[number % len(said)]
            record = entry.record
            assert isinstance(record, Said)
            target = channel if record.target.startswith("#") else "ann"
            await by_name[fold(record.account)].ask(f"REDACT {target} {entry.msgid}")
        case ("edit", int(number), str(text)) if said:
            entry = said[number % len(said)]
            record = entry.record
            assert isinstance(record, Said)
            target = channel if record.target.startswith("#") else "ann"
            await by_name[fold(record.account)].ask(f"EDITMSG {target} {entry.msgid} :{text}")
        case ("react", int(number)) if said:
            tags = f"@+draft/reply={said[number % len(said)].msgid};+draft/react=x"
            await by_name["bob"].ask(f"{tags} TAGMSG {channel}")
        case ("read", int(number)) if said:
            entry = said[number % len(said)]
            record = entry.record
            assert isinstance(record, Said)
            target = channel if record.target.startswith("#") else record.account
            await by_name["ann"].ask(f"MARKREAD {target} timestamp={format_time(entry.time)}")


def _recounted(node: Node) -> dict[str, str]:
    """Return how much ann has not read, and what of it names her, by going through all there is."""
    world = node.world
    (user,) = world.accounts["ann"].users
    found: dict[str, list[bool]] = {}
    for entry in node.journal.kept:
        said = entry.record
        if not isinstance(said, Said) or said.command == "TAGMSG":
            continue
        if entry.seq in node.journal.erased or said.account == "ann":
            continue
        channel = next((c for c in user.channels.values() if c.history in said.histories), None)
        name = channel.name if channel is not None else said.account
        if channel is None and f"@a:ann/a:{said.account}" not in said.histories:
            continue
        marker = world.read_marker(user, name)
        unread = entry.time // 1000 > marker // 1000 if marker is not None else True
        if marker is None and channel is not None:
            unread = entry.seq > channel.members[user].since[1]
        if unread:
            mentions = entry.body.mentions if entry.body is not None else ()
            meant = channel is None or bool({"ann", "*"} & set(mentions))
            found.setdefault(name, []).append(meant)
    return {name: f"{name} {len(one)} {sum(one)}" for name, one in found.items()}
