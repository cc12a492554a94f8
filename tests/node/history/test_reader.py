"""Reading back: pages, replay on join, and what a slow reader missed."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.core.policy.policy import Policy
from hubbub.journal.port import ArchiveBusy, ArchiveDamaged, JournalBroken
from hubbub.node.history import reader as history_module
from hubbub.node.limits.bounds import Bounds
from tests.node.history.talk import CAPS, talk
from tests.node.node_harness import Guest, Node, commands, texts


async def test_an_answer_holds_its_place_and_what_comes_meanwhile_follows() -> None:
    node = Node(keep=["#c"])
    ann, bob = await talk(node, 3, *CAPS)
    node.archive.hold()
    assert await ann.ask("CHATHISTORY LATEST #c * 10", "PING x") == []
    await bob.ask("PRIVMSG #c :meanwhile")
    assert ann.read() == []
    node.archive.release()
    await node.quiet()
    shown = ann.read()
    assert commands(shown) == ["BATCH", *["PRIVMSG"] * 3, "BATCH", "PRIVMSG", "PONG"]
    assert texts(shown) == ["1", "2", "3", "meanwhile"]


async def test_who_cannot_ask_is_shown_what_was_said() -> None:
    node = Node(Policy(flood=None, replay=3), keep=["#c"])
    await talk(node, 5)
    old = await node.guest("old")
    shown = await old.ask("JOIN #c", "PING x")
    assert commands(shown) == ["JOIN", "353", "366", "NOTICE", "NOTICE", "NOTICE", "PONG"]
    told = ["[2027-01-15 08:00 UTC] <ann> " + text for text in "345"]
    assert texts(shown, "NOTICE") == told
    assert {(m.source, m.params[0]) for m in shown[3:6]} == {("hubbub.localhost", "#c")}
    timed = await node.guest("timed", "server-time")
    shown = await timed.ask("JOIN #c", "PING x")
    assert texts(shown) == ["3", "4", "5"]
    assert all("time" in message.tags for message in shown if message.command == "PRIVMSG")
    new = await node.guest("new", *CAPS)
    assert texts(await new.ask("JOIN #c")) == []


async def test_a_busy_archive_refuses_a_page_but_a_join_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(history_module, "BUSY_SECONDS", 0.0)
    node = Node(Policy(flood=None), keep=["#c"])
    ann, _ = await talk(node, 3, *CAPS)
    node.archive.errors.append(ArchiveBusy("busy"))
    (failure,) = await ann.ask("CHATHISTORY LATEST #c * 10")
    assert failure.params[:2] == ("CHATHISTORY", "TRY_AGAIN")
    node.archive.errors.append(ArchiveBusy("busy"))
    old = await node.guest("old", "server-time")
    seen = commands(await old.ask("JOIN #c", "PING x"))
    assert seen == ["JOIN", "353", "366", "PRIVMSG", "PRIVMSG", "PRIVMSG", "PONG"]


async def test_a_fault_while_reading_ends_the_connection_that_asked() -> None:
    node = Node(keep=["#c"])
    ann, _ = await talk(node, 3, *CAPS)
    node.archive.errors.append(ValueError("not foreseen"))
    await ann.ask("CHATHISTORY LATEST #c * 10")
    assert ann.stream.ended


async def test_an_archive_that_cannot_be_read_is_told_to_who_asked() -> None:
    node = Node(keep=["#c"])
    ann, _ = await talk(node, 3, *CAPS)
    node.archive.errors.append(JournalBroken("unreadable"))
    (failure,) = await ann.ask("CHATHISTORY LATEST #c * 10")
    assert failure.params[:3] == ("CHATHISTORY", "MESSAGE_ERROR", "LATEST")
    assert commands(await ann.ask("PING x")) == ["PONG"]


async def test_what_can_be_read_of_a_damaged_archive_is_shown() -> None:
    node = Node(Policy(flood=None, replay=10), keep=["#c"])
    ann, _ = await talk(node, 3, *CAPS, "labeled-response")
    said = [entry for entry in node.journal.kept if entry.body is not None]
    node.archive.errors.append(ArchiveDamaged("page 7", said[:2]))
    shown = await ann.ask("@label=x CHATHISTORY LATEST #c * 10")
    assert texts(shown) == ["1", "2"]
    (failure,) = (message for message in shown if message.command == "FAIL")
    assert failure.params[:-1] == ("CHATHISTORY", "MESSAGE_ERROR", "LATEST", "#c", "PARTIAL")
    # Before what can be read: who has read to the end of a page knows whether it was all.
    assert [m.command for m in shown if m.command != "BATCH"] == ["FAIL", "PRIVMSG", "PRIVMSG"]
    assert shown[0].tags["label"] == "x"
    assert all("batch" in message.tags for message in shown[1:-1])
    # A client that joins is not thrown out, or it would come back and be thrown out again.
    node.archive.errors.append(ArchiveDamaged("page 7", said[:1]))
    old = await node.guest("old", "server-time")
    assert texts(await old.ask("JOIN #c")) == ["1"]
    assert commands(await old.ask("PING x")) == ["PONG"]
    node.archive.errors.append(JournalBroken("unreadable"))
    other = await node.guest("other")
    assert commands(await other.ask("JOIN #c", "PING x"))[-1] == "PONG"


@pytest.mark.parametrize("readable", [10, 0])
async def test_a_slow_reader_is_told_what_is_damaged(readable: int) -> None:
    node = Node(bounds=Bounds(outbox_bytes=8192), keep=["#c"])
    ann, bob, _ = await slow(node, 500)
    entries = [entry for entry in node.journal.kept if entry.body is not None][:readable]
    node.archive.errors.append(
        ArchiveDamaged("page 7", entries) if readable else JournalBroken("unreadable")
    )
    bob.stream.unstick()
    await node.quiet()
    await ann.ask("PRIVMSG #c :live again")
    shown = bob.read()
    assert not bob.stream.ended
    assert texts(shown)[-1] == "live again"
    missed = [m for m in shown if m.command not in ("PRIVMSG", "JOIN")]
    assert any("not shown" in m.params[-1] or "missed" in m.params[-1] for m in missed), missed


async def test_one_thing_at_a_time_is_read_for_a_connection() -> None:
    node = Node(keep=["#c"])
    ann, bob = await talk(node, 2, *CAPS)
    node.archive.hold()
    asked = node.archive.asked
    await ann.ask(*["CHATHISTORY LATEST #c * 1"] * 5)
    await bob.ask("CHATHISTORY LATEST #c * 1")
    assert node.archive.asked == asked + 2
    node.archive.release()
    await node.quiet()
    assert texts(ann.read()) == ["2"] * 5
    assert texts(bob.read()) == ["2"]


async def slow(node: Node, count: int) -> tuple[Guest, Guest, list[str]]:
    """Let ann say so much while bob reads nothing."""
    ann, bob = await talk(node, 0)
    bob.stream.stuck = True
    said = [f"{number} {'x' * 80}" for number in range(count)]
    for start in range(0, count, 50):
        await ann.ask(*(f"PRIVMSG #c :{text}" for text in said[start : start + 50]))
    return ann, bob, said


async def test_a_slow_reader_catches_up_with_every_message_in_order_once() -> None:
    node = Node(bounds=Bounds(outbox_bytes=8192), keep=["#c"])
    ann, bob, said = await slow(node, 1000)
    assert bob.stream.unsent + sum(map(len, bob.connection.outbox.parts)) < 3 * 8192
    node.archive.hold()
    bob.stream.unstick()
    await node.quiet()
    await ann.ask("PRIVMSG #c :while it catches up")
    node.archive.release()
    await node.quiet()
    await ann.ask("PRIVMSG #c :live again")
    assert texts(bob.read()) == [*said, "while it catches up", "live again"]
    assert not bob.connection.outbox.is_behind


async def test_a_slow_reader_asks_and_is_answered_in_order() -> None:
    node = Node(bounds=Bounds(outbox_bytes=8192), keep=["#c"])
    _, bob, said = await slow(node, 500)
    bob.give("PRIVMSG #c :mine", "PING x")
    await node.quiet()
    assert "PONG" not in commands(bob.read())
    bob.stream.unstick()
    await node.quiet()
    shown = bob.read()
    assert texts(shown) == said
    assert shown[-1].command == "PONG"


async def test_past_what_a_cursor_remembers_the_gap_is_told_with_its_size() -> None:
    node = Node(bounds=Bounds(outbox_bytes=8192, cursor_seqs=300), keep=["#c"])
    ann, bob, said = await slow(node, 1000)
    bob.stream.unstick()
    await node.quiet()
    await ann.ask("PRIVMSG #c :live again")
    shown = bob.read()
    heard = texts(shown)
    assert heard[:-1] == said[: len(heard) - 1]
    assert heard[-1] == "live again"
    (notice,) = [m for m in shown if m.command == "NOTICE"]
    assert f" {1000 - len(heard) + 1} messages" in notice.params[-1]


async def test_a_slow_reader_waits_for_a_busy_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "BUSY_SECONDS", 0.0)
    node = Node(bounds=Bounds(outbox_bytes=8192), keep=["#c"])
    _, bob, said = await slow(node, 500)
    node.archive.errors += [ArchiveBusy("busy")] * 3
    bob.stream.unstick()
    await node.quiet()
    await node.quiet()
    assert texts(bob.read()) == said


async def test_a_stop_gives_up_what_is_being_read() -> None:
    node = Node(keep=["#c"])
    ann, _ = await talk(node, 3, *CAPS)
    node.archive.hold()
    await ann.ask("CHATHISTORY LATEST #c * 10")
    async with asyncio.timeout(20):
        await node.hub.stop(1.0)
    assert ann.stream.ended


async def test_a_clients_own_mark_is_shown_to_nobody_else() -> None:
    node = Node()
    caps = ("message-tags", "echo-message", "batch", "draft/chathistory", "draft/multiline")
    ann, bob = await node.guest("ann", *caps), await node.guest("bob", *caps)
    for guest in (ann, bob):
        await guest.ask("JOIN #a")
    marked = "@+hubbub/nonce=n1;+draft/reply=x"
    ann.give(f"{marked} PRIVMSG #a :one", f"{marked} BATCH +r draft/multiline #a")
    ann.give("@batch=r PRIVMSG #a :two", "@batch=r PRIVMSG #a :three", "BATCH -r")
    ann.give(f"{marked} PRIVMSG bob :four")
    await node.quiet()
    read = "CHATHISTORY LATEST #a * 5", "CHATHISTORY LATEST ann * 5"
    for told in (bob.read(), ann.read(), await bob.ask(*read)):
        tags = [message.tags for message in told]
        assert any("+draft/reply" in each for each in tags)
        assert not any("+hubbub/nonce" in each for each in tags)
    own = await ann.ask("CHATHISTORY LATEST #a * 5", "CHATHISTORY LATEST bob * 5")
    assert [m.tags["+hubbub/nonce"] for m in own if "+hubbub/nonce" in m.tags] == ["n1"] * 3
