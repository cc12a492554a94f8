"""What operators did is kept for so many days."""

from __future__ import annotations

import time

from hubbub.core.access.registered_channels import kept
from hubbub.core.policy.policy import OperBlock, Policy
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Body, Entry
from hubbub.core.records.messages import Said
from hubbub.core.records.moderation import AUDIT
from hubbub.core.records.nodes import RetentionSet
from hubbub.core.world.accounts import Account
from hubbub.journal.port import ArchiveBusy
from hubbub.node.history.retention import SWEEP_SECONDS, Retention
from tests.node.node_harness import Node
from tests.node.turned_loop import TurnedLoop


async def node_with_acts(days: int) -> Node:
    policy = Policy(flood=None, operators={"root": OperBlock("hash:secret")})
    node = Node(policy)
    node.hub.sessions.append(lambda origin: RetentionSet(origin, 0, days))
    oper = await node.guest("oper")
    oper.give("OPER root secret")
    await node.quiet()
    await node.passwords.done.get()
    await oper.ask("WALLOPS :hello")
    return node


async def forgotten(days: int) -> list[str]:
    node = await node_with_acts(days)
    # The journal of the tests lives in 2027.
    newest = node.journal.kept[-1].time
    node.journal.kept = [
        type(entry)(
            entry.seq,
            entry.time - newest + time.time_ns() // 1000 - 10 * 86_400_000_000,
            entry.msgid,
            entry.record,
            entry.body,
        )
        for entry in node.journal.kept
    ]
    await Retention(node.hub.sessions, node.archive).sweep()
    await node.quiet()
    return [history for history in node.journal.forgotten if history == AUDIT]


async def test_what_is_old_is_forgotten_and_nothing_else() -> None:
    assert await forgotten(9) == [AUDIT]
    assert await forgotten(11) == []
    assert await forgotten(0) == []


async def test_once_an_hour_and_not_while_there_is_no_time() -> None:
    node = await node_with_acts(1)
    loop = TurnedLoop(node)
    retention = Retention(node.hub.sessions, node.archive)
    node.archive.errors.append(ArchiveBusy("busy"))
    asked = node.archive.asked
    for later in (0.0, 1.0, SWEEP_SECONDS, SWEEP_SECONDS + 1):
        loop.now += later
        retention.sweep_if_due()
        await node.quiet()
    assert node.archive.asked - asked == 3
    await retention.stop()


async def test_what_is_said_is_kept_as_the_operator_and_a_founder_want_it() -> None:
    node = Node(Policy(flood=None))
    ann = await node.guest("ann")
    for name in ("#own", "#any"):
        await ann.ask(f"JOIN {name}")
        for n in range(6):
            await ann.ask(f"PRIVMSG {name} :{n}")
    own, every = (node.hub.world.channels[name] for name in ("#own", "#any"))
    own.retention = 0, 2
    retention = Retention(node.hub.sessions, node.archive)
    await retention.sweep()
    await node.quiet()
    assert node.journal.forgotten == [own.history]
    node.hub.sessions.append(lambda origin: RetentionSet(origin, 0, 0, channel_messages=4))
    await node.quiet()
    await retention.sweep()
    await node.quiet()
    # A founder keeps less, and never more, than the server.
    assert node.journal.forgotten == [own.history, own.history, every.history]
    assert kept(node.hub.world, own) == (0, 2)
    own.retention = 3, 9
    assert kept(node.hub.world, own) == (3, 4)


async def test_both_sides_of_direct_messages_have_a_bound_of_their_own() -> None:
    node = Node(Policy(flood=None))
    for name in ("ann", "bob"):
        node.hub.world.accounts[name] = Account(name, 1)
    told = [f"@a:{one}/a:{other}" for one, other in (("ann", "bob"), ("bob", "ann"))]
    origin = Origin(SessionId(1, 1, 9), 1)
    node.hub.sessions.append(lambda origin: RetentionSet(origin, 0, 0, direct_messages=2))
    await node.quiet()
    record = Said(origin, "ann!a@h", "ann", "PRIVMSG", "bob", None, tuple(told))
    node.journal.kept += [Entry(n, n, f"msgid{n}", record, Body(str(n))) for n in range(1, 6)]
    node.hub.world.applied = 9
    await Retention(node.hub.sessions, node.archive).sweep()
    await node.quiet()
    assert sorted(node.journal.forgotten) == told
