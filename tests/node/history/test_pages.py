"""CHATHISTORY: which part of a history is shown, and whom one has spoken to."""

from __future__ import annotations

import pytest

from hubbub.core.policy.policy import Policy
from hubbub.core.records.accounts import AccountSet
from tests.node.history.talk import CAPS, talk
from tests.node.node_harness import Node, commands, texts


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("LATEST #c * 3", "8 9 10"),
        ("LATEST #c * 100", "1 2 3 4 5 6 7 8 9 10"),
        ("LATEST #c {7} 100", "8 9 10"),
        ("LATEST #c {3} 2", "9 10"),
        ("BEFORE #c {4} 2", "2 3"),
        ("BEFORE #c {1} 5", ""),
        ("AFTER #c {4} 2", "5 6"),
        ("AFTER #c {10} 2", ""),
        ("AROUND #c {5} 3", "4 5 6"),
        ("AROUND #c {1} 4", "1 2 3 4"),
        ("AROUND #c {10} 5", "8 9 10"),
        ("BETWEEN #c {2} {6} 10", "3 4 5"),
        ("BETWEEN #c {2} {9} 3", "3 4 5"),
        ("BETWEEN #c {9} {2} 3", "6 7 8"),
    ],
)
async def test_a_page_has_what_was_asked_for(request_: str, expected: str) -> None:
    node = Node(keep=["#c"])
    ann, _ = await talk(node, 10, *CAPS)
    ids = [f"msgid={e.msgid}" for e in node.journal.kept if e.body is not None]
    filled = request_.format("", *ids)
    opening, *messages, closing = await ann.ask(f"CHATHISTORY {filled}")
    assert opening.params[1:] == ("chathistory", "#c")
    assert closing.params == (f"-{opening.params[0][1:]}",)
    assert texts(messages) == expected.split()
    assert all(m.tags["batch"] == opening.params[0][1:] for m in messages)


@pytest.mark.parametrize(("persist", "quits"), [("on", 0), ("off", 1)])
async def test_who_stays_in_a_channel_has_not_quit_in_its_history(persist: str, quits: int) -> None:
    node = Node(keep=["#c"])
    ann = await node.attach("ann", "ann")
    node.hub.sessions.append(lambda origin: AccountSet(origin, "ann", "persist", persist, "test"))
    bob = await node.guest("bob", *CAPS, "draft/event-playback")
    await bob.ask("JOIN #c")
    await ann.ask("JOIN #c", "PRIVMSG #c :bye", "QUIT")
    bob.read()
    assert commands(await bob.ask("CHATHISTORY LATEST #c * 10")).count("QUIT") == quits


async def test_a_time_is_a_whole_millisecond() -> None:
    node = Node(keep=["#c"])
    ann, _ = await talk(node, 6, *CAPS)
    _, *all_of_them, _ = await ann.ask("CHATHISTORY LATEST #c * 10")
    third = all_of_them[2].tags["time"]
    _, *after, _ = await ann.ask(f"CHATHISTORY AFTER #c timestamp={third} 10")
    assert texts(after) == ["4", "5", "6"]
    _, *before, _ = await ann.ask(f"CHATHISTORY BEFORE #c timestamp={third} 10")
    assert texts(before) == ["1", "2"]
    _, *around, _ = await ann.ask(f"CHATHISTORY AROUND #c timestamp={third} 3")
    assert "3" in texts(around)


async def test_a_msgid_that_names_nothing_is_refused() -> None:
    node = Node(keep=["#c"])
    ann, _ = await talk(node, 1, *CAPS)
    (failure,) = await ann.ask("CHATHISTORY AFTER #c msgid=nonsense 10")
    assert failure.params[:2] == ("CHATHISTORY", "INVALID_PARAMS")


async def test_targets_name_who_was_talked_to() -> None:
    node = Node(keep=["#c"])
    ann, bob = await talk(node, 1, *CAPS)
    await bob.ask("PRIVMSG ann :psst")
    ann.read()
    frame = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z"
    opening, *targets, _ = await ann.ask(f"CHATHISTORY TARGETS {frame} 10")
    assert opening.params[1] == "draft/chathistory-targets"
    assert [m.params[1] for m in targets] == ["#c", "bob"]
    await bob.ask("PART #c")
    _, *targets, _ = await bob.ask(f"CHATHISTORY TARGETS {frame} 10")
    assert [m.params[1] for m in targets] == ["ann"]


async def test_a_page_shows_a_message_as_it_stands_and_marks_it() -> None:
    node = Node(Policy(flood=None, replay=0, keep_edits=True))
    caps = (*CAPS, "hubbub/message-edit", "draft/message-redaction")
    ann, bob = await node.attach("ann", "ann", *caps), await node.guest("bob", *CAPS)
    for one in (ann, bob):
        await one.ask("JOIN #c")
    await ann.ask("PRIVMSG #c :teh", "PRIVMSG #c :\x01ACTION wvaes\x01")
    ids = [entry.msgid for entry in node.journal.kept if entry.body is not None]
    await ann.ask(f"EDITMSG #c {ids[0]} :the", f"EDITMSG #c {ids[1]} :waves")
    bob.read()
    _, first, second, _ = await ann.ask("CHATHISTORY LATEST #c * 9")
    assert (first.params[1], second.params[1]) == ("the", "\x01ACTION waves\x01")
    assert "hubbub/edited" in first.tags
    assert first.tags["msgid"] == ids[0]
    assert texts(await bob.ask("CHATHISTORY LATEST #c * 9")) == [
        "the (edited)",
        "\x01ACTION waves (edited)\x01",
    ]
    shown = await ann.ask(f"EDITS #c {ids[0]}")
    assert [one.params[-1] for one in shown] == ["teh", "End of edits"]
    await ann.ask(f"REDACT #c {ids[0]}")
    assert "teh" not in str(await ann.ask(f"EDITS #c {ids[0]}"))
