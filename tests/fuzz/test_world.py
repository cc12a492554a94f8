"""Whatever sessions ask for, and in whatever order it is kept: the rules hold, and are the same.

Each run is about a few lines only (swarm testing), so that they meet often; test_hub does the same
with connections, tests/core/test_world_properties.py with all lines and shorter ways to a failure.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.policy.policy import OperBlock
from hubbub.core.records.accounts import AccountDropped, AccountSet
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import Kept
from hubbub.core.records.entries import AnyRecord, Draft
from hubbub.core.records.nodes import ClockSetBack
from hubbub.core.world.expiry import expired
from hubbub.core.world.world import World
from tests.core import invariants
from tests.core.world_harness import POLICY, START, Client, Harness
from tests.fuzz.conftest import PROFILE
from tests.fuzz.corpus import line, theme

STEPS = 300
CLASSES = ("owner", "moderator", "helper", "bot", "gone")
RULES = replace(
    POLICY,
    email="optional",
    password_length=3,
    operators={**POLICY.operators, **{name: OperBlock("hash:secret", name) for name in CLASSES}},
)
NAMES = ("ann", "bob", "cat", "dan")


class Run:
    """Hold one run: sessions of guests and accounts, a journal that waits, and a second World."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.harness = Harness(RULES, kept=("#kept",))
        self.harness.retain(1000)
        self.copy, self.copied = World(), 0
        self.theme = theme(self.chance)
        self.clients: list[Client] = []
        for nick in NAMES[:2]:
            self.clients.append(self.harness.connect(nick, "message-tags", "sasl", "batch"))
        self.clients.append(self.harness.connect_as("cat", "cat", "sasl"))
        self.clients.append(self.harness.attach(self.clients[-1]))
        for client in self.clients:
            client.send("JOIN #a,#kept")

    def step(self) -> None:
        """Let something happen, mostly that a session says something."""
        chance = self.chance.random()
        client = self.chance.choice(self.clients)
        if chance < 0.75:
            if client.closed:
                self.come_back(client)
            else:
                client.send(self.chance.choice(self.theme))
        elif chance < 0.78:
            said = (
                line(self.chance, self.theme)
                .decode(errors="ignore")
                .translate({0: "", 10: "", 13: ""})
            )
            if not client.closed and said.split():
                client.send(f"PING {said}" if said.startswith((":", "@", " ")) else said)
        elif chance < 0.95:
            self.commit()
        else:
            self.trouble(client)

    def commit(self) -> None:
        """Keep some of what waits, each session's in its order, or all, or hold it back."""
        harness = self.harness
        if self.chance.random() < 0.1:
            harness.held = not harness.held
        for _ in range(self.chance.randrange(8)):
            if harness.pending:
                harness.commit(self.chance.choice(list(harness.pending)))

    def come_back(self, client: Client) -> None:
        """Put a new session in the place of one that ended."""
        nick = self.chance.choice(NAMES)
        owner = self.harness.world.reserved_for(nick)
        caps = ["sasl", "echo-message", *(("hubbub/quiet",) if self.chance.random() < 0.3 else ())]
        new = self.harness.open(caps, secure=self.chance.random() < 0.5)
        may_log_in = owner is not None and owner.verified and not owner.dropped
        if owner is not None and may_log_in and self.chance.random() < 0.7:
            new.session.account, new.session.credential = owner.name, ("password", "")
            new.session.proved_at = self.harness.time // 1_000_000
            if self.chance.random() < 0.3:
                new.session.scope = self.chance.choice(("post:#a", "read:#a", "read:#kept"))
                new.session.credential = ("token", "any")
        for said in (f"NICK {nick}", f"USER {nick} 0 * :{nick}"):
            new.send(said)
        self.clients[self.clients.index(client)] = new

    def trouble(self, client: Client) -> None:
        """Let happen what no session decides on."""
        harness, what = self.harness, self.chance.randrange(10)
        if what < 2:
            harness.disconnect(client)
        elif what == 2:
            harness.time += self.chance.choice((1, 60, 1001, 4 * 86_400)) * 1_000_000
            now = harness.time // 1_000_000
            for make in filter(None, list(expired(harness.world, "hub.test", now))):
                self.own(make(self.origin()))
        elif what == 3:
            value = self.chance.choice(("on", "off"))
            self.own(AccountSet(self.origin(), self.chance.choice(NAMES), "persist", value, "test"))
        elif what == 4:
            patterns = self.chance.choice((("#kept",), ("#*",), ()))
            self.own(Kept(self.origin(), patterns, self.chance.randrange(3)))
        elif what == 5 and self.chance.random() < 0.3:
            self.own(AccountDropped(self.origin(), self.chance.choice(NAMES)))
        elif what == 6 and self.chance.random() < 0.3:
            harness.restart()
            for gone in self.clients:
                gone.closed = gone.closed or "restarted"
        elif what == 7 and self.chance.random() < 0.3:
            ahead = self.chance.choice((3600, 86_400)) * 1_000_000
            since = harness.time - ahead
            harness.time = max(since + 1_000_000, START)
            self.own(ClockSetBack(self.origin(), ahead, since, harness.time))
        else:
            self.follow()
            self.copy = snapshot.decode(snapshot.encode(self.copy))

    def origin(self) -> Origin:
        """Return the origin of a record of the node's own."""
        return Origin(SessionId(1, self.harness.epoch, 0), 1)

    def own(self, record: AnyRecord) -> None:
        """Ask for a record of the node's own."""
        self.harness.append(Draft(record))
        self.harness.settle()

    def follow(self) -> None:
        """Let the second World follow, as at a start."""
        entries = self.harness.entries
        for entry in entries[self.copied :]:
            if entry.record.changes_world:
                apply(self.copy, entry)
        self.copied, self.copy.applied = len(entries), self.harness.world.applied


def play(seed: int, length: int) -> None:
    """Do a run, and look at the World now and then."""
    run = Run(seed)
    for number in range(length):
        run.step()
        if number % 10 == 0:
            invariants.check(run.harness.world)
    run.harness.held = False
    run.harness.commit_all()
    invariants.check(run.harness.world)
    run.follow()
    assert snapshot.encode(run.copy) == snapshot.encode(run.harness.world)


@PROFILE
@given(st.integers(0, 1 << 32), st.integers(1, STEPS))
def test_the_rules_hold(seed: int, length: int) -> None:
    play(seed, length)
