"""A World with sessions and a journal that can be held back: the rules without any I/O.

A client's lines are decided on in order; like a connection, it waits with every command that may
not be pipelined until its earlier records have been applied. The journal keeps each session's
drafts in order and, when it is held, lets the test choose which session's come next. Who hears what
is found by the roster that the hub has, not by one of the tests' own: what it forgets is missing
here as well.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, cast

from msgspec import structs

from hubbub.core import requests, snapshot
from hubbub.core.access.second_factor import step_of
from hubbub.core.apply import apply, came_to_nothing
from hubbub.core.deciding.audit import taken
from hubbub.core.deciding.context import CommandContext, Context, Surroundings, signed
from hubbub.core.dispatch import COMMANDS, dispatch, follow_up, is_pipelined
from hubbub.core.outcomes import Failed, Outcome, Refused
from hubbub.core.policy.policy import OperBlock, Policy
from hubbub.core.records.accounts import AccountRegistered, AccountSet
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import Kept
from hubbub.core.records.entries import AnyRecord, Body, Draft, Entry
from hubbub.core.records.nodes import NodeStarted, RetentionSet
from hubbub.core.records.users import Disconnected
from hubbub.core.rules import RULES
from hubbub.core.telling import Decide, Telling
from hubbub.core.world.accounts import Account
from hubbub.core.world.failed_logins import FailedLogins
from hubbub.core.world.session import Session
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc.message import Message, parse
from hubbub.node.connection import Connection
from hubbub.node.limits.bounds import Bounds
from hubbub.node.roster import Roster
from hubbub.node.sending.outbox import Outbox
from hubbub.transport.ssh.signatures import signer
from tests.core.invariants import check

START = 1_700_000_000_000_000
"""The time at which every test begins, in microseconds since 1970."""
ADDRESS = "203.0.113.1"
"""Where everybody comes from, unless the test says otherwise (Connection.address)."""
POLICY = Policy(
    server="hub.test",
    network="Test",
    description="test server",
    created="today",
    started=START // 1_000_000 - 90_061,
    operators={"root": OperBlock("hash:secret")},
)


def code(number: int) -> str:
    """Return the code that the harness draws as this one: 16 characters of base32."""
    return f"{number:A>16}".translate(str.maketrans("0189", "WXYZ"))


class Shell:
    """Be what a connection needs to know of its hub where it only stands in the roster."""

    bounds = Bounds(outbox_bytes=1 << 40)
    applied = 0

    def now(self) -> float:
        """Return the loop's time: there is no loop."""
        return 0.0


class Wire:
    """Take what an outbox passes on, and give it back as messages."""

    def __init__(self) -> None:
        self._sent: list[bytes] = []

    def send(self, data: bytes) -> bool:
        """Take bytes."""
        self._sent.append(data)
        return True

    def abort(self) -> None:
        """Say that an outbox gave up."""
        raise AssertionError("nothing goes wrong on this wire")

    def take(self) -> list[Message]:
        """Return the messages since the last call."""
        sent, self._sent = b"".join(self._sent), []
        return [parse(line) for line in sent.splitlines()]


@dataclass(eq=False)
class Client:
    """Hold one session's end: what it has been sent, and what its commands asked of the shell."""

    session: Session
    harness: Harness
    asked: list[requests.Request] = field(default_factory=list)
    inbox: deque[Message] = field(default_factory=deque)
    in_flight: int = 0
    closed: str = ""
    wire: Wire = field(default_factory=Wire)
    connection: Connection = field(init=False)

    def __post_init__(self) -> None:
        roster, shell = self.harness.roster, cast(Any, Shell())
        wire = cast(Any, self.wire)
        self.connection = Connection(shell, wire, self.session, ADDRESS)
        budget, boxes = shell.bounds.outbox_bytes, roster.dirty_boxes
        self.connection.outbox = Outbox(wire, budget, 1, boxes, self.connection)
        roster.connections[self.session.id] = self.connection

    @property
    def user(self) -> User:
        """Return the session's user."""
        assert self.session.user is not None
        return self.session.user

    @property
    def origin(self) -> Origin:
        """Return the origin of a record that the session asks for."""
        return Origin(self.session.id, self.session.requests)

    def send(self, line: str) -> list[Message]:
        """Send a line and return everything received since the last call."""
        self.inbox.append(parse(line.encode()))
        self.work()
        return self.take()

    def take(self) -> list[Message]:
        """Return everything received since the last call."""
        for _ in self.harness.roster.flush():
            pass
        return self.wire.take()

    def answer(self, message: Message) -> None:
        """Give the client an answer, which has to fit a line."""
        line = message.encode()
        assert len(line) <= 512 or message.tags, line
        self.connection.outbox.answer(line)

    def taken_requests(self) -> list[requests.Request]:
        """Return what was asked of the shell since the last call."""
        taken, self.asked = self.asked, []
        return taken

    def work(self) -> None:
        """Decide on waiting lines, as far as order allows."""
        while self.inbox and not self.closed:
            command = COMMANDS.get(self.inbox[0].command)
            if self.in_flight and not is_pipelined(command, self.inbox[0]):
                return
            ctx = self.command_context(self.inbox.popleft())
            dispatch(ctx)
            self.carry_out(ctx)

    def context(self) -> Context:
        """Return what is at hand when something is decided for this session."""
        harness = self.harness
        return Context(
            harness.world,
            self.session,
            harness.policy,
            harness.time,
            harness.surroundings,
        )

    def command_context(self, message: Message) -> CommandContext:
        """Return what a command has at hand."""
        harness = self.harness
        return CommandContext(
            harness.world,
            self.session,
            harness.policy,
            harness.time,
            harness.surroundings,
            message,
        )

    def carry_out(self, ctx: Context) -> None:
        """Do what a context collected."""
        for effect in taken(ctx):
            self._one(ctx, effect)
        self.harness.settle()

    def _one(self, ctx: Context, effect: requests.Request) -> None:
        match effect:
            case requests.Answer(message):
                self.answer(message)
            case requests.AnswerMany(messages) if self.harness.stream:
                for made in messages:
                    if made is not None:
                        self.answer(made)
                if ctx.requests:
                    self.carry_out(ctx)
            case requests.Append(draft):
                self.in_flight += 1
                self.harness.append(draft)
            case requests.Signal(message, users):
                self.harness.roster.signal(message, users, self.connection)
            case requests.Verify():
                effect.then(requests.Proof(effect.hash == f"hash:{effect.password}"))
                self.carry_out(ctx)
            case requests.LookUp(msgid, then):
                then(self.harness.found(msgid))
                self.carry_out(ctx)
            case requests.Search():
                found = self.harness.search(effect)
                if found:
                    effect.found(found)
                    self.carry_out(ctx)
                effect.over(True)
                self.carry_out(ctx)
            case requests.Prove():
                proof = self.harness.prove(effect)
                if not proof.right:
                    self.harness.failed_logins.failed(
                        effect.account, "door", self.harness.time // 1_000_000
                    )
                effect.then(proof)
                self.carry_out(ctx)
            case requests.Hash(password, then_hash):
                then_hash(f"hash:{password}")
                self.carry_out(ctx)
            case requests.Census(network, then_census):
                then_census(self.harness.roster.users_within(network), "")
                self.carry_out(ctx)
            case requests.Draw(count, then_draw):
                then_draw(self.harness.draw(count))
                self.carry_out(ctx)
            case requests.VerifySignature():
                effect.then(signer(effect.text, effect.namespace, effect.armored))
                self.carry_out(ctx)
            case requests.Negotiated(caps):
                self.harness.roster.negotiated(self.connection, caps)
            case requests.Listen(channel, on):
                self.harness.roster.listen(self.connection, channel, on)
            case requests.WatchNicks(added, removed):
                self.harness.roster.unwatch(self.session, removed)
                self.harness.roster.watch(self.session, added)
            case requests.Close(reason):
                self.harness.disconnect(self, reason)
            case _:
                self.asked.append(effect)


class Harness:
    """Hold a World, its clients and a journal.

    `held` keeps records from being committed; without `stream` long answers are left to the test.
    """

    def __init__(self, policy: Policy = POLICY, kept: tuple[str, ...] = ()) -> None:
        self.world = World()
        self.policy = policy
        self.time = START
        self.lead = 0
        self.held = False
        self._applying = False
        self.stream = True
        self.entries: list[Entry] = []
        self.refused: set[int] = set()
        self.erased: set[int] = set()
        self.accounts_erased: list[str] = []
        self.histories_ended: list[str] = []
        self.recounted: list[tuple[str, str]] = []
        self.pending: dict[SessionId, deque[Draft]] = {}
        self.clients: dict[SessionId, Client] = {}
        self.idle_seconds: dict[str, int | None] = {}
        self.failed_logins = FailedLogins()
        self.roster = Roster()
        self._sessions = 0
        self._drawn = 0
        self.epoch = 1
        self.append(Draft(NodeStarted(Origin(SessionId(1, 1, 0), 0), RULES)))
        self.append(Draft(Kept(Origin(SessionId(1, 1, 0), 1), kept)))
        self.settle()

    @property
    def console(self) -> Origin:
        """Return the origin of what the node itself asks for, or who sits at its machine."""
        return Origin(SessionId(1, self.epoch, 0), 1)

    @property
    def surroundings(self) -> Surroundings:
        """Return what the rules may ask beside the World."""
        return Surroundings(self.idle, failed_logins=self.failed_logins)

    def idle(self, user: User) -> int | None:
        """Return what the test says of a user's idle time."""
        return self.idle_seconds.get(user.nick, 0)

    # Sessions

    def open(
        self, caps: Iterable[str] = (), host: str = "cloak.test", secure: bool = True
    ) -> Client:
        """Return a new connection that has not registered."""
        self._sessions += 1
        session = Session(SessionId(1, self.epoch, self._sessions), host, secure)
        bits = cap.change(0, caps)
        assert bits is not None
        client = self.clients[session.id] = Client(session, self)
        self.roster.negotiated(client.connection, bits)
        return client

    def connect(self, nick: str, *caps: str, host: str = "cloak.test") -> Client:
        """Return a registered client that has read its welcome."""
        client = self.open(caps, host)
        client.send(f"NICK {nick}")
        client.send(f"USER {nick.lower()} 0 * :{nick} the person")
        client.take()
        return client

    def attach(self, to: Client, *caps: str) -> Client:
        """Return another session of a client's user, who has to have an account."""
        return self._enter(to.user.nick, to.user.account, caps)

    def account(self, name: str) -> Account:
        """Return an account, made if there is none: it leaves when it disconnects."""
        found = self.world.account(name)
        if found is None:
            origin = Origin(SessionId(1, self.epoch, 0), 1)
            histories = (f"${name.lower()}",)
            record = AccountRegistered(origin, name, by="test", histories=histories)
            self.append(Draft(record, Body("hash:secret")))
            self.append(Draft(AccountSet(origin, name, "persist", "off", "test")))
            while origin.session in self.pending:
                self.commit(origin.session)
            found = self.world.account(name)
        assert found is not None
        return found

    def connect_as(self, nick: str, account: str, *caps: str) -> Client:
        """Return a client whose user is logged in to an account."""
        self.account(account)
        return self._enter(nick, account, caps)

    def _enter(self, nick: str, account: str, caps: Iterable[str]) -> Client:
        client = self.open(caps)
        client.session.account = account
        client.session.credential = ("password", "")
        client.session.proved_at = self.time // 1_000_000
        client.send(f"NICK {nick}")
        client.send(f"USER {nick.lower()} 0 * :{nick}")
        client.take()
        return client

    def disconnect(self, client: Client, reason: str = "gone") -> None:
        """End a client's connection, as the shell does when its socket closes."""
        if client.closed:
            return
        client.closed = reason
        self.end(client.connection, reason)

    # Secrets

    def draw(self, count: int) -> list[str]:
        """Return codes that look random."""
        self._drawn += count
        return [code(number) for number in range(self._drawn - count, self._drawn)]

    def prove(self, effect: requests.Prove) -> requests.Proof:
        """Check a password against the body of the entry that holds its hash."""
        right = effect.password is None
        if effect.password:
            right = self.secret(effect.password) == f"hash:{effect.given}"
        step = 0
        if effect.totp:
            step = step_of(self.secret(effect.totp), effect.code, self.time // 1_000_000)
            right = right and step > 0
        return requests.Proof(right, step)

    def secret(self, seq: int) -> str:
        """Return the secret of an entry, "" where it is erased."""
        body = self.entries[seq - 1].body
        return body.text if body is not None and seq not in self.erased else ""

    def restart(self) -> None:
        """End every connection at once, as when the node is killed and starts again."""
        self.pending.clear()
        self.clients.clear()
        self.roster = Roster()
        self.epoch += 1
        self.append(Draft(NodeStarted(Origin(SessionId(1, self.epoch, 0), 0), RULES)))
        self.settle()

    def retain(self, stay_seconds: int, audit_days: int = 0) -> None:
        """Settle how long is kept what ends by itself."""
        self.append(Draft(RetentionSet(self.console, stay_seconds, audit_days)))
        self.settle()

    # The journal

    def append(self, draft: Draft) -> None:
        """Take a draft; commit it at once unless the journal is held."""
        self.pending.setdefault(draft.record.origin.session, deque()).append(draft)

    def settle(self) -> None:
        """Commit what waits, unless the journal is held or an entry is being applied."""
        if not self.held and not self._applying:
            self.commit_all()

    def enter(self, record: AnyRecord, body: Body | None = None) -> list[Outcome]:
        """Commit a record as if it had been decided on some time ago; return what it brings about.

        A World that was read from a snapshot just before has to become the same by it.
        """
        session, at = record.origin.session, len(self.entries)
        twin = snapshot.decode(snapshot.encode(self.world))
        if session in self.clients:
            self.clients[session].in_flight += 1
        self.append(Draft(record, body))
        found = self.commit(session)
        for entry in self.entries[at:]:
            apply(twin, entry)
        assert snapshot.encode(twin) == snapshot.encode(self.world)
        check(self.world)
        return found

    def commit(self, session: SessionId) -> list[Outcome]:
        """Commit and apply the oldest draft of a session; return what it brings about."""
        queue = self.pending[session]
        draft = queue.popleft()
        if not queue:
            del self.pending[session]
        self.time += 1000
        seq = len(self.entries) + 1
        time = self.time + self.lead
        entry = Entry(seq, time, f"id{seq}", draft.record, draft.body, self.lead)
        self.entries.append(entry)
        outer, self._applying = self._applying, True
        found = apply(self.world, entry)
        if came_to_nothing(entry, found):
            self.refused.add(seq)
        table = Telling(self.roster, self).table
        longer = [steps for one in found if (steps := table[type(one)](one)) is not None]
        self._applied(entry)
        for _ in chain.from_iterable(longer):
            pass
        self._applying = outer
        self.settle()
        return found

    def commit_all(self) -> None:
        """Commit everything that is held, session by session."""
        while self.pending:
            self.commit(next(iter(self.pending)))

    def found(self, msgid: str) -> Entry | None:
        """Return what the archive would find under a msgid."""
        hidden = self.refused | self.erased
        found = [e for e in self.entries if e.msgid == msgid and e.seq not in hidden]
        return found[0] if found else None

    def search(self, search: requests.Search) -> list[Entry]:
        """Return what the archive would find in histories."""
        hidden, found = self.refused | self.erased, []
        for entry in self.entries:
            names = getattr(entry.record, "histories", ())
            there = any(
                name == history or (history.endswith("/*") and name.startswith(history[:-1]))
                for name in names
                for history in search.histories
            )
            if there and entry.seq not in hidden and entry.time > search.after:
                found.append(entry)
        return [entry for entry in found if search.is_wanted(entry)][: search.most]

    def records(self, kind: type[AnyRecord]) -> list[AnyRecord]:
        """Return the records of one kind that were committed and not refused."""
        return [
            entry.record
            for entry in self.entries
            if isinstance(entry.record, kind) and entry.seq not in self.refused
        ]

    def _applied(self, entry: Entry) -> None:
        client = self.clients.get(entry.record.origin.session)
        if client is None:
            return
        client.in_flight -= 1
        if entry.seq not in self.refused:
            ctx = client.context()
            follow_up(ctx, entry)
            client.carry_out(ctx)
        if not client.in_flight:
            client.work()

    # What outcomes have done (hubbub.core.telling.Shell)

    @property
    def server(self) -> str:
        """Return the server's name."""
        return self.policy.server

    def tell(self, peer: Connection, decide: Decide, request: int = 0) -> None:
        """Have the rules tell a session something."""
        client = self.clients[peer.session.id]
        ctx = client.context()
        decide(ctx)
        client.carry_out(ctx)

    def send(self, peer: Connection, message: Message) -> None:
        """Tell a session what others brought about."""
        peer.outbox.tell(message.encode())

    def close(self, peer: Connection, reason: str) -> None:
        """Close a connection; its session ends if it has not yet."""
        client = self.clients[peer.session.id]
        if peer.session.id in self.roster.connections:
            self.disconnect(client, reason)
        else:
            del self.clients[peer.session.id]
            client.closed = client.closed or reason

    def end(self, peer: Connection, reason: str) -> None:
        """Ask for the record that ends a session, or forget one that never began."""
        session = peer.session
        if session.user is None:
            if not session.registering:
                del self.clients[session.id]
                self.roster.ended(session.id)
        elif not session.leaving:
            user, session.leaving = session.user, True
            session.requests += 1
            origin = Origin(session.id, session.requests)
            histories = self.world.histories(user) if len(user.sessions) == 1 else ()
            end = Disconnected(origin, user.source, reason, histories)
            self.append(Draft(signed(end, user)))
            self.settle()

    def began(self, peer: Connection, user: User) -> None:
        """End a session whose connection has ended meanwhile."""
        if self.clients[peer.session.id].closed:
            self.end(peer, "gone")

    def not_registered(self, peer: Connection) -> None:
        """Forget a session that did not become a user, and has ended meanwhile."""
        if self.clients[peer.session.id].closed:
            del self.clients[peer.session.id]
            self.roster.ended(peer.session.id)

    def forget(self, history: str, upto: int | None) -> None:
        """Remember that a history is over."""
        self.histories_ended.append(history)

    def revise(self, seq: int, by: int, keeps: bool, body: Body | None) -> None:
        """Give an entry another body."""
        if seq not in self.erased:
            self.entries[seq - 1] = structs.replace(self.entries[seq - 1], body=body)

    def recount(self, user: User, target: str) -> None:
        """Remember where somebody has read on."""
        self.recounted.append((user.nick, target))

    def erase(self, seqs: Sequence[int]) -> None:
        """Remember what is erased."""
        self.erased.update(seqs)

    def erase_account(self, account: str) -> None:
        """Remember whose words are erased."""
        self.accounts_erased.append(account)


def shown(messages: Iterable[Message]) -> list[str]:
    """Return messages as "COMMAND param param", without source and tags, for comparing."""
    return [" ".join((message.command, *message.params)) for message in messages]


def refusal(outcomes: Iterable[Outcome]) -> str:
    """Return the numeric, or the code of the FAIL, that refuses an entry; "" where none does."""
    for outcome in outcomes:
        if isinstance(outcome, Refused):
            return outcome.numeric.code
        if isinstance(outcome, Failed):
            return outcome.params[0]
    return ""
