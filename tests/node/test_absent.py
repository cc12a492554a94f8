"""What is said to an account that is not connected: it waits, is counted, and is shown."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from hubbub.core.policy.policy import Policy
from hubbub.core.records.accounts import (
    AccountDropped,
    AccountRegistered,
    AccountSet,
    CredentialAdded,
)
from hubbub.core.records.messages import Said, SaidInAbsence
from hubbub.core.world.accounts import digest
from hubbub.irc.message import Message
from hubbub.node.history import replay
from tests.node.node_harness import Guest, Node, commands, texts
from tests.node.test_account_sessions import by_token, token

POLICY = Policy(flood=None)
WAITS = "Not connected: what you say is kept, and shown on return"
TIMED = ("batch", "server-time")
ASKER = (*TIMED, "message-tags", "draft/chathistory")
FRAME = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z"


async def account(node: Node, name: str, **settings: str) -> None:
    """Make an account that nobody has connected with."""
    node.hub.sessions.append(lambda origin: AccountRegistered(origin, name, by="test"))
    for what, value in settings.items():
        node.hub.sessions.append(
            partial(AccountSet, account=name, what=what, value=value, by="test")
        )
    await node.quiet()


async def arrive(node: Node, nick: str, account: str, *caps: str, device: str = "") -> Guest:
    """Connect with an account, which is there already, and keep what one is shown."""
    guest = Guest(node)
    if caps:
        await guest.ask(f"CAP REQ :{' '.join(caps)}")
    guest.connection.session.account = account
    guest.connection.session.credential = ("token", device) if device else None
    guest.give(f"NICK {nick}", f"USER {nick} 0 * :{nick}", "CAP END")
    await node.quiet()
    return guest


async def test_it_waits_and_is_shown_once_by_a_client_that_cannot_ask() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    bob = await node.guest("bob")
    told = await bob.ask("PRIVMSG ann :one", "PRIVMSG Ann :two", "NOTICE ann :three")
    assert [(m.command, m.params[1:]) for m in told] == [("301", ("ann", WAITS))]
    ann = await arrive(node, "ann", "ann", *TIMED)
    shown = ann.read()
    assert texts(shown) == ["one", "two"]
    assert texts(shown, "NOTICE")[-1] == "three"
    [batch] = [m for m in shown if m.command == "BATCH" and m.params[0][0] == "+"]
    assert batch.params[1:] == ("chathistory", "bob")
    said = [m for m in shown if m.tags.get("batch") == batch.params[0][1:]]
    assert [m.nick for m in said] == ["bob"] * 3
    assert all("time" in m.tags for m in said)
    await ann.ask("QUIT")
    again = await arrive(node, "ann", "ann", *TIMED)
    assert texts(again.read()) == []
    assert texts(await bob.ask("PRIVMSG ann :here?")) == texts(again.read(), "x") == []


async def test_the_sender_is_told_in_each_absence_anew() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    bob, cy = await node.guest("bob"), await node.guest("cy")
    assert commands(await bob.ask("NOTICE ann :never answered", "PRIVMSG ann :x")) == ["301"]
    assert commands(await cy.ask("PRIVMSG ann :x", "PRIVMSG ann :x")) == ["301"]
    assert node.world.accounts["ann"].waiting.counts == {
        bob.connection.session.user.presence: 2,  # type: ignore[union-attr]
        cy.connection.session.user.presence: 2,  # type: ignore[union-attr]
    }
    ann = await arrive(node, "ann", "ann")
    assert commands(await bob.ask("PRIVMSG ann :x")) == []
    await ann.ask("QUIT")
    assert commands(await bob.ask("PRIVMSG ann :x", "PRIVMSG ann :x")) == ["301"]


async def test_who_stays_in_channels_is_as_absent_as_who_does_not() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    ann = await arrive(node, "ann", "ann")
    await ann.ask("JOIN #c", "AWAY :gone fishing", "QUIT")
    bob = await node.guest("bob")
    told = await bob.ask("PRIVMSG ann :one", "PRIVMSG ann :two")
    assert [m.params[-1] for m in told] == [WAITS.replace("Not connected", "gone fishing")]
    back = await arrive(node, "ann", "ann", *TIMED)
    assert texts(back.read()) == ["one", "two"]


async def test_without_server_time_it_is_a_notice_with_the_time_in_the_text() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    bob = await node.guest("bob")
    await bob.ask(
        "PRIVMSG ann :!quit", f"PRIVMSG ann :{'x' * 400}", "PRIVMSG ann :\x01ACTION waves\x01"
    )
    ann = await arrive(node, "ann", "ann")
    shown = ann.read()
    assert texts(shown) == []
    notices = [m for m in shown if m.command == "NOTICE" and "bob" in m.params[-1]]
    assert {(m.source, m.params[0]) for m in notices} == {("hubbub.localhost", "ann")}
    stamp = "[2027-01-15 08:00 UTC]"
    assert notices[0].params[1] == f"{stamp} <bob> !quit"
    assert "".join(m.params[1].removeprefix(f"{stamp} <bob> ") for m in notices[1:-1]) == "x" * 400
    assert notices[-1].params[1] == f"{stamp} * bob waves"


async def test_a_client_that_can_ask_is_shown_nothing_unasked_and_finds_it() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    bob = await node.guest("bob")
    await bob.ask("PRIVMSG ann :waits")
    ann = await arrive(node, "ann", "ann", *ASKER)
    assert texts(ann.read()) == []
    assert targets(await ann.ask(f"CHATHISTORY TARGETS {FRAME} 10")) == ["bob"]
    assert texts(await ann.ask("CHATHISTORY LATEST bob * 10")) == ["waits"]


def targets(messages: list[Message]) -> list[str]:
    """Return the names in an answer to CHATHISTORY TARGETS."""
    return [m.params[1] for m in messages if m.command == "CHATHISTORY"]


@pytest.mark.parametrize("mark", [0, 1])
async def test_what_has_been_read_elsewhere_is_not_shown(mark: int) -> None:
    node = Node(POLICY)
    await account(node, "ann")
    phone = await arrive(node, "ann", "ann", *ASKER, "draft/read-marker", device="phone")
    laptop = await arrive(node, "ann", "ann", *TIMED, device="laptop")
    await laptop.ask("QUIT")
    bob = await node.guest("bob")
    await bob.ask("PRIVMSG ann :one", "PRIVMSG ann :two")
    seen = [m.tags["time"] for m in phone.read() if m.command == "PRIVMSG"]
    await phone.ask(f"MARKREAD bob timestamp={seen[mark]}")
    laptop = await arrive(node, "ann", "ann", *TIMED, device="laptop")
    assert texts(laptop.read()) == ["one", "two"][mark + 1 :]


async def test_a_device_is_shown_what_it_missed_and_a_new_one_what_the_account_missed() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    phone = await arrive(node, "ann", "ann", *TIMED, device="phone")
    bob = await node.guest("bob")
    await bob.ask("PRIVMSG ann :one")
    assert texts(phone.read()) == ["one"]
    laptop = await arrive(node, "ann", "ann", *TIMED, device="laptop")
    assert texts(laptop.read()) == []
    await laptop.ask("QUIT")
    await bob.ask("PRIVMSG ann :two")
    laptop = await arrive(node, "ann", "ann", *TIMED, device="laptop")
    assert texts(laptop.read()) == ["two"]


async def test_what_came_while_the_link_was_cut_is_shown() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    old = await arrive(node, "ann", "ann", *TIMED, device="laptop")
    bob = await node.guest("bob")
    await bob.ask("PRIVMSG ann :before")
    await old.ask("PING x")
    await bob.ask("PRIVMSG ann :lost")
    # The link is cut, and nobody knows yet: another session of the same device comes.
    new = await arrive(node, "ann", "ann", *TIMED, device="laptop")
    assert texts(new.read()) == ["lost"]
    await new.ask("QUIT")
    await bob.ask("PRIVMSG ann :lost as well")
    old.connection.pinged = 1.0
    node.hub.sessions.close(old.connection, "Ping timeout")
    await node.quiet()
    last = await arrive(node, "ann", "ann", *TIMED, device="laptop")
    assert texts(last.read()) == ["lost as well"]


async def test_what_did_not_leave_the_server_is_shown_again() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    ann = await arrive(node, "ann", "ann", *TIMED)
    ann.stream.stuck = True
    bob = await node.guest("bob")
    await bob.ask("PRIVMSG ann :unsent")
    await ann.drop()
    back = await arrive(node, "ann", "ann", *TIMED)
    assert texts(back.read()) == ["unsent"]


async def test_a_bound_for_each_speaker_and_one_for_all_guests() -> None:
    node = Node(replace(POLICY, waiting_per_speaker=2, waiting_from_guests=3))
    await account(node, "ann")
    await account(node, "cy")
    bob, dan = await node.guest("bob"), await node.guest("dan")
    cy = await arrive(node, "cy", "cy")
    assert commands(await bob.ask(*["PRIVMSG ann :x"] * 2)) == ["301"]
    assert commands(await dan.ask(*["PRIVMSG ann :x"] * 3)) == ["301", "531", "531"]
    assert commands(await bob.ask("PRIVMSG ann :x")) == ["531"]
    assert commands(await dan.ask("NOTICE ann :x")) == []
    cy.read()
    assert commands(await cy.ask(*["PRIVMSG ann :x"] * 3)) == ["301", "531"]
    assert node.world.accounts["ann"].waiting.guests == 3
    kept = [e.seq for e in node.journal.kept if isinstance(e.record, SaidInAbsence)]
    assert len(set(kept) - node.journal.refused) == 5
    await arrive(node, "ann", "ann")
    assert node.world.accounts["ann"].waiting.guests == 0


async def test_whom_one_silenced_one_does_not_find_on_return() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    ann = await arrive(node, "ann", "ann")
    await ann.ask("SILENCE +bob", "QUIT")
    assert node.world.user("ann") is None
    bob = await node.guest("bob", *ASKER)
    await bob.ask("PRIVMSG ann :x")
    assert node.world.accounts["ann"].waiting.counts == {}
    back = await arrive(node, "ann", "ann", *TIMED)
    assert texts(back.read()) == []
    assert (await back.ask("SILENCE"))[0].params[1:] == ("ann", "bob!*@*")
    assert texts(await bob.ask("CHATHISTORY LATEST ann * 10")) == ["x"]


@pytest.mark.parametrize("how", ["suspended", "dropped", "unverified", "nobody"])
async def test_to_whom_nothing_can_be_said(how: str) -> None:
    node = Node(POLICY)
    if how == "unverified":
        node.hub.sessions.append(lambda o: AccountRegistered(o, "ann", by="test", verified=False))
    elif how != "nobody":
        await account(node, "ann", **({"suspended": "spam"} if how == "suspended" else {}))
    if how == "dropped":
        node.hub.sessions.append(lambda origin: AccountDropped(origin, "ann", "test"))
    bob = await node.guest("bob", "message-tags")
    for line in ("PRIVMSG ann :x", "@+x=y TAGMSG ann", "@+typing=active TAGMSG ann"):
        assert commands(await bob.ask(line)) == ["401"]


@pytest.mark.parametrize("gone", ["suspended", "dropped"])
async def test_an_account_that_goes_meanwhile_is_told_nothing(gone: str) -> None:
    node = Node(POLICY)
    await account(node, "ann")
    bob = await node.guest("bob", *ASKER)
    node.journal.hold = True
    if gone == "dropped":
        node.hub.sessions.append(lambda origin: AccountDropped(origin, "ann", "test"))
    else:
        node.hub.sessions.append(
            lambda origin: AccountSet(origin, "ann", "suspended", "spam", "test")
        )
    bob.give("PRIVMSG ann :x")
    node.journal.hold = False
    node.journal.release()
    await node.quiet()
    assert commands(bob.read()) == ["401"]
    assert node.journal.refused == {node.journal.kept[-1].seq}


@pytest.mark.parametrize("first", ["quit", "message"])
async def test_who_quits_or_comes_in_that_moment_has_it_all_the_same(first: str) -> None:
    node = Node(POLICY)
    await account(node, "ann")
    bob = await node.guest("bob")
    if first == "quit":
        ann = await arrive(node, "ann", "ann", *TIMED)
        ann.read()
        node.journal.hold = True
        ann.give("QUIT")
        bob.give("PRIVMSG ann :x")
        node.journal.hold = False
        node.journal.release()
        await node.quiet()
        assert commands(bob.read()) == []
        assert isinstance(node.journal.kept[-1].record, Said)
        ann = await arrive(node, "ann", "ann", *TIMED)
    else:
        node.journal.hold = True
        ann = await arrive(node, "ann", "ann", *TIMED)
        bob.give("PRIVMSG ann :x")
        node.journal.hold = False
        node.journal.release()
        await node.quiet()
        assert commands(bob.read()) == [], "nothing waits"
    assert texts(ann.read()) == ["x"]


async def test_typing_to_who_is_not_connected_is_not_answered_and_a_reaction_is_kept() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    bob = await node.guest("bob", "message-tags")
    assert await bob.ask("@+typing=active TAGMSG ann", "@+draft/react=x TAGMSG ann") == []
    ann = await arrive(node, "ann", "ann", *ASKER, "draft/event-playback")
    ann.read()
    assert "TAGMSG" in commands(await ann.ask("CHATHISTORY LATEST bob * 10"))


async def test_the_name_of_an_account_means_it_under_any_nick() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    ann = await arrive(node, "annie", "ann", *TIMED)
    ann.read()
    bob = await node.guest("bob", *ASKER)
    await bob.ask("PRIVMSG ann :hello")
    [message] = [m for m in ann.read() if m.command == "PRIVMSG"]
    assert message.params == ("annie", "hello")
    assert texts(await bob.ask("CHATHISTORY LATEST ann * 10")) == ["hello"]
    await ann.ask("QUIT")
    await bob.ask("PRIVMSG ann :again")
    back = await arrive(node, "other", "ann", *TIMED)
    assert [m.params for m in back.read() if m.command == "PRIVMSG"] == [("other", "again")]


async def test_more_than_fits_is_told() -> None:
    node = Node(replace(POLICY, history_page=3))
    await account(node, "ann")
    bob, cy = await node.guest("bob"), await node.guest("cy")
    await bob.ask(*(f"PRIVMSG ann :bob {number}" for number in range(3)))
    await cy.ask(*(f"PRIVMSG ann :cy {number}" for number in range(2)))
    ann = await arrive(node, "ann", "ann", *TIMED)
    shown = ann.read()
    assert texts(shown) == ["bob 2", "cy 0", "cy 1"]
    assert "More from bob waits" in texts(shown, "NOTICE")[-1]


async def test_a_guest_who_logs_in_is_shown_what_waits_for_the_account() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    bob, guest = await node.guest("bob"), await node.guest("somebody", *TIMED)
    await bob.ask("PRIVMSG ann :waits")
    code = "hub_" + "a" * 32
    node.hub.sessions.append(lambda o: CredentialAdded(o, "ann", "token", digest(code), "x"))
    await node.quiet()
    assert texts(await guest.ask(f"NICKSERV IDENTIFY ann {code}")) == ["waits"]
    assert texts(await guest.ask(f"NICKSERV IDENTIFY ann {code}")) == [], "once"
    await guest.ask("LOGOUT")
    assert texts(await guest.ask(f"NICKSERV IDENTIFY ann {code}")) == []
    assert node.world.accounts["ann"].waiting.counts == {}


async def test_what_is_said_while_only_a_token_is_there_waits_for_the_account() -> None:
    node = Node(POLICY, keep=["#c"])
    await token(node, "post:#c")
    await by_token(node, "ci")
    bob = await node.guest("bob")
    assert commands(await bob.ask("PRIVMSG ann :waits")) == ["301"]
    ann = await arrive(node, "ann", "ann", *TIMED)
    assert [m.params for m in ann.read() if m.command == "PRIVMSG"] == [("ann", "waits")]
    await bob.ask("PRIVMSG ann :heard")
    assert texts(ann.read()) == ["heard"]


@pytest.mark.parametrize("listens", [False, True])
async def test_what_only_passes_by_makes_nobody_less_absent(listens: bool) -> None:
    """A script that runs all day hears no direct messages, so they wait, and are bounded."""
    node = Node(replace(POLICY, waiting_from_guests=2), keep=("#a",))
    await account(node, "ann")
    script = await arrive(node, "ann", "ann", "hubbub/quiet")
    if listens:
        await script.ask("JOIN #a")
    bob = await node.guest("bob")
    told = await bob.ask("PRIVMSG ann :one", "PRIVMSG ann :two", "PRIVMSG ann :three")
    assert commands(told) == ["301", "531"]
    assert told[0].params[-1].endswith("what you say is kept, and shown on return")
    assert texts(script.read()) == []
    ann = await arrive(node, "ann", "ann", *TIMED)
    assert texts(ann.read()) == ["one", "two"]
    # Now somebody hears it.
    assert await bob.ask("PRIVMSG ann :four") == []
    assert texts(ann.read()) == ["four"]


async def test_reactions_wait_and_are_bounded_too() -> None:
    node = Node(replace(POLICY, waiting_from_guests=2))
    await account(node, "ann")
    bob = await node.guest("bob", "message-tags")
    told = await bob.ask(*["@+react=x TAGMSG ann"] * 3, "PRIVMSG ann :one")
    assert commands(told) == ["531", "531"], "and nobody answers a reaction"
    await bob.ask("@+typing=active TAGMSG ann")
    kept = [e.seq for e in node.journal.kept if isinstance(e.record, SaidInAbsence)]
    assert len(set(kept) - node.journal.refused) == 2


async def test_who_is_silenced_is_told_what_everybody_is_told() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    ann = await arrive(node, "ann", "ann")
    await ann.ask("SILENCE +bob!*@*", "QUIT")
    bob, cat = await node.guest("bob"), await node.guest("cat")
    answers = [await guest.ask("PRIVMSG ann :one", "PRIVMSG ann :two") for guest in (bob, cat)]
    assert [[(m.command, m.params[1:]) for m in answer] for answer in answers] == [
        [("301", ("ann", WAITS))]
    ] * 2
    ann = await arrive(node, "ann", "ann", *TIMED)
    assert {m.nick for m in ann.read() if m.command == "PRIVMSG"} == {"cat"}


async def test_whoever_says_much_hides_nobody() -> None:
    """One account that fills all it may, and a hundred guests, leave room for a friend."""
    node = Node(replace(POLICY, history_page=10, waiting_from_guests=200))
    for name in ("ann", "fred", "evil"):
        await account(node, name)
    fred, evil = await arrive(node, "fred", "fred"), await arrive(node, "evil", "evil")
    await fred.ask("PRIVMSG ann :early", "PRIVMSG ann :lunch?")
    await evil.ask(*[f"PRIVMSG ann :{number}" for number in range(20)])
    ann = await arrive(node, "ann", "ann", *TIMED)
    shown = ann.read()
    assert texts(shown) == ["early", "lunch?", *map(str, range(12, 20))]
    assert [t for t in texts(shown, "NOTICE") if t.startswith("More")] == [
        "More from evil waits than is shown here; a client that reads history has it all"
    ]
    await ann.ask("QUIT")
    await fred.ask("PRIVMSG ann :alone")
    guest = await node.guest("g", "message-tags")
    for number in range(replay.CONVERSATIONS):
        await guest.ask("QUIT")
        guest = await node.guest(f"g{number}")
        await guest.ask("PRIVMSG ann :spam")
    ann = await arrive(node, "ann", "ann", *TIMED)
    for _ in range(20):
        await node.quiet()
    assert "alone" in texts(ann.read())
