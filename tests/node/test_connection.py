"""One peer's turn: what may follow without waiting, what waits, and when reading pauses."""

from __future__ import annotations

import asyncio

import pytest

from hubbub.core.policy.policy import Policy
from hubbub.core.records.messages import Said
from hubbub.node.connection import HINT
from hubbub.node.limits.bounds import Bounds
from tests.node.node_harness import Guest, Node, commands, texts

ECHO = ("echo-message", "message-tags", "batch", "draft/multiline")


async def member(node: Node, nick: str, *caps: str) -> Guest:
    guest = await node.guest(nick, *caps)
    await guest.ask("JOIN #c")
    return guest


async def test_messages_follow_each_other_without_waiting() -> None:
    node = Node(keep=["#c"])
    ann = await member(node, "ann", *ECHO)
    node.journal.hold = True
    ann.give("PRIVMSG #c :1", "NOTICE #c :2", "@+x=y TAGMSG #c")
    ann.give("BATCH +r draft/multiline #c", "@batch=r PRIVMSG #c :3", "@batch=r PRIVMSG #c :4")
    ann.give("BATCH -r", "PRIVMSG #c :5")
    assert node.journal.waiting == 5


@pytest.mark.parametrize("first", ["JOIN #d", "PART #d", "MODE ann +i", "AWAY :gone"])
async def test_a_message_waits_for_any_other_command(first: str) -> None:
    node = Node(keep=["#c"])
    ann = await member(node, "ann", *ECHO)
    if first.startswith("PART"):
        await ann.ask("JOIN #d")
    node.journal.hold = True
    ann.give(first, "PRIVMSG #c :after")
    assert node.journal.waiting == 1
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert texts(ann.read())[-1:] == ["after"]


async def test_a_ping_after_a_message_is_answered_after_its_echo() -> None:
    node = Node(keep=["#c"])
    ann = await member(node, "ann", *ECHO)
    node.journal.hold = True
    assert await ann.ask("PRIVMSG #c :hello", "PING x", "PRIVMSG #c :again") == []
    assert node.journal.waiting == 1
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert commands(ann.read()) == ["PRIVMSG", "PONG", "PRIVMSG"]


async def test_commands_sent_at_once_with_registration_wait_for_it() -> None:
    node = Node()
    ann = Guest(node)
    answers = await ann.ask("NICK ann", "USER ann 0 * :Ann", "JOIN #c", "PRIVMSG #c :hi", "PING x")
    shown = commands(answers)
    assert shown.index("001") < shown.index("JOIN") < shown.index("366") < shown.index("PONG")
    assert "451" not in shown


async def test_a_session_has_so_many_records_in_flight_and_no_more() -> None:
    node = Node(keep=["#c"])
    ann = await member(node, "ann")
    node.journal.hold = True
    ann.give(*(f"PRIVMSG #c :{number}" for number in range(100)))
    assert node.journal.waiting == 64
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    said = [e.body.text for e in node.journal.kept if isinstance(e.record, Said) and e.body]
    assert said == [str(number) for number in range(100)]


async def test_all_sessions_together_have_so_many_records_in_flight_and_no_more() -> None:
    node = Node(bounds=Bounds(records=10), keep=["#c"])
    ann, bob = await member(node, "ann"), await member(node, "bob")
    node.journal.hold = True
    ann.give(*(f"PRIVMSG #c :a{number}" for number in range(8)))
    bob.give(*(f"PRIVMSG #c :b{number}" for number in range(8)))
    assert node.journal.waiting == 10
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert node.journal.waiting == 0
    said = [e.body.text for e in node.journal.kept if isinstance(e.record, Said) and e.body]
    assert sorted(said) == sorted(f"{who}{number}" for who in "ab" for number in range(8))


async def test_who_waits_for_room_goes_on_after_a_full_disk() -> None:
    node = Node(bounds=Bounds(records=4), keep=["#c"])
    ann, bob = await member(node, "ann"), await member(node, "bob")
    node.journal.hold = node.journal.full = True
    ann.give(*(f"PRIVMSG #c :a{number}" for number in range(4)))
    bob.give("PRIVMSG #c :b", "PING x")
    node.journal.release()
    node.journal.hold = node.journal.full = False
    await node.quiet()
    assert commands(bob.read())[-1] == "PONG"


async def test_reading_pauses_while_too_much_waits() -> None:
    node = Node(keep=["#c"])
    ann = await member(node, "ann")
    node.journal.hold = True
    ann.give("AWAY :wait")
    text = "x" * 400
    sent = 0
    while not ann.stream.paused:
        ann.give(f"PRIVMSG #c :{text}")
        sent += 1
        assert sent < 100
    assert 16 * 1024 < sent * 413 < 18 * 1024
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert not ann.stream.paused
    assert len([e for e in node.journal.kept if isinstance(e.record, Said)]) == sent


async def test_a_peer_that_asks_and_never_reads_is_read_no_more() -> None:
    node = Node(bounds=Bounds(outbox_bytes=64 * 1024))
    ann = await node.guest("ann")
    ann.stream.stuck = True
    asked = 0
    while not ann.stream.paused:
        ann.give("MOTD", "VERSION", "LUSERS")
        await node.quiet()
        asked += 3
        assert asked < 30_000
    waiting = ann.stream.unsent + sum(map(len, ann.connection.outbox.parts))
    assert waiting < 80 * 1024
    ann.stream.unstick()
    await node.quiet()
    assert not ann.stream.paused
    assert commands(ann.read()).count("422") == asked // 3


async def test_too_fast_is_delayed_and_told_when_the_input_is_full() -> None:
    node = Node(Policy(flood=(10, 500.0)), keep=["#c"])
    ann = await member(node, "ann", *ECHO)
    lines = [f"PRIVMSG #c :{number} {'x' * 300}" for number in range(80)]
    ann.give(*lines)
    assert ann.stream.paused
    assert 0 < node.journal.waiting <= 10
    heard: list[str] = []
    failures: list[tuple[str, ...]] = []
    async with asyncio.timeout(20):
        while len(heard) < 80:
            await asyncio.sleep(0.01)
            messages = ann.read()
            heard += [text.split()[0] for text in texts(messages)]
            failures += [m.params for m in messages if m.command == "FAIL"]
    assert heard == [str(number) for number in range(80)]
    assert failures == [
        ("PRIVMSG", "RATE_LIMITED", "You are sending faster than allowed; the rest waits")
    ]
    assert not ann.stream.paused


async def test_who_has_not_registered_is_delayed_too() -> None:
    node = Node(Policy(flood=(10, 500.0)))
    guest = Guest(node)
    answers = await guest.ask("CAP LS 302", *["HELP PING"] * 100)
    assert 0 < commands(answers).count("706") < 100
    async with asyncio.timeout(20):
        told = commands(answers).count("706")
        while told < 100:
            await asyncio.sleep(0.01)
            told += commands(guest.read()).count("706")


async def test_a_browser_is_shown_out() -> None:
    node = Node()
    browser = Guest(node)
    answers = await browser.ask("POST / HTTP/1.1", "Host: x", "NICK evil", "USER e 0 * :e")
    assert answers == []
    assert browser.stream.ended
    assert node.world.users == {}


async def test_a_first_line_too_long_ends_the_connection() -> None:
    node = Node()
    browser = Guest(node)
    answers = await browser.ask(f"POST /{'x' * 600} HTTP/1.1", "NICK evil", "USER e 0 * :e")
    assert commands(answers) == ["ERROR"]
    assert browser.stream.ended
    assert node.world.users == {}


async def test_a_person_with_nc_is_told_how_to_begin() -> None:
    guest = Guest(Node())
    answers = await guest.ask("hello?")
    assert commands(answers) == ["NOTICE", "451"]
    assert answers[0].params[-1] == HINT
    assert commands(await guest.ask("anybody there")) == ["451"]


async def test_a_client_gets_no_hint() -> None:
    guest = Guest(Node())
    assert set(commands(await guest.ask("CAP LS 302"))) == {"CAP"}


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (b"PRIVMSG #c :\xff\xfe", ("FAIL", "PRIVMSG", "INVALID_UTF8")),
        (b"\x1b[2J\xff" + b"x" * 400, ("FAIL", "*", "INVALID_UTF8")),
        (b"PRIVMSG #c :nul\0", ("FAIL", "*", "INVALID_MESSAGE")),
        (b"PRIVMSG #c :cr\rcr", ("FAIL", "*", "INVALID_MESSAGE")),
        (b":source", ("FAIL", "*", "INVALID_MESSAGE")),
        (b"x" * 600, ("417", "ann", "Input line was too long")),
        (b"@a=" + b"x" * 4100 + b" PING x", ("417", "ann", "Input line was too long")),
        (b"@a=" + b"x" * 4000 + b" PING x", ("PONG", "hubbub.localhost", "x")),
        (b"x" * 100_000, ("417", "ann", "Input line was too long")),
        (b"NOSUCH", ("421", "ann", "NOSUCH")),
    ],
)
async def test_a_bad_line_has_one_answer_and_no_consequence(
    line: bytes, answer: tuple[str, ...]
) -> None:
    node = Node()
    ann = await node.guest("ann")
    (given,) = await ann.ask(line)
    assert (given.command, *given.params)[:3] == answer
    assert commands(await ann.ask("PING x")) == ["PONG"]


@pytest.mark.parametrize(
    "line", ["PING :{}", "{}", "JOIN {}", "WHOIS {}", "CAP REQ :{}", "MODE {}"]
)
async def test_an_answer_fits_a_line_whatever_it_repeats(line: str) -> None:
    ann = await Node().guest("ann")
    ann.give(line.format("x" * (510 - len(line) + 2)))
    await ann.node.quiet()
    *sent, _ = b"".join(ann.stream.sent).split(b"\r\n")
    assert sent
    assert max(map(len, sent)) <= 510


async def test_one_byte_at_a_time_is_a_line_all_the_same() -> None:
    ann = await Node().guest("ann")
    for byte in b"PING slow\r\n":
        ann.connection.received(bytes([byte]))
    (answer,) = await ann.ask()
    assert answer.params[-1] == "slow"


async def test_commands_behind_a_quit_are_not_carried_out() -> None:
    node = Node(keep=["#c"])
    ann, bob = await member(node, "ann"), await member(node, "bob")
    answers = await bob.ask("QUIT :bye", "PRIVMSG #c :ghost")
    assert commands(answers) == ["ERROR"]
    assert texts(ann.read(), "QUIT") == ["Quit: bye"]
    assert not [e for e in node.journal.kept if isinstance(e.record, Said)]


async def test_a_connection_closes_after_others_were_told_that_the_user_quit() -> None:
    node = Node(keep=["#c"])
    ann, bob = await member(node, "ann"), await member(node, "bob")
    ann.read()
    seen: list[list[str]] = []
    close = bob.stream.close

    def closed(timeout: float = 0, last: bytes = b"") -> None:
        seen.append(sorted(node.world.users))
        close(timeout, last)

    bob.stream.close = closed  # type: ignore[method-assign]
    await bob.ask("QUIT :bye")
    assert seen == [["ann"]]
    assert texts(ann.read(), "QUIT") == ["Quit: bye"]


async def test_a_connection_closes_even_if_nobody_can_be_told() -> None:
    node = Node(keep=["#c"])
    ann = await member(node, "ann")
    node.journal.full = True
    assert commands(await ann.ask("QUIT")) == ["ERROR"]
    assert ann.connection.closing


@pytest.mark.parametrize("line", [b"NONSENSE", b"PING x", b"PRIVMSG #c :\xff"])
async def test_nothing_is_free(line: bytes) -> None:
    node = Node(Policy(flood=(10, 0.001)))
    ann = await member(node, "ann")
    answers = await ann.ask(*[line] * 1000)
    assert 0 < len(answers) < 600


async def test_who_has_the_privilege_is_not_slowed() -> None:
    node = Node(Policy(flood=(10, 0.001)))
    for operator_class, answered in (("bot", 1000), ("", 600), ("gone", 600)):
        ann = await member(node, f"ann{operator_class}")
        user = ann.connection.session.user
        assert user is not None
        user.modes = frozenset("o")
        user.operator_class = operator_class
        answers = await ann.ask(*["PING x"] * 1000)
        assert len(answers) == 1000 if answered == 1000 else 0 < len(answers) < answered


async def test_many_records_cost_as_much_as_many_commands() -> None:
    node = Node(Policy(flood=(10, 0.001), replay=0))
    ann = await member(node, "ann")
    await ann.ask("JOIN " + ",".join(f"#c{number}" for number in range(60)))
    assert await ann.ask("NAMES #c1") == []


async def test_a_ping_is_answered_after_what_others_said_before() -> None:
    node = Node()
    ann, bob = await node.guest("ann"), await node.guest("bob")
    node.journal.hold = True
    ann.give("PRIVMSG bob :first")
    assert await bob.ask("PING one", "PING two") == []
    ann.give("PRIVMSG bob :second")
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    heard = [(message.command, message.params[-1]) for message in bob.read()]
    assert heard[:2] == [("PRIVMSG", "first"), ("PRIVMSG", "second")]
    assert heard[2:] == [("PONG", "one"), ("PONG", "two")]
    assert commands(await bob.ask("PING three")) == ["PONG"]


async def test_a_ping_does_not_wait_for_what_comes_after() -> None:
    node = Node()
    ann, bob = await node.guest("ann"), await node.guest("bob")
    node.journal.hold = True
    ann.give("PRIVMSG bob :first")
    assert await bob.ask("PING one") == []
    node.journal.release()
    ann.give("PRIVMSG bob :second")
    await node.quiet()
    assert commands(bob.read()) == ["PRIVMSG", "PONG"]
    node.journal.release()


async def test_a_ping_is_answered_when_the_disk_is_full() -> None:
    node = Node()
    ann, bob = await node.guest("ann"), await node.guest("bob")
    node.journal.full = True
    ann.give("PRIVMSG bob :lost")
    assert commands(await bob.ask("PING one")) == ["PONG"]
