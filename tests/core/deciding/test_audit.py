"""What operators do is on record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.apply import came_to_nothing
from hubbub.core.deciding.audit import is_by, line_of, taken
from hubbub.core.dispatch import COMMANDS
from hubbub.core.policy.policy import OperBlock
from hubbub.core.records.accounts import AccountSet
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.moderation import AUDIT, OperatorActed
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.requests import Append, Reload, Report
from hubbub.core.rules import RULES
from hubbub.irc.message import Message
from tests.core.world_harness import POLICY, Client, Harness, shown

DOING = {
    "SAJOIN": "SAJOIN ann #new",
    "SAPART": "SAPART ann #old",
    "SANICK": "SANICK ann anna",
    "SAMODE": "SAMODE #old +m",
    "ACCOUNT": "ACCOUNT ADD new",
    "INVITECODE": "INVITECODE ADD 3",
    "OWNERCODE": "OWNERCODE",
    "KILL": "KILL ann :spam",
    "KLINE": "KLINE x!*@* :spam",
    "UNKLINE": "UNKLINE old!*@*",
    "DLINE": "DLINE 192.0.2.1 :spam",
    "UNDLINE": "UNDLINE 198.51.100.1",
    "UBAN": "UBAN ADD ann :spam",
    "MAIL": "MAIL TEST ann@example.org",
    "PURGE": "PURGE SURE ann 1h",
    "REHASH": "REHASH",
    "CLUSTER": "CLUSTER LEAVE SURE 5",
    "DRAIN": "DRAIN 5",
    "WALLOPS": "WALLOPS :hello",
    "SWITCH": "SWITCH registrations off :spam",
}
READING = {"AUDIT", "STATUS"}


@pytest.fixture
def harness() -> Harness:
    return Harness(replace(POLICY, operators={"root": OperBlock("hash:secret", "owner")}))


@pytest.fixture
def oper(harness: Harness) -> Client:
    client = harness.connect_as("op", "olga")
    client.send("OPER root secret")
    return client


def acts(harness: Harness) -> list[OperatorActed]:
    """Return what was put on record."""
    return [r for r in harness.records(OperatorActed) if isinstance(r, OperatorActed)]


def test_every_command_that_takes_a_privilege_is_covered_here() -> None:
    taking = {name for name, command in COMMANDS.items() if command.privilege}
    assert taking == DOING.keys() | READING


@pytest.mark.parametrize("name", DOING)
def test_what_is_done_is_on_record(harness: Harness, oper: Client, name: str) -> None:
    harness.connect("ann", host="ann.cloak").send("JOIN #old")
    oper.send("KLINE old!*@*")
    oper.send("DLINE 198.51.100.1")
    harness.enter(NodeStarted(Origin(SessionId(5, 1, 0), 0), RULES))
    before = len(acts(harness))
    oper.taken_requests()
    oper.send(DOING[name])
    act = acts(harness)[before]
    assert (act.source, act.operator, act.account) == ("op!op@cloak.test", "root", "olga")
    assert act.histories == (AUDIT,)
    assert any(isinstance(request, Report) for request in oper.taken_requests())


def test_what_is_on_record_can_be_read_back(harness: Harness, oper: Client) -> None:
    oper.send("WALLOPS :hello")
    entry = harness.entries[-1]
    assert not came_to_nothing(entry, [])
    who = "op!op@cloak.test (operator root, account olga)"
    assert line_of(entry).split(" ", 1)[1] == f"{who} WALLOPS hello"


def test_becoming_an_operator_is_on_record(harness: Harness, oper: Client) -> None:
    [act] = acts(harness)
    assert (act.action, act.operator, act.target) == ("OPER", "root", "owner")


def test_an_operator_by_account_who_comes_in_is_on_record(harness: Harness) -> None:
    harness.account("Mo").operator = "moderator"
    mo = harness.connect_as("mo", "Mo")
    assert mo.user.operator_class == "moderator"
    [act] = acts(harness)
    assert (act.action, act.operator, act.account, act.target) == (
        "LOGIN",
        "Mo",
        "Mo",
        "moderator",
    )
    harness.connect_as("ann", "Ann")
    assert len(acts(harness)) == 1


def test_wrong_passwords_are_logged_without_them(oper: Client) -> None:
    oper.taken_requests()
    oper.send("OPER root hunter2")
    assert oper.taken_requests() == [Report("OPER refused", {"operator": "root"})]
    oper.send("OPER hunter2 hunter2")
    assert oper.taken_requests() == [Report("OPER refused", {})]


@pytest.mark.parametrize(
    ("line", "action", "details"),
    [
        ("MODE #a +m", "MODE", "+m"),
        ("MODE #a +k hunter2", "MODE", "+k *"),
        ("TOPIC #a :news", "TOPIC", "news"),
        ("KICK #a ann :out", "KICK", "ann: out"),
        ("INVITE bob #a", "INVITE", "bob"),
        ("RENAME #a #b", "RENAME", "#b"),
        ("METADATA #a SET url :x", "METADATA", "url"),
        ("CHANNEL DROP #a", "CHANNEL DROP", ""),
        ("CHANNEL TRANSFER #a cy", "CHANNEL TRANSFER", "cy"),
        ("CHANNEL ACCESS #a cy voice", "CHANNEL ACCESS", "cy v"),
        ("CHANNEL PURGE SURE #a :spam", "CHANNEL PURGE", "spam"),
    ],
)
def test_what_only_the_privilege_allows_is_on_record(
    harness: Harness, oper: Client, line: str, action: str, details: str
) -> None:
    harness.account("cy")
    ann, _ = harness.connect_as("ann", "ann"), harness.connect("bob")
    ann.send("JOIN #a")
    ann.send("MODE #a +i")
    ann.send("CHANNEL REGISTER #a")
    before = len(acts(harness))
    ann.send("TOPIC #a :by a founder")
    oper.send(line)
    [act] = acts(harness)[before:]
    assert (act.action, act.target, act.details) == (action, "#a", details)


def test_what_anybody_may_do_is_not(harness: Harness, oper: Client) -> None:
    before = len(acts(harness))
    for line in ("JOIN #b", "MODE #b +k key", "TOPIC #b :mine", "PRIVMSG #b :hello", "MODE op -o"):
        oper.send(line)
    assert len(acts(harness)) == before


def test_an_operator_who_kills_himself_leaves_a_record(harness: Harness, oper: Client) -> None:
    oper.send("KILL op")
    assert oper.closed
    assert acts(harness)[-1].action == "KILL"
    assert shown(oper.take()) == []


def test_a_relayed_message_by_privilege_names_who_was_relayed(
    harness: Harness, oper: Client
) -> None:
    ann = harness.connect("ann")
    for line in ("JOIN #a", "MODE #a -n"):
        ann.send(line)
    before = len(acts(harness))
    oper.send("RELAYMSG #a zed/other :hello")
    [act] = acts(harness)[before:]
    assert (act.action, act.target, act.details) == ("RELAYMSG", "#a", "zed/other")


def test_what_is_about_a_channel_of_ones_own_and_seen_in_another_names_the_other(
    harness: Harness, oper: Client
) -> None:
    harness.connect("ann").send("JOIN #theirs")
    oper.send("JOIN #own")
    before = len(acts(harness))
    oper.send("MODE #own +f #theirs")
    [act] = acts(harness)[before:]
    assert (act.action, act.target, act.details) == ("MODE", "#theirs", "#own +f #theirs")


def test_the_record_is_read_by_who_did_it_and_tells_the_machine_apart() -> None:
    origin = Origin(SessionId(1, 1, 0), 1)
    by_olga = OperatorActed(origin, "op!op@h", "root", "olga", "KILL", "ann", "spam")
    by_machine = OperatorActed(origin, "console", "console", "", "SWITCH", "guests")
    first, second = (
        Entry(n, 1_769_860_800_123_456, "id", r) for n, r in enumerate((by_olga, by_machine))
    )
    for name, found in (("", True), ("ROOT", True), ("Olga", True), ("op", False)):
        assert is_by(first, name) == found
    assert line_of(first).endswith("op!op@h (operator root, account olga) KILL ann spam")
    assert line_of(second) == "2026-01-31T12:00:00.123Z the server's machine SWITCH guests"


@pytest.mark.parametrize("beside", [True, False])
def test_a_command_that_knows_nothing_of_the_record_leaves_one_all_the_same(
    oper: Client, beside: bool
) -> None:
    ctx = oper.command_context(Message("NEWCOMMAND", ("x", "hunter2")))
    assert oper.user.may("rehash")
    if beside:
        ctx.requests.append(Reload(lambda sentences: None))
    else:
        ctx.append(AccountSet(ctx.origin, "ann", "persist", "on"))
    [act] = [
        one.draft.record
        for one in taken(ctx)
        if isinstance(one, Append) and isinstance(one.draft.record, OperatorActed)
    ]
    target = "" if beside else "ann"
    assert (act.action, act.target, act.details) == ("NEWCOMMAND", target, "")
    assert taken(ctx) == [], "once"
