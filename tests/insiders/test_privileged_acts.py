"""What stands on record of an act by privilege, and of becoming an operator by whichever door."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.commands.accounts.registration import register_with_key
from hubbub.core.deciding import login
from hubbub.core.deciding.context import Context
from hubbub.core.policy.policy import OperBlock
from hubbub.core.records.accounts import InviteMade
from hubbub.core.records.messages import Said
from hubbub.core.records.moderation import OperatorActed
from hubbub.core.world.accounts import code_digest
from tests.core.world_harness import POLICY, Harness, code
from tests.insiders.scene import attempt
from tests.node.node_harness import Guest, Node

ACTS = {
    "JOIN #f ; RELAYMSG #f joe/elsewhere :hello": ("RELAYMSG", "#f", "joe/elsewhere"),
    "INVITE gil #k": ("INVITE", "#k", "gil"),
    "JOIN #f ; INVITE gil #f": ("INVITE", "#f", "gil"),
    "JOIN #own ; MODE #own +f #f": ("MODE", "#f", "#own +f #f"),
    "MODE #s +k hunter2": ("MODE", "#s", "+k *"),
    "TBAN #c 1h tom!*@* :spam": ("MODE", "#c", "+b tom!*@*"),
    "SAMODE #s -n ; @+typing=active TAGMSG #s": ("TAGMSG", "#s", ""),
    "METADATA #c SET url :x": ("METADATA", "#c", "url"),
    "METADATA #s GET url": ("METADATA", "#s", "#s GET"),
    "NAMES #s": ("NAMES", "#s", ""),
    "NAMES #c,#s": ("NAMES", "#s", "#c,#s"),
    "LIST": ("LIST", "#s", ""),
    "WHO s*": ("WHO", "#s hidden users", "s*"),
    "WHOIS sue": ("WHOIS", "#s hidden users", "sue"),
    "UBAN TEST *!*@cloak.test": ("UBAN", "hidden users", "TEST *!*@cloak.test"),
    "UBAN TEST 192.0.2.0/24": ("UBAN TEST", "address 192.0.2.0/24", ""),
    "ACCOUNT SHOW sue": ("ACCOUNT", "#s hidden users", "SHOW sue"),
    "ACCOUNT SESSIONS sue": ("ACCOUNT", "#s hidden users", "SESSIONS sue"),
    "ACCOUNT CHANNELS sue": ("ACCOUNT", "#s", "CHANNELS sue"),
    "PURGE tom 1h": ("PURGE", "hidden users", "tom 1h"),
    "PURGE SURE tom 1h": ("PURGE", "tom", "since 1h"),
    "PURGE SURE zed 1h": ("PURGE", "zed", "since 1h"),
    "CHANNEL PURGE #s": ("CHANNEL", "#s", "PURGE #s"),
    "CHANNEL PURGE SURE #s": ("CHANNEL PURGE", "#s", "Channel purged"),
    "MAIL TEST a@example.org": ("MAIL TEST", "example.org", ""),
    "MODE #c e": ("MODE", "#c", "#c e"),
    "CHANNEL ACCESS #c": ("CHANNEL", "#c", "ACCESS #c"),
    "CS DROP #c": ("CHANNEL DROP", "#c", ""),
    "CS AMODE #c +v zed": ("CHANNEL ACCESS", "#c", "zed v"),
    "REDEEM {ownercode}": ("REDEEM", "owner", f"code {code_digest(code(1))[:12]}"),
}


@pytest.mark.parametrize("sent", ACTS)
def test_an_act_by_privilege_is_told_in_words(sent: str) -> None:
    [act] = attempt("W", sent).acts
    action, target, details = ACTS[sent]
    assert (act.action, act.details.partition(", made")[0]) == (action, details)
    assert set(act.target.split()) <= set(target.split())
    assert act.account == "owl"
    assert act.source == "owl!owl@cloak.test"


def test_each_of_several_acts_has_its_record() -> None:
    acts = attempt("W", "KICK #c tom,opa :out").acts
    assert [(act.action, act.details) for act in acts] == [
        ("KICK", "tom: out"),
        ("KICK", "opa: out"),
    ]


@pytest.mark.parametrize("sent", ["UBAN LIST", "ACCOUNT LIST", "INVITECODE LIST", "AUDIT 5"])
def test_the_operators_own_books_are_read_without_a_record(sent: str) -> None:
    outcome = attempt("W", sent)
    assert outcome.cell == "+"
    assert outcome.acts == ()


@pytest.mark.parametrize("sent", ["MODE #s +o nobody", "TOPIC #none", "KICK #c nobody"])
def test_what_came_to_nothing_is_not_on_record(sent: str) -> None:
    assert attempt("W", sent).acts == ()


def test_who_may_not_see_the_invisible_is_told_how_many_a_ban_would_hit() -> None:
    outcome = attempt("H", "UBAN TEST *!*@cloak.test")
    assert outcome.acts == ()
    assert not any("sue" in line.split() for line in outcome.told)
    assert any("(1 invisible)" in line for line in outcome.told)


def test_what_is_done_by_right_is_on_no_record() -> None:
    for sent in ("JOIN #own ; MODE #own +k key", "JOIN #own ; TOPIC #own :x", "PRIVMSG tom :x"):
        assert attempt("W", sent).acts == (), sent


async def test_becoming_an_owner_with_a_key_by_ssh_is_on_record() -> None:
    node = Node()
    node.hub.sessions.append(
        lambda origin: InviteMade(origin, code_digest("CODE"), 1, 0, "console", "owner")
    )
    await node.quiet()
    guest = Guest(node)
    failures: list[str] = []

    def decide(ctx: Context) -> None:
        failed: login.Failure = failures.append
        register_with_key(ctx, "ann", "SHA256:x", "CODE", failed)

    node.hub.decide(guest.connection, decide)
    await node.quiet()
    assert failures == []
    [act] = [e.record for e in node.journal.kept if isinstance(e.record, OperatorActed)]
    assert (act.action, act.account, act.target) == ("REGISTER", "ann", "owner")


def test_each_session_is_on_record_as_the_operator_that_it_is() -> None:
    operators = {
        "root": OperBlock("hash:secret", "owner"),
        "duty": OperBlock("hash:secret", "admin"),
    }
    harness = Harness(replace(POLICY, operators=operators))
    harness.account("ann").operator = "helper"
    first = harness.connect_as("ann", "ann")
    first.send("OPER root secret")
    second, third = harness.attach(first), harness.attach(first)
    third.send("OPER duty secret")
    for client in (first, second, third):
        client.send("WALLOPS :hello")
    records = [entry.record for entry in harness.entries]
    acts = [(r.operator, r.action, r.target) for r in records if isinstance(r, OperatorActed)]
    assert acts == [
        ("ann", "LOGIN", "helper"),
        ("root", "OPER", "owner"),
        ("ann", "LOGIN", "helper"),
        ("ann", "LOGIN", "helper"),
        ("duty", "OPER", "admin"),
        ("root", "WALLOPS", ""),
        ("ann", "WALLOPS", ""),
        ("duty", "WALLOPS", ""),
    ]


def test_only_what_a_session_says_that_is_an_operators_is_marked_so() -> None:
    harness = Harness(POLICY)
    ann = harness.connect_as("ann", "ann")
    stolen = harness.attach(ann)
    ann.send("OPER root secret")
    for client in (ann, stolen):
        client.send("JOIN #a")
        client.send("PRIVMSG #a :hello")
    said = [entry.record for entry in harness.entries if isinstance(entry.record, Said)]
    assert [one.by_operator for one in said] == [True, False]
