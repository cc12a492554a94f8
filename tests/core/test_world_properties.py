"""Whatever people do, and in whatever order the journal takes it, the World stays a World."""

from __future__ import annotations

import base64
from dataclasses import replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.policy.policy import OperBlock
from hubbub.core.records.accounts import AccountDropped, AccountSet
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import Kept
from hubbub.core.records.entries import Draft
from hubbub.core.world.expiry import expired
from hubbub.core.world.world import World
from tests.core.invariants import check
from tests.core.world_harness import POLICY, Client, Harness, code
from tests.fuzz.corpus import likely

NICKS = st.sampled_from(["ann", "Ann", "bob", "cy", "dot"])
CHANNELS = st.sampled_from(["#one", "#ONE", "#two", "#kept", "#bad,name", "#"])
MASKS = st.sampled_from(
    ["ann", "bob!*@*", "*!*@cloak.test", "*", "x y", "", "a:one", "m:bob", "m:a:*"]
)
VALUES = st.sampled_from(["1:60", "2:1", "0:0", "#one", "#two", "5"])
KEYS = st.sampled_from(["key", "other", "k" * 24, ""])
MODES = st.text("+-beIklfjdCMRTUimnstqaohvZ", min_size=1, max_size=8)
ARGUMENTS = st.lists(
    NICKS | MASKS.filter(lambda m: " " not in m and m) | KEYS.filter(bool) | VALUES, max_size=4
)


def _words(*parts: st.SearchStrategy[str] | str) -> st.SearchStrategy[str]:
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*strategies).map(" ".join)


LIKELY = st.sampled_from(
    [
        *(f"JOIN {channel}" for channel in ("#one", "#two", "#kept", "#one,#two")),
        *(f"PART {channel}" for channel in ("#one", "#two", "#kept", "#one,#two")),
        *(
            f"MODE #one {sign}{letter} {nick}"
            for sign in "+-"
            for letter in "qaohv"
            for nick in ("ann", "bob")
        ),
        *(
            f"MODE #two {change}"
            for change in ("+o ann", "-o ann", "+i", "+k key", "+l 1", "+sm", "+R")
        ),
        *(f"MODE #one {change}" for change in ("+f #two", "+j 1:60", "+d 1:60", "-fjd", "+U")),
        *(f"MODE #one {change}" for change in ("+b bob", "-b+e bob bob", "+I cy", "+i-i", "-k")),
        *(f"INVITE {nick} {channel}" for nick in ("bob", "cy") for channel in ("#one", "#two")),
        *(f"KICK {channel} {nick}" for nick in ("ann", "bob") for channel in ("#one", "#two")),
        *(f"NICK {nick}" for nick in ("ann", "Ann", "bob", "cy", "dot")),
        *(f"CHANNEL REGISTER {channel}" for channel in ("#one", "#two", "#kept")),
        *(f"CHANNEL DROP {channel}" for channel in ("#one", "#two", "#kept")),
        *(f"CHANNEL TRANSFER #one {account}" for account in ("one", "two")),
        *(
            f"CHANNEL ACCESS #one {account} {level}"
            for account in ("one", "two")
            for level in ("founder", "operator", "voice", "none")
        ),
        *(f"RENAME {old} {new}" for old in ("#one", "#ONE", "#two") for new in ("#one", "#new")),
        "RENAME #new #one",
        "RENAME #one #kept",
        "RELAYMSG #one some/where :hello",
        "JOIN #new",
        "CHANNEL PURGE SURE #one",
        "CHANNEL PURGE SURE #kept",
        "TOPIC #one :new",
        "PRIVMSG #one :hello",
        "KILL bob",
        "OPER root secret",
        *(f"SAJOIN {nick} {channel}" for nick in ("ann", "bob") for channel in ("#one", "#new")),
        *(f"SAPART {nick} #one" for nick in ("ann", "bob", "cy")),
        *(f"SANICK {nick} {new}" for nick in ("ann", "bob") for new in ("cy", "dot")),
        *(f"TBAN #one {time} {mask}" for time in ("1s", "1h") for mask in ("bob", "m:bob")),
        *(f"UBAN ADD SURE {target} 1s :x" for target in ("bob", "account:two", "do*!*@*")),
        "UNKLINE do*!*@*",
        "SWITCH SURE guests off",
        "SWITCH guests on",
        "QUIT",
    ]
)
ACCOUNTS = ("one", "two", "ann", "bob")


def _plain(account: str, password: str) -> str:
    return base64.b64encode(f"\0{account}\0{password}".encode()).decode()


ABOUT_ACCOUNTS = st.sampled_from(
    [
        *(
            f"REGISTER {name} {email} {password}"
            for name in ("*", "ann", "dot")
            for email, password in (("*", "secret"), ("a@b.example", "secret"))
        ),
        *(
            f"ACCOUNT {what} {name}"
            for name in ACCOUNTS
            for what in ("ADD", "SUSPEND", "RESTORE", "RESTORE", "SHOW", "PASSWORD", "LOGOUT")
        ),
        *(f"ACCOUNT SURE DROP {name}" for name in ("two", "dot")),
        *(f"ACCOUNT SURE REVOKE {what}" for what in ("one ALL", "one PASSWORD", "one TOKEN bot")),
        *(f"ACCOUNT HANDOVER {what}" for what in ("one two", "two one", "ann bob one")),
        *(f"ACCOUNT RENAME {what}" for what in ("ann dot", "dot ann", "two dot")),
        *(f"ACCOUNT {what}" for what in ("VERIFY ann", "EMAIL one a@b.example", "EMAIL one none")),
        *(f"ACCOUNT OPERATOR {name} owner" for name in ("one", "two")),
        *(f"INVITECODE SUSPEND SURE {code(number)}" for number in range(3)),
        "EMAIL SET a@b.example secret",
        *(f"EMAIL CONFIRM {code(number)}" for number in range(4)),
        *(f"PURGE SURE {who} 1h" for who in ("one", "ann", "*!*@cloak.test")),
        *(f"ACCOUNT ADD {name} :secret" for name in ACCOUNTS),
        *(f"ACCOUNT OPERATOR {name} {kind}" for name in ACCOUNTS for kind in ("admin", "none")),
        *(f"AUTHENTICATE {_plain(name, 'secret')}" for name in ACCOUNTS),
        *(f"NICK {name}" for name in ACCOUNTS),
        *(f"VERIFY ann {code(number)}" for number in range(4)),
        *(f"RESETPASS one {code(number)} secret" for number in range(4)),
        *(f"REDEEM {code(number)}" for number in range(4)),
        "AUTHENTICATE PLAIN",
        "AUTHENTICATE PLAIN",
        "PASSWD secret secret",
        "LOGOUT",
        "LOGOUT",
        "PERSISTENCE SET ON",
        "PERSISTENCE SET OFF",
        "TOKEN ADD bot",
        "TOKEN ADD one post:#one 1h",
        "TOKEN DEL bot",
        "TOTP BEGIN",
        f"TOTP OFF {code(1)}",
        "OWNERCODE",
        "INVITECODE ADD 1 1h",
        "OPER root secret",
        *(f"OPER {name} secret" for name in ("owner", "moderator", "helper", "bot", "gone")),
    ]
)
EVERY = st.sampled_from(
    [
        line
        for channel, nick in (("#one", "ann"), ("#ONE", "bob"), ("#kept", "one"))
        for line in likely(channel, nick)
    ]
)
"""Lines of every command."""
LINES = (
    LIKELY
    | EVERY
    | ABOUT_ACCOUNTS
    | st.one_of(
        _words("JOIN", st.sampled_from(["#one", "#two", "#kept"])),
        _words("NICK", NICKS),
        _words("JOIN", CHANNELS),
        _words("JOIN", CHANNELS, KEYS),
        st.just("JOIN 0"),
        st.just("JOIN #one,#two key"),
        _words("PART", CHANNELS),
        _words("KICK", CHANNELS, NICKS),
        _words("INVITE", NICKS, CHANNELS),
        _words("TOPIC", CHANNELS, st.sampled_from([":new", ":", ""])),
        _words("MODE", CHANNELS, MODES, ARGUMENTS.map(" ".join)),
        _words("MODE", NICKS, st.text("+-iwoBZ", min_size=1, max_size=5)),
        _words("PRIVMSG", CHANNELS | NICKS, ":hello"),
        _words("TAGMSG", CHANNELS | NICKS),
        st.sampled_from(["AWAY :gone", "AWAY", "SETNAME :Somebody else", "SILENCE +bob,-ann"]),
        _words("SILENCE", MASKS.map(lambda mask: f"+{mask}")),
        st.sampled_from(["OPER root secret", "OPER root wrong", "WALLOPS :all", "QUIT :bye"]),
        _words("KILL", NICKS, ":enough"),
        _words("MONITOR +", NICKS),
        _words("WHO", NICKS | CHANNELS),
        _words("WHOIS", NICKS),
        st.just("LIST"),
    )
)


CLASSES = ("owner", "moderator", "helper", "bot", "gone")
OPERATORS = {name: OperBlock("hash:secret", name) for name in CLASSES}
FRIENDLY = replace(
    POLICY, email="optional", password_length=3, operators={**POLICY.operators, **OPERATORS}
)
"""What lets sessions do as much as possible."""
SELDOM = st.integers(0, 7).map(lambda number: number == 7)


class Worlds(RuleBasedStateMachine):
    """Let several sessions do anything, while the journal takes their records in any order."""

    @initialize()
    def begin(self) -> None:
        harness = self.harness = Harness(FRIENDLY, kept=("#kept",))
        self.copy = World()
        self.copied = 0
        ann, bob = (
            harness.connect("ann", "message-tags", "sasl"),
            harness.connect("bob", "away-notify", "sasl"),
        )
        cy = harness.connect_as("cy", "one")
        self.clients = [ann, bob, cy, harness.attach(cy)]
        for client in self.clients:
            client.send("JOIN #one,#kept")
        ann.send("OPER root secret")
        harness.held = True

    def _pick(self, data: st.DataObject) -> Client:
        self.clients = [client for client in self.clients if not client.closed]
        if not self.clients:
            self.connect("dot", "")
            self.harness.commit_all()
        return self.clients[data.draw(st.integers(0, len(self.clients) - 1))]

    @rule(nick=NICKS, account=st.sampled_from(["", "one", "two"]))
    def connect(self, nick: str, account: str) -> None:
        if account and not self._is_dropped(account):
            self.clients.append(self.harness.connect_as(nick, account, "message-tags"))
        else:
            client = self.harness.connect(nick, "message-tags", "away-notify", "sasl")
            self.clients.append(client)

    @rule(account=st.sampled_from(["one", "two"]), scope=st.sampled_from(["post", "read"]))
    def connect_by_token(self, account: str, scope: str) -> None:
        """Let a session come in that a token for one channel leads to nothing else."""
        if self.harness.world.reserved_for(account) is None:
            return
        client = self.harness.open(("sasl",))
        client.session.account, client.session.scope = account, f"{scope}:#one"
        client.session.credential = ("token", "any")
        for line in ("NICK bot", "USER bot 0 * :bot"):
            client.send(line)
        self.clients.append(client)

    @rule(nick=NICKS, account=st.sampled_from(["", "one", "two"]))
    def pass_by(self, nick: str, account: str) -> None:
        """Let a session come in that makes no fuss."""
        if account and not self._is_dropped(account):
            self.clients.append(self.harness.connect_as(nick, account, "hubbub/quiet"))
        else:
            self.clients.append(self.harness.connect(nick, "hubbub/quiet"))

    @rule(account=st.sampled_from(["one", "two"]), value=st.sampled_from(["on", "off"]))
    def persist(self, account: str, value: str) -> None:
        """Let an account's user stay in its channels, or not."""
        origin = Origin(SessionId(1, self.harness.epoch, 0), 1)
        record = AccountSet(origin, account, "persist", value, "test")
        self.harness.append(Draft(record))
        self.harness.settle()

    @rule(seconds=st.integers(0, 3))
    def retain(self, seconds: int) -> None:
        """Let users stay for so long, 0 being for good."""
        self.harness.retain(seconds)

    @rule(days=st.integers(1, 4), really=SELDOM)
    def wait(self, days: int, really: bool) -> None:
        if really:
            self.harness.time += days * 86_400_000_000

    @rule(data=st.data(), lines=st.lists(LINES, min_size=1, max_size=6))
    def act(self, data: st.DataObject, lines: list[str]) -> None:
        client = self._pick(data)
        for line in lines:
            if not client.closed:
                client.send(line)

    @rule(data=st.data(), lines=st.lists(LINES, min_size=2, max_size=8))
    def act_together(self, data: st.DataObject, lines: list[str]) -> None:
        """Decide on everything before any of it is kept, then keep it in another order."""
        for line in lines:
            client = self._pick(data)
            client.send(line)
        while self.harness.pending:
            self.harness.commit(data.draw(st.sampled_from(list(self.harness.pending))))

    @rule(data=st.data())
    def attach(self, data: st.DataObject) -> None:
        client = self._pick(data)
        if client.session.user is not None and client.user.account and client.user.sessions:
            self.clients.append(self.harness.attach(client))

    @rule(data=st.data(), really=SELDOM)
    def lose(self, data: st.DataObject, really: bool) -> None:
        if really:
            self.harness.disconnect(self._pick(data))

    @precondition(lambda self: self.harness.pending)
    @rule(data=st.data(), count=st.integers(1, 8))
    def commit(self, data: st.DataObject, count: int) -> None:
        for _ in range(count):
            if self.harness.pending:
                self.harness.commit(data.draw(st.sampled_from(list(self.harness.pending))))

    @rule(seconds=st.integers(1, 3))
    def pass_time(self, seconds: int) -> None:
        harness = self.harness
        harness.time += seconds * 1_000_000
        for make in filter(
            None, list(expired(harness.world, "hub.test", harness.time // 1_000_000))
        ):
            harness.append(Draft(make(Origin(SessionId(1, harness.epoch, 0), 1))))
        harness.settle()

    @rule()
    def commit_all(self) -> None:
        self.harness.commit_all()

    @rule(
        patterns=st.sampled_from([("#kept",), ("#*",), ()]),
        limit=st.integers(0, 3),
        really=SELDOM,
    )
    def keep(self, patterns: tuple[str, ...], limit: int, really: bool) -> None:
        if really:
            origin = Origin(SessionId(1, self.harness.epoch, 0), 1)
            self.harness.append(Draft(Kept(origin, patterns, limit)))
            self.harness.settle()

    def _is_dropped(self, account: str) -> bool:
        found = self.harness.world.reserved_for(account)
        return found is not None and found.dropped

    @rule(account=st.sampled_from(["one", "two"]), really=SELDOM)
    def drop_account(self, account: str, really: bool) -> None:
        if really:
            origin = Origin(SessionId(1, self.harness.epoch, 0), 1)
            self.harness.append(Draft(AccountDropped(origin, account)))
            self.harness.settle()

    @rule(really=SELDOM)
    def restart(self, really: bool) -> None:
        if really:
            self.clients.clear()
            self.harness.restart()
            self.harness.commit_all()
            assert not self.harness.world.sessions

    @rule()
    def store(self) -> None:
        """A World that went through bytes goes on like the one that lived."""
        self._catch_up()
        self.copy = snapshot.decode(snapshot.encode(self.copy))

    @invariant()
    def is_a_world(self) -> None:
        check(self.harness.world)

    def _catch_up(self) -> None:
        for entry in self.harness.entries[self.copied :]:
            # Only what changes the World is replayed at a start.
            if entry.record.changes_world:
                apply(self.copy, entry)
        self.copied = len(self.harness.entries)
        self.copy.applied = self.harness.world.applied

    def teardown(self) -> None:
        if hasattr(self, "harness"):
            self.harness.commit_all()
            check(self.harness.world)
            self._catch_up()
            lived, replayed = snapshot.encode(self.harness.world), snapshot.encode(self.copy)
            assert lived == replayed


TestWorlds = Worlds.TestCase
TestWorlds.settings = settings(stateful_step_count=40, suppress_health_check=[HealthCheck.too_slow])
