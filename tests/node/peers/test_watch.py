"""What a node does and says while it does not reach the others, and when it does again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from hubbub.core.deciding.read_only import NO_QUORUM
from hubbub.journal.port import LogRoute
from hubbub.node.entry.gate import ConnectionCounts, Gate
from hubbub.node.peers.standing import Stage
from hubbub.node.peers.watch import LOST, RESUMED, STALLED
from hubbub.transport.proxy.trusted import Proxies
from tests.node.fake_log import Member
from tests.node.node_harness import Guest
from tests.node.peers.stalling import Servers, heard, servers, stage

# The hub's clock is the test's, which no compiled class takes.
pytestmark = pytest.mark.pure

ADDRESS = ("192.0.2.7", 5)


def run(scene: Callable[[Servers, Member, Guest, Guest], Awaitable[None]]) -> None:
    """Play a scene: ann is at the node that will be cut off, bob at the other."""

    async def play() -> None:
        async with servers() as both:
            one, other = both.members
            ann, bob = await both.person(one, "ann"), await both.person(other, "bob")
            await both.ask(ann)
            await scene(both, one, ann, bob)

    asyncio.run(play())


def gate_of(member: Member) -> Gate:
    sessions = member.node.hub.sessions
    counts = ConnectionCounts(sessions, Proxies())
    return Gate(counts, lambda bounds: bounds.unauthenticated, str.encode)


def test_less_than_two_seconds_show_nothing() -> None:
    async def scene(both: Servers, one: Member, ann: Guest, bob: Guest) -> None:
        both.cut_off.add(one)
        ann.give("PRIVMSG #room :late")
        await both.passes(1.5)
        assert stage(one) is Stage.WAITING
        assert gate_of(one).admit_plain(ADDRESS) is None
        assert heard(ann) == []
        await both.heal(one)
        assert any(line.endswith("late") for line in heard(ann)), "the echo"
        assert any("late" in line for line in heard(bob))
        assert stage(one) is Stage.IN_ORDER

    run(scene)


def test_after_two_seconds_newcomers_go_elsewhere() -> None:
    async def scene(both: Servers, one: Member, ann: Guest, bob: Guest) -> None:
        both.cut_off.add(one)
        await both.passes(4.5)
        assert stage(one) is Stage.NOT_READY
        assert gate_of(one).admit_plain(ADDRESS) == NO_QUORUM.encode()
        assert gate_of(one).late_reason(ADDRESS) == NO_QUORUM
        assert heard(ann) == [], "who is in is not bothered yet"
        await both.heal(one)
        assert gate_of(one).admit_plain(ADDRESS) is None
        assert not one.node.hub.sessions.troubles.now()

    run(scene)


@pytest.mark.parametrize(("route", "seconds"), [(LogRoute.NO_LEADER, 10), (LogRoute.CUT_OFF, 5)])
def test_read_only_comes_with_a_notice_once(route: LogRoute, seconds: int) -> None:
    async def scene(both: Servers, one: Member, ann: Guest, bob: Guest) -> None:
        both.cut_off.add(one)
        one.journal.route = route
        ann.give("PRIVMSG #room :in flight")
        await both.passes(seconds - 1)
        assert stage(one) is Stage.NOT_READY
        await both.passes(4)
        assert stage(one) is Stage.READ_ONLY
        assert [line for line in heard(ann) if STALLED in line] == [
            f":hubbub.localhost NOTICE ann :{STALLED}"
        ]
        assert "order" in one.node.hub.sessions.troubles.now()
        refused = await both.ask(ann, "@label=a PRIVMSG #room :no", "@label=b TOPIC #room :no")
        assert [line.split(" ")[:4] for line in refused] == [
            ["@label=a", ":hubbub.localhost", "FAIL", "PRIVMSG"],
            ["@label=b", ":hubbub.localhost", "FAIL", "TOPIC"],
        ]
        assert all("READ_ONLY" in line for line in refused)

    run(scene)


def test_reading_goes_on_though_something_is_in_flight() -> None:
    async def scene(both: Servers, one: Member, ann: Guest, bob: Guest) -> None:
        await both.ask(ann, "PRIVMSG #room :kept")
        both.cut_off.add(one)
        ann.give("PRIVMSG #room :in flight", "NAMES #room", "PING :x")
        await both.passes(6)
        assert heard(ann) == [], "answers keep their order while it may be short"
        await both.passes(6)
        now = heard(ann)
        assert any(" 353 " in line for line in now)
        assert any("PONG" in line for line in now)
        page = await both.ask(ann, "CHATHISTORY LATEST #room * 10", "WHOIS bob", "LIST")
        assert any("kept" in line for line in page)
        assert any(" 311 " in line for line in page)
        assert not any("in flight" in line for line in page), "it may never be in the history"

    run(scene)


def test_a_ping_is_no_false_echo() -> None:
    """Who has no echo-message takes the PONG for a sign that what was said is kept."""

    async def play() -> None:
        async with servers() as both:
            one = both.members[0]
            ann = await both.person(one, "ann", "message-tags")
            both.cut_off.add(one)
            ann.give("PRIVMSG #room :hi", "PING :mark")
            await both.passes(12)
            assert not any("PONG" in line for line in heard(ann))
            await both.heal(one)
            assert any("PONG" in line for line in heard(ann))

    asyncio.run(play())


def test_what_never_left_is_given_back_and_what_is_out_is_echoed_later() -> None:
    async def scene(both: Servers, one: Member, ann: Guest, bob: Guest) -> None:
        both.cut_off.update(both.members)
        ann.give("@label=out PRIVMSG #room :out")
        await one.node.quiet()
        ann.give("@label=queued PRIVMSG #room :queued")
        await both.passes(18)
        assert not any("FAIL" in line for line in heard(ann))
        await both.passes(4)
        assert stage(one) is Stage.GIVEN_BACK
        (failed,) = heard(ann)
        assert failed.startswith("@label=queued :hubbub.localhost FAIL PRIVMSG NOT_KEPT :")
        await both.heal(*both.members)
        back = heard(ann)
        assert any("label=out" in line and line.endswith("out") for line in back)
        assert any(RESUMED in line for line in back)
        assert any(line.endswith("said") for line in await both.ask(ann, "PRIVMSG #room :said"))
        kept = [line.split()[-1] for line in heard(bob) if "PRIVMSG" in line]
        assert [text.lstrip(":") for text in kept] == ["out", "said"], "bob never sees the other"

    run(scene)


def test_nobody_is_let_in_and_nobody_waits_outside() -> None:
    async def scene(both: Servers, one: Member, ann: Guest, bob: Guest) -> None:
        eve = Guest(one.node)
        eve.give("NICK eve")
        await one.node.quiet()
        both.cut_off.add(one)
        await both.passes(13)
        assert any("ERROR" in line and "no quorum" in line for line in heard(eve))
        dan = Guest(one.node)
        dan.give("NICK dan", "USER dan 0 * :x")
        await one.node.quiet()
        assert any("ERROR" in line and "no quorum" in line for line in heard(dan))

    run(scene)


def test_who_quits_while_nothing_is_kept_may_go_and_is_no_ghost() -> None:
    async def scene(both: Servers, one: Member, ann: Guest, bob: Guest) -> None:
        both.cut_off.update(both.members)
        await both.passes(13)
        await both.ask(ann, "QUIT :enough")
        assert ann.stream.ended
        await both.passes(12)
        await both.heal(*both.members)
        await both.passes(8)
        assert any("QUIT" in line for line in heard(bob))
        assert not any(user.nick == "ann" for user in both.members[1].node.world.users.values())

    run(scene)


def test_a_node_that_was_stopped_itself_does_not_take_that_for_a_stall() -> None:
    async def scene(both: Servers, one: Member, ann: Guest, bob: Guest) -> None:
        both.cut_off.add(one)
        ann.give("PRIVMSG #room :before")
        await both.passes(1)
        await both.passes(60, looks=False)
        one.node.hub.watch.look()
        assert stage(one) in (Stage.WAITING, Stage.NOT_READY)
        assert not any("NOTICE" in line or "FAIL" in line for line in heard(ann))

    run(scene)


def test_a_stop_in_a_stall_says_that_the_outcome_is_unknown() -> None:
    async def scene(both: Servers, one: Member, ann: Guest, bob: Guest) -> None:
        both.cut_off.add(one)
        ann.give("@label=out PRIVMSG #room :out")
        await one.node.quiet()
        ann.give("@label=queued PRIVMSG #room :queued")
        await both.passes(12)
        heard(ann)
        await asyncio.wait_for(one.node.hub.stop(0.0), 5)
        last = heard(ann)
        assert any(line.startswith("@label=out") and " OUTCOME_UNKNOWN " in line for line in last)
        assert any(line.startswith("@label=queued") and " NOT_KEPT " in line for line in last)
        assert last[-1].startswith("ERROR")

    run(scene)


def test_a_node_that_the_others_gave_up_says_what_is_certain_and_begins_anew() -> None:
    async def scene(both: Servers, one: Member, ann: Guest, bob: Guest) -> None:
        both.cut_off.add(one)
        ann.give("@label=out PRIVMSG #room :out")
        await both.passes(40)
        assert any("QUIT" in line for line in heard(bob)), "the others went on"
        heard(ann)
        one.deliver(len(both.log.order))
        await one.node.quiet()
        one.node.hub.watch.look()
        assert stage(one) is Stage.LOST, "until its new beginning is in the order"
        assert gate_of(one).late_reason(ADDRESS) == NO_QUORUM
        failed, error = heard(ann)[-2:]
        assert failed.startswith("@label=out :hubbub.localhost FAIL PRIVMSG NOT_KEPT")
        assert error.endswith(f"({LOST})")
        await both.heal(one)
        assert stage(one) is Stage.IN_ORDER
        again = await both.person(one, "again")
        await both.ask(again, "PRIVMSG #room :anew")
        said = [line for line in heard(bob) if "PRIVMSG" in line]
        assert [line.split(":")[-1] for line in said] == ["anew"], "what was void is nowhere"

    run(scene)
