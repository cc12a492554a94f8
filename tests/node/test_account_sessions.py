"""Sessions that an account ends, and those that a token keeps to one channel."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hubbub.core.policy.policy import Policy
from hubbub.core.records.accounts import AccountRegistered, AccountSet, CredentialAdded
from hubbub.core.world.accounts import digest
from hubbub.node.auth.workers import Line
from hubbub.node.clock import Clock
from tests.node.node_harness import Checks, Guest, Node, commands, texts
from tests.node.turned_loop import TurnedLoop

SECRET = "hub_" + "a" * 32


async def token(node: Node, scope: str = "", expires: int = 0) -> None:
    """Let the account ann have a token, and the password `secret`."""
    hub = node.hub
    hub.sessions.append(lambda origin: AccountRegistered(origin, "ann", by="test"))
    id = digest(SECRET)
    hub.sessions.append(lambda o: CredentialAdded(o, "ann", "token", id, "bot", scope, expires))
    await node.quiet()


async def by_token(node: Node, nick: str = "bot", *, whole: bool = True) -> Guest:
    guest = Guest(node)
    given = base64.b64encode(f"\0ann\0{SECRET}".encode()).decode()
    await guest.ask("CAP REQ sasl", "AUTHENTICATE PLAIN", f"AUTHENTICATE {given}")
    assert guest.connection.session.account == "ann"
    if whole:
        await guest.ask(f"NICK {nick}", "USER x 0 * :x", "CAP END")
        assert guest.connection.session.user is not None
    return guest


@pytest.mark.parametrize(("operator_class", "is_slowed"), [("bot", False), ("", True)])
async def test_a_bots_token_for_one_purpose_is_as_fast_as_its_account(
    operator_class: str, is_slowed: bool
) -> None:
    node = Node(Policy(flood=(10, 0.001), replay=0))
    await token(node, "post:#a")
    account = node.world.account("ann")
    assert account is not None
    account.operator = operator_class
    bot = await by_token(node)
    answers = await bot.ask("JOIN #a", *["PING x"] * 1000)
    assert (commands(answers).count("PONG") == 1000) is not is_slowed


async def test_a_scope_is_left_by_no_login_and_no_rename_of_the_channel() -> None:
    node = Node()
    await token(node, "read:#a")
    root, bot = await node.guest("root"), await by_token(node)
    await root.ask("JOIN #a")
    await bot.ask("JOIN #a")
    for line in ("AUTHENTICATE PLAIN", "JOIN #b", "PRIVMSG #a :x", "NICK eve"):
        assert "OUT_OF_SCOPE" in str(await bot.ask(line))
    await root.ask("PRIVMSG #a :first")
    assert texts(bot.read()) == ["first"]
    await root.ask("RENAME #a #new")
    await bot.ask("PART #a", "QUIT")
    assert bot.stream.ended
    await root.ask("PRIVMSG #new :second")
    assert texts(bot.read()) == []
    assert not node.broken


async def test_who_reads_one_channel_hears_who_quits_and_takes_another_nick_there() -> None:
    node = Node()
    await token(node, "read:#a")
    root, bob, cat = [await node.guest(nick) for nick in ("root", "bob", "cat")]
    bot = await by_token(node)
    for guest in (root, bob):
        await guest.ask("JOIN #a")
    await bot.ask("JOIN #a")
    for guest in (root, cat):
        await guest.ask("JOIN #b")
    await bob.ask("NICK robert", "QUIT")
    await cat.ask("NICK caty", "QUIT")
    assert commands(bot.read()) == ["NICK", "QUIT"]


async def test_nobody_hears_a_scoped_session_that_is_over() -> None:
    node = Node()
    await token(node, "read:#a")
    root, bot = await node.guest("root"), await by_token(node)
    await root.ask("JOIN #a")
    await bot.ask("JOIN #a")
    await root.ask("RENAME #a #new")
    await bot.drop()
    audience = node.hub.sessions.roster._audiences[node.world.channels["#new"]]
    boxes = list(audience)
    assert boxes == [root.connection.outbox]


async def test_who_posts_hears_nothing_but_itself() -> None:
    node = Node()
    await token(node, "post:#a")
    root, bot = await node.guest("root"), await by_token(node)
    await root.ask("JOIN #a", "TOPIC #a :secret topic")
    told = await bot.ask("CAP REQ echo-message", "JOIN #a")
    assert {"332", "353"}.isdisjoint(commands(told))
    await root.ask("PRIVMSG #a :unheard", "PRIVMSG bot :unheard", "INVITE bot #b")
    assert texts(bot.read()) == []
    assert texts(await bot.ask("PRIVMSG #a :said")) == ["said"]
    assert texts(root.read()) == ["said"]


async def test_a_login_ends_when_its_token_expires() -> None:
    node = Node()
    await token(node, expires=1 << 40)
    whole, half = await by_token(node), await by_token(node, whole=False)
    lasting = await node.guest("lasting")
    loop = TurnedLoop(node)
    Clock(node.hub.sessions, lambda: iter(()), lambda: None).start()
    for guest in (whole, half):
        assert not guest.stream.ended
        guest.connection.session.expires = int(time.time())
    loop.ticks.pop()()
    await node.quiet()
    assert [guest.stream.ended for guest in (whole, half, lasting)] == [True, True, False]


async def test_suspension_ends_those_who_are_half_in() -> None:
    node = Node()
    await token(node)
    whole, half = await by_token(node), await by_token(node, whole=False)
    node.hub.sessions.append(
        lambda origin: AccountSet(origin, "ann", "suspended", "for now", "test")
    )
    await node.quiet()
    for guest in (whole, half):
        assert "Account suspended: for now" in str(guest.read())
        assert guest.stream.ended
    assert not node.world.users


async def test_another_accounts_password_ends_nobody() -> None:
    node = Node()
    await token(node)
    bob = await node.attach("bob", "bob")
    bob.connection.session.credential = ("password", "")
    for _ in range(2):
        node.hub.sessions.append(lambda origin: CredentialAdded(origin, "ann", "password"))
    await node.quiet()
    assert not bob.stream.ended


async def test_an_address_makes_so_many_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hubbub.node.auth.login_delays.REGISTRATIONS", 1)
    node = Node()
    first, second = await node.guest("first"), await node.guest("second")
    for guest in (first, second):
        guest.give("REGISTER * * correct-horse")
    await node.passwords.done.get()
    await node.quiet()
    assert commands(first.read()) == ["REGISTER", "900"]
    assert "TRY_AGAIN" in str(second.read())
    assert set(node.world.accounts) == {"first"}
    # What is refused at once, with a label, is answered once, and ends nobody.
    third = await node.guest("third", "labeled-response")
    (told,) = await third.ask("@label=x REGISTER * * correct-horse")
    assert told.params[:2] == ("REGISTER", "TRY_AGAIN")
    assert told.tags["label"] == "x"
    assert commands(await third.ask("PING x")) == ["PONG"]


async def test_what_the_server_tells_has_a_source() -> None:
    """Not all clients take a message without one for the server's."""
    node = Node()
    holder = await node.guest("ann")
    node.hub.sessions.append(lambda origin: AccountRegistered(origin, "ann", by="test"))
    await node.quiet()
    told = holder.read()
    assert "belongs to an account" in told[0].params[-1]
    assert all(message.source for message in told)


class Full(Checks):
    """Have too many waiting, until there is room again."""

    full = True

    def submit(
        self, work: Callable[[], Any], then: Callable[[Any], None], line: Line = ("", "")
    ) -> None:
        if self.full:
            then(None)
        else:
            super().submit(work, then, line)


async def test_where_too_many_wait_nobody_is_told_to_be_wrong() -> None:
    workers = Full()
    node = Node(workers=workers)
    await token(node)
    node.hub.sessions.append(lambda origin: CredentialAdded(origin, "ann", "password"))
    given = base64.b64encode(b"\0ann\0secret").decode()
    first = base64.b64encode(b"n,,n=ann,r=x").decode()
    second = base64.b64encode(b"c=biws,r=x,p=AAAA").decode()
    exchanges = (
        ("PLAIN", given),
        ("SCRAM-SHA-256", first, second),
    )
    node.hub.sessions.policy = replace(node.hub.sessions.policy, scram=True)
    for mechanism, *lines in exchanges:
        guest = await node.guest("guest", "sasl")
        stranger = Guest(node)
        await stranger.ask("CAP REQ sasl")
        for peer in (guest, stranger):
            answers = await peer.ask(f"AUTHENTICATE {mechanism}")
            for line in lines:
                answers += await peer.ask(f"AUTHENTICATE {line}")
            (failed,) = [m for m in answers if m.command == "FAIL"]
            assert failed.params[:2] == ("AUTHENTICATE", "TRY_AGAIN")
        assert commands(answers)[-1] == "ERROR"
        # Who is in stays, and begins anew.
        assert guest.connection.session.sasl is None
        assert commands(await guest.ask("AUTHENTICATE PLAIN")) == ["AUTHENTICATE"]
        await guest.ask("QUIT")


PLAIN = base64.b64encode(f"\0ann\0{SECRET}".encode()).decode()


@pytest.mark.parametrize("label", ["", "@label=x "])
@pytest.mark.parametrize(
    ("before", "line", "answered"),
    [
        ("AUTHENTICATE PLAIN", f"AUTHENTICATE {PLAIN}", ["900", "903"]),
        ("PING x", f"NICKSERV IDENTIFY ann {SECRET}", ["900"]),
        (f"NICKSERV IDENTIFY ann {SECRET}", "NICKSERV LOGOUT", ["901"]),
    ],
)
async def test_who_logs_in_or_out_has_its_answer_before_it_hears_of_it_as_others_do(
    before: str, line: str, answered: list[str], label: str
) -> None:
    """Clients take ACCOUNT for news of somebody, 900 and 901 for the answer to what they asked."""
    node = Node()
    await token(node)
    guest = await node.guest("bob", "sasl", "account-notify", "batch", "labeled-response")
    witness = await node.guest("wit", "account-notify")
    for one in (guest, witness):
        await one.ask("JOIN #a")
    await guest.ask(before)
    witness.read()
    heard = commands(await guest.ask(label + line))
    assert [one for one in heard if one in {"900", "901", "903", "ACCOUNT"}] == [
        *answered,
        "ACCOUNT",
    ]
    assert heard[-1] == "ACCOUNT"
    assert commands(witness.read()) == ["ACCOUNT"]
