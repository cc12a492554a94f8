"""What an operator means to ban, whom that hits, and what is not banned at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.commands.moderation.ban_targets import BanTarget, find, protection
from hubbub.core.deciding.context import CommandContext
from hubbub.core.policy.policy import OperBlock
from hubbub.core.records.moderation import NetworkBanAdded
from hubbub.core.requests import Census
from hubbub.core.world.bans import ACCOUNT, ADDRESS, MASK, NetworkBan
from hubbub.core.world.state import User
from hubbub.irc.message import Message
from tests.core.commands.moderation.test_bans import operator, refused
from tests.core.world_harness import POLICY, Client, Harness, shown


@pytest.fixture
def harness() -> Harness:
    operators = {name: OperBlock("hash:secret", name) for name in ("owner", "moderator")}
    shared = frozenset({"loop.cloak"})
    proxies = ("203.0.113.9", "2001:db9:ff::/48")
    return Harness(replace(POLICY, operators=operators, proxies=proxies, shared_hosts=shared))


@pytest.fixture
def mod(harness: Harness) -> Client:
    return operator(harness, "moderator")


def target(client: Client, given: str) -> BanTarget | None:
    return find(client.command_context(Message("")), given)


def protected(client: Client, given: str) -> str:
    """Return why an operator may not ban something, "" where it may."""
    meant = target(client, given)
    assert meant is not None
    ctx = client.command_context(Message(""))
    return protection(ctx, meant, hit_by(client, ctx, meant))


def hit_by(client: Client, ctx: CommandContext, meant: BanTarget) -> list[User]:
    """Return whom a ban would hit, as the shell finds them."""
    hit: list[User] = []
    meant.find_hit(ctx, hit.extend)
    for asked in ctx.requests:
        assert isinstance(asked, Census)
        asked.then(client.harness.roster.users_within(asked.network), "")
    return hit


@pytest.mark.parametrize(
    ("given", "kind", "name"),
    [
        ("account:Eve", ACCOUNT, "Eve"),
        ("account:e*", ACCOUNT, "e*"),
        ("cat", ACCOUNT, "catherine"),
        ("bob", MASK, "*!*@bad.cloak"),
        ("192.0.2.0/24", ADDRESS, "192.0.2.0/24"),
        ("*.cloak", MASK, "*.cloak!*@*"),
        ("x!y@z", MASK, "x!y@z"),
        ("@bad.cloak", MASK, "*!*@bad.cloak"),
    ],
)
def test_what_a_word_means(harness: Harness, mod: Client, given: str, kind: str, name: str) -> None:
    harness.connect("bob", host="bad.cloak")
    harness.connect_as("cat", "catherine")
    meant = target(mod, given)
    assert meant is not None
    assert (meant.kind, meant.name, str(meant)) == (kind, name, f"{kind} {name}")


@pytest.mark.parametrize("given", ["nobody", "", "account:", "account:a b", "a b!*@*", "192.0.2"])
def test_a_word_that_means_nothing(mod: Client, given: str) -> None:
    assert target(mod, given) is None


def test_it_hits_those_who_are_here(harness: Harness, mod: Client) -> None:
    bob, cat = harness.connect("bob", host="bad.cloak"), harness.connect_as("cat", "catherine")
    bob.connection.address = "192.0.2.7"
    ctx = mod.command_context(Message(""))
    for given, hit in (
        ("bob", [bob.user]),
        ("account:CATHERINE", [cat.user]),
        ("192.0.2.0/24", [bob.user]),
        ("198.51.100.0/24", []),
        ("?????ator!*@*", [mod.user]),
    ):
        meant = find(ctx, given)
        assert meant is not None
        assert hit_by(mod, mod.command_context(Message("")), meant) == hit


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("2001:db9:ff:1::", "It would hit this machine, or a proxy"),
        ("2001:db9::/32", "It would hit this machine, or a proxy"),
        ("2001:db9:fe::", ""),
        ("203.0.113.8", ""),
        ("x!*@loop.cloak", ""),
        ("*!*@loop.cloak", "It would hit everybody who comes from this machine"),
        ("*!*@*.*", "It would hit everybody"),
        ("account:nobody", ""),
    ],
)
def test_what_everybody_comes_through_is_protected(mod: Client, given: str, why: str) -> None:
    said = protected(mod, given)
    assert bool(said) == bool(why)
    assert said.startswith(why)


def test_what_an_owner_has_banned_is_not_changed_by_a_moderator(
    harness: Harness, mod: Client
) -> None:
    owner = operator(harness, "owner")
    harness.world.bans.add(NetworkBan(MASK, "x!*@*", "owner", 1, rank="owner"))
    assert protected(mod, "x!*@*") == "An operator who may do what you may not has banned this"
    assert protected(owner, "x!*@*") == ""


def test_a_nick_is_banned_by_host_or_account_and_never_by_address(
    harness: Harness, mod: Client
) -> None:
    harness.connect("bob", host="bad.cloak").connection.address = "192.0.2.7"
    harness.connect_as("cat", "catherine").connection.address = "192.0.2.8"
    mod.send("UBAN ADD bob :spam")
    mod.send("UBAN ADD cat 1d")
    records = harness.records(NetworkBanAdded)
    assert [(r.kind, r.target) for r in records if isinstance(r, NetworkBanAdded)] == [
        (MASK, "*!*@bad.cloak"),
        (ACCOUNT, "catherine"),
    ]
    assert not any("192.0.2" in repr(entry) for entry in harness.entries)
    assert harness.world.user("cat") is None


@pytest.mark.parametrize(
    "target",
    ["127.0.0.1", "0::1", "0.0.0.0/0", "203.0.113.0/24", "*!*@loop.cloak", "*!*@*", "*!*@loop*"],
)
def test_this_machine_and_proxies_are_never_banned(
    harness: Harness, mod: Client, target: str
) -> None:
    assert shown(mod.send(f"UBAN ADD SURE {target}"))[0].startswith("FAIL UBAN INVALID_TARGET")
    assert any("would be refused" in line for line in shown(mod.send(f"UBAN TEST {target}")))
    assert list(harness.world.bans) == []


def test_one_user_from_this_machine_may_be_banned(harness: Harness, mod: Client) -> None:
    mod.send("UBAN ADD bad!*@loop.cloak")
    assert refused(harness, "bad", "loop.cloak")
    assert not refused(harness, "good", "loop.cloak")


def test_the_account_of_a_higher_operator_who_is_not_here(harness: Harness, mod: Client) -> None:
    harness.account("boss").operator = "owner"
    assert shown(mod.send("UBAN ADD account:boss"))[0].startswith("FAIL UBAN INVALID_TARGET")


@pytest.mark.parametrize(
    ("given", "name", "word"),
    [
        ("198.51.100.9", "198.51.100.9/32", ""),
        ("198.51.100.0/24", "198.51.100.0/24", ""),
        ("198.51.100.9/24", "198.51.100.0/24", "198.51.100.9/24 is taken as 198.51.100.0/24"),
        ("::ffff:198.51.100.9", "198.51.100.9/32", " is taken as 198.51.100.9/32"),
        ("0::ffff:198.51.100.9", "198.51.100.9/32", " is taken as 198.51.100.9/32"),
        ("0:0:0:0:0:ffff:198.51.100.9", "198.51.100.9/32", " is taken as 198.51.100.9/32"),
        ("::ffff:198.51.100.9/120", "198.51.100.0/24", " is taken as 198.51.100.0/24"),
        ("2001:db8::1", "2001:db8::/64", "2001:db8::1 is taken as 2001:db8::/64"),
        ("2001:DB8::/32", "2001:db8::/32", ""),
        ("::2:0:0:0:1", "0:0:0:2::/64", " is taken as 0:0:0:2::/64"),
    ],
)
def test_an_address_is_one_however_it_is_written(
    harness: Harness, mod: Client, given: str, name: str, word: str
) -> None:
    lines = {
        f"UBAN ADD {given}": (0, ""),
        f"UBAN ADD {given} 1h :spam | note": (3600, "spam"),
        f"UBAN ADD SURE {given} :spam and more": (0, "spam and more"),
        f"DLINE {given}": (0, ""),
        f"DLINE 1h {given} :spam": (3600, "spam"),
        f"DLINE SURE 1h {given} :spam": (3600, "spam"),
    }
    for line, (seconds, reason) in lines.items():
        told = [message.params[-1] for message in mod.send(line)]
        (ban,) = harness.world.bans
        assert (ban.kind, ban.target, ban.reason) == ("address", name, reason), line
        assert bool(ban.expires) == bool(seconds)
        assert told[-1].startswith(f"address {name} is banned")
        assert [text for text in told if "taken as" in text and text.endswith(word)] == (
            told[:1] if word else []
        )
        mod.send(f"UBAN DEL {given}" if line.startswith("UBAN") else f"UNDLINE {given}")
        assert not list(harness.world.bans)
