"""Sessions that only pass by: what others see of them, what they hear, and what they may."""

from __future__ import annotations

import base64

import pytest

from hubbub.core import snapshot
from hubbub.core.policy.policy import Policy
from hubbub.core.records.accounts import AccountRegistered, AccountSet, CredentialAdded
from hubbub.core.world.accounts import digest
from tests.node.node_harness import Guest, Node, commands, texts

QUIET = ("hubbub/quiet", "message-tags", "echo-message", "batch", "draft/chathistory")
EYES = ("message-tags", "away-notify", "extended-join", "account-notify", "extended-monitor")
SECRET = "hub_" + "a" * 32


async def watched() -> tuple[Node, Guest]:
    """Return a node, and who made #a there and sees all there is to see, also of ann and ci."""
    node = Node()
    watcher = await node.guest("watcher", *EYES)
    await watcher.ask("JOIN #a", "MONITOR + ann,ci,bot")
    return node, watcher


def seen(guest: Guest) -> list[str]:
    """Return what a guest was told since the last look, as command and first parameter."""
    return [f"{m.nick} {m.command} {m.params[-1]}" for m in guest.read()]


async def scoped(
    node: Node, scope: str, nick: str = "bot", *, operator: str = "", secret: str = SECRET
) -> Guest:
    """Return a session that came in by a token of the account ann's for one purpose."""
    if node.world.account("ann") is None:
        node.hub.sessions.append(lambda origin: AccountRegistered(origin, "ann", by="test"))
    id = digest(secret)
    node.hub.sessions.append(lambda o: AccountSet(o, "ann", "operator", operator, "test"))
    node.hub.sessions.append(lambda o: CredentialAdded(o, "ann", "token", id, "bot", scope))
    await node.quiet()
    guest = Guest(node)
    guest.give("CAP REQ echo-message", f"PASS ann:{secret}", f"NICK {nick}", "USER x 0 * :x")
    await node.quiet()
    await guest.ask("CAP END")
    return guest


@pytest.mark.parametrize("account", ["", "ann"])
async def test_others_see_what_was_said_and_nothing_else(account: str) -> None:
    node, watcher = await watched()
    ci = await node.attach("ci", account, *QUIET) if account else await node.guest("ci", *QUIET)
    told = await ci.ask("PRIVMSG #a :built", "QUIT :done")
    assert texts(told) == ["built"], "the echo"
    name = account or "ci"
    assert seen(watcher) == [f"{name} PRIVMSG built"]
    assert ci.stream.ended
    assert name not in node.world.users


async def test_an_account_is_told_what_its_scripts_said_and_nobody_else_is() -> None:
    node, _ = await watched()
    reader = ("message-tags", "batch", "draft/chathistory")
    ann = await node.attach("ann", "ann", *reader)
    eve = await node.guest("eve", *reader)
    script = await node.attach("ci", "ann", *QUIET)
    await script.ask("PRIVMSG eve :by a script", "QUIT")
    await ann.ask("PRIVMSG eve :by hand")
    ann.read()
    live, kept = eve.read(), await eve.ask("CHATHISTORY LATEST ann * 9")
    assert texts(live) == texts(kept) == ["by a script", "by hand"]
    assert not any(tag.startswith("+hubbub") for message in [*live, *kept] for tag in message.tags)
    own = await ann.ask("CHATHISTORY LATEST eve * 9")
    assert [m.params[1] for m in own if "+hubbub/quiet" in m.tags] == ["by a script"]


async def test_what_is_said_while_only_a_script_is_here_waits_for_the_account() -> None:
    node, watcher = await watched()
    script = await node.attach("ci", "ann", *QUIET)
    (waits,) = await watcher.ask("PRIVMSG ann :are you there?")
    assert (waits.command, waits.params[-1]) == (
        "301", "Not connected: what you say is kept, and shown on return",
    )  # fmt: skip
    assert await watcher.ask("PRIVMSG ann :hello?") == []
    account = node.world.account("ann")
    assert account is not None
    assert sum(account.waiting.counts.values()) == 2
    # A script reads nothing for its account, and what it says to that waits for nobody.
    await script.ask("CHATHISTORY LATEST watcher * 9", "PRIVMSG ann :note", "QUIT")
    assert sum(account.waiting.counts.values()) == 2
    ann = Guest(node)
    ann.give("CAP REQ server-time")
    ann.connection.session.account = "ann"
    ann.give("NICK ann", "USER x 0 * :x", "CAP END")
    await node.quiet()
    assert texts(ann.read()) == ["are you there?", "hello?"]
    assert not account.waiting.counts


async def test_who_is_away_stays_away_and_who_is_here_stays_here() -> None:
    node, watcher = await watched()
    ann = await node.attach("ann", "ann")
    node.hub.sessions.append(lambda origin: AccountSet(origin, "ann", "persist", "on", "test"))
    await ann.ask("JOIN #a")
    for gone in (False, True):
        if gone:
            await ann.ask("QUIT")
        watcher.read()
        passing = await node.attach("cron", "ann", *QUIET)
        await passing.ask("PRIVMSG #a :at night", "QUIT")
        assert seen(watcher) == ["ann PRIVMSG at night"]
        assert node.world.users["ann"].away == ("Not connected" if gone else "")


async def test_how_long_somebody_was_away_counts_on() -> None:
    node = Node()
    ann = await node.attach("ann", "ann")
    node.hub.sessions.append(lambda origin: AccountSet(origin, "ann", "persist", "on", "test"))
    await ann.ask("JOIN #a", "QUIT")
    user = node.world.users["ann"]
    since = node.world.left[user]
    passing = await node.attach("cron", "ann", *QUIET)
    assert node.world.left[user] == since
    await passing.ask("QUIT")
    assert node.world.left[user] == since


async def test_who_passes_by_hears_what_it_joined_and_nothing_else() -> None:
    node = Node()
    ann, bob = await node.attach("ann", "ann"), await node.guest("bob", "draft/multiline")
    await bob.ask("JOIN #a,#b,#c")
    await ann.ask("JOIN #a,#b")
    tail = await node.attach("x", "ann", *QUIET)
    assert "JOIN" not in commands(tail.read())
    assert {"JOIN", "353", "366"} <= set(commands(await tail.ask("JOIN #a")))
    bob.read()
    await bob.ask("PRIVMSG #a :one", "PRIVMSG #b :no", "PRIVMSG ann :no", "NOTICE ann :no")
    await bob.ask("TOPIC #b no", "MODE #b +m", "INVITE ann #c", "AWAY no", "PRIVMSG #a :two")
    told = tail.read()
    assert texts(told) == ["one", "two"]
    assert set(commands(told)) == {"PRIVMSG"}
    await tail.ask("PART #a")
    await bob.ask("PRIVMSG #a :three")
    assert texts(tail.read()) == []
    assert node.world.users["ann"] in node.world.channels["#a"].members


async def test_who_listens_is_seen_for_as_long() -> None:
    node, watcher = await watched()
    ann = await node.attach("ann", "ann")
    node.hub.sessions.append(lambda origin: AccountSet(origin, "ann", "persist", "on", "test"))
    await ann.ask("JOIN #other")
    first, second = [await node.attach("x", "ann", *QUIET) for _ in "12"]
    watcher.read()
    await first.ask("JOIN #a")
    assert [line.split()[:2] for line in seen(watcher)] == [["ann", "JOIN"]]
    await second.ask("JOIN #a")
    await first.ask("QUIT")
    await watcher.ask("PRIVMSG #a :for the second")
    assert texts(second.read()) == ["for the second"]
    await second.drop()
    assert seen(watcher) == ["ann PART #a"]
    assert list(node.world.users["ann"].channels) == ["#other"]


async def test_who_comes_for_more_stays() -> None:
    node, _watcher = await watched()
    ann = await node.attach("ann", "ann")
    tail = await node.attach("x", "ann", *QUIET)
    await tail.ask("JOIN #a")
    await ann.ask("JOIN #a")
    await tail.ask("QUIT")
    assert "#a" in node.world.users["ann"].channels


async def test_nobody_who_passes_by_makes_a_channel() -> None:
    node = Node()
    ci = await node.guest("ci", *QUIET)
    assert "403" in commands(await ci.ask("JOIN #new"))
    assert "403" in commands(await ci.ask("PRIVMSG #new :x"))
    assert "FAIL" in commands(await ci.ask("CHATHISTORY LATEST #new * 5"))
    assert not node.world.channels


@pytest.mark.parametrize(
    ("mode", "numeric"),
    [
        ("+i", "473"), ("+k key", "475"), ("+b *!*@*", "474"), ("+l 1", "471"), ("+R", "477"),
        ("+m", "404"), ("+b m:*!*@*", "404"), ("+M", "404"), ("+si", "403"), ("+sk key", "403"),
    ],
)  # fmt: skip
async def test_what_keeps_others_out_keeps_out_who_passes_by(mode: str, numeric: str) -> None:
    node, watcher = await watched()
    await watcher.ask(f"MODE #a {mode}")
    ci = await node.guest("ci", *QUIET)
    assert commands(await ci.ask("PRIVMSG #a :let me")) == [numeric]
    assert seen(watcher) == []


async def test_a_ban_that_comes_first_is_noticed_in_order() -> None:
    node, watcher = await watched()
    ci = await node.guest("ci", *QUIET)
    watcher.give("MODE #a +b *!*@*")
    ci.give("PRIVMSG #a :too late")
    await node.quiet()
    assert texts(watcher.read()) == []
    assert "474" in commands(ci.read())


@pytest.mark.parametrize(("mode", "given"), [("+t", True), ("+s", False), ("+k k", False)])
async def test_a_history_is_read_from_outside_where_joining_would_show_it(
    mode: str, given: bool
) -> None:
    node, watcher = await watched()
    await watcher.ask("PRIVMSG #a :old", f"MODE #a {mode}")
    ci = await node.guest("ci", *QUIET)
    assert (texts(await ci.ask("CHATHISTORY LATEST #a * 5")) == ["old"]) is given
    assert seen(watcher) == []


async def test_who_is_not_quiet_is_outside() -> None:
    node, _watcher = await watched()
    ci = await node.guest("ci", "draft/chathistory", "batch")
    assert "404" in commands(await ci.ask("PRIVMSG #a :x"))
    assert "FAIL" in commands(await ci.ask("CHATHISTORY LATEST #a * 5"))
    assert "NAK" in str(await ci.ask("CAP REQ hubbub/quiet"))


async def test_what_passes_by_opens_nothing_on_the_accounts_devices() -> None:
    node, watcher = await watched()
    ann = await node.attach("ann", "ann", "echo-message")
    passing = await node.attach("cron", "ann", *QUIET)
    assert texts(await passing.ask("PRIVMSG #a :x")) == ["x"]
    assert seen(ann) == []
    assert "ann PRIVMSG x" in seen(watcher)


async def test_its_labelled_message_is_answered_once() -> None:
    node, _watcher = await watched()
    ci = await node.guest("ci", *QUIET, "labeled-response")
    told = await ci.ask("@label=l1 PRIVMSG #a :x")
    assert [(m.command, m.tags["label"]) for m in told] == [("PRIVMSG", "l1")]


async def test_a_purge_is_told_to_who_listens() -> None:
    node = Node()
    root = await node.attach("root", "root")
    node.hub.sessions.append(lambda origin: AccountSet(origin, "root", "operator", "owner", "test"))
    ann = await node.attach("ann", "ann")
    await ann.ask("JOIN #a")
    root.connection.session.proved_at = node.hub.sessions.seconds()
    await root.ask("CHANNEL REGISTER #a", "JOIN #a")
    tail = await node.attach("x", "ann", *QUIET)
    await tail.ask("JOIN #a")
    await root.ask("CHANNEL PURGE SURE #a :enough")
    assert "KICK" in commands(tail.read())


async def test_a_rename_is_told_to_who_listens() -> None:
    node, watcher = await watched()
    tail = await node.guest("tail", *QUIET)
    await tail.ask("JOIN #a")
    await watcher.ask("RENAME #a #z")
    assert {"PART", "JOIN"} <= set(commands(tail.read()))


# By a token for one purpose


@pytest.mark.parametrize("nick", ["ann", "bot"])
@pytest.mark.parametrize("here", [True, False])
async def test_a_token_speaks_as_its_account(nick: str, here: bool) -> None:
    node, watcher = await watched()
    if here:
        ann = await node.attach("ann", "ann")
        await ann.ask("JOIN #a")
    watcher.read()
    bot = await scoped(node, "post:#a", nick)
    told = await bot.ask("JOIN #a", "PRIVMSG #a :built")
    assert texts(told) == ["built"]
    assert "JOIN" in commands(told)
    await bot.ask("PART #a", "QUIT")
    assert seen(watcher) == ["ann PRIVMSG built"]
    assert ("ann" in node.world.users) is here


async def test_a_token_has_the_rate_of_its_accounts_class() -> None:
    node = Node(Policy(flood=(10, 1), replay=0))
    watcher = await node.guest("watcher")
    await watcher.ask("JOIN #a")
    bot = await scoped(node, "post:#a", operator="bot")
    told = await bot.ask(*(f"PRIVMSG #a :{number}" for number in range(100)))
    assert texts(told) == [str(number) for number in range(100)]


async def test_sasl_with_a_token_speaks_as_its_account() -> None:
    node, watcher = await watched()
    ann = await node.attach("ann", "ann")
    await ann.ask("JOIN #a")
    await scoped(node, "post:#a")
    given = base64.b64encode(f"\0ann\0{SECRET}".encode()).decode()
    bot = Guest(node)
    await bot.ask("CAP REQ sasl", "AUTHENTICATE PLAIN", f"AUTHENTICATE {given}")
    await bot.ask("NICK ann", "USER x 0 * :x", "CAP END")
    await bot.ask("PRIVMSG #a :x")
    assert seen(watcher)[-1] == "ann PRIVMSG x"


RENAMES = ("draft/channel-rename", "message-tags")


@pytest.mark.parametrize("knows", [True, False])
async def test_what_is_for_a_registered_channel_is_for_it_under_its_new_name(knows: bool) -> None:
    node = Node()
    boss = await node.attach("boss", "boss")
    await boss.ask("JOIN #a", "CHANNEL REGISTER #a")
    reader = await scoped(node, "read:#a")
    if knows:
        await reader.ask("CAP REQ draft/channel-rename")
    await reader.ask("JOIN #a")
    poster = await scoped(node, "post:#a", secret="hub_" + "b" * 32)
    await boss.ask("RENAME #a #b", "PRIVMSG #b :after")
    assert "after" in texts(reader.read())
    assert texts(await reader.ask("CHATHISTORY LATEST #b * 5")) == ["after"]
    # Whoever takes the old name is told nothing that was meant for the channel.
    other = await node.guest("eve")
    await other.ask("JOIN #a")
    assert "OUT_OF_SCOPE" in (await poster.ask("PRIVMSG #a :built"))[0].params
    await poster.ask("PRIVMSG #b :built")
    assert (texts(other.read()), texts(boss.read())) == ([], ["built"])
    # So it is for who comes in later, and after a start.
    world = snapshot.decode(snapshot.encode(node.world))
    account = world.account("ann")
    assert account is not None
    assert {held.scope for held in account.credentials.values()} == {"read:#b", "post:#b"}
    assert {name: list(held) for name, held in world.scoped.items()} == {
        "#b": sorted(account.credentials)
    }


@pytest.mark.parametrize("caps", [(), RENAMES])
async def test_what_nobody_registered_takes_nobody_along(caps: tuple[str, ...]) -> None:
    """Whoever comes first could rename it, and have what was meant for another."""
    node = Node()
    boss = await node.guest("boss")
    await boss.ask("JOIN #a")
    reader = await scoped(node, "read:#a")
    if caps:
        await reader.ask(f"CAP REQ :{' '.join(caps)}")
    await reader.ask("JOIN #a")
    await boss.ask("RENAME #a #b")
    assert commands(reader.read()) == (["RENAME", "PART"] if caps else ["PART"])
    await boss.ask("PRIVMSG #b :after")
    assert texts(reader.read()) == []
    assert (await reader.ask("JOIN #a"))[0].command == "403"
