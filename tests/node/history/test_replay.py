"""What is shown unasked: to whom, and each line at most once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.policy.policy import Policy
from tests.node.node_harness import Guest, Node, commands, texts
from tests.node.test_absent import ASKER, POLICY, TIMED, account, arrive


async def room(policy: Policy = POLICY) -> tuple[Node, Guest]:
    """Return a node with a channel that is kept, and somebody who speaks there."""
    node = Node(policy, keep=["#c"])
    bob = await node.guest("bob")
    await bob.ask("JOIN #c", "PRIVMSG #c :!quit")
    return node, bob


async def test_an_account_is_shown_each_line_once() -> None:
    node, bob = await room()
    await account(node, "ann", persist="off")
    for said, expected in (("", ["!quit"]), ("", []), ("new", ["new"])):
        if said:
            await bob.ask(f"PRIVMSG #c :{said}")
        ann = await arrive(node, "ann", "ann", *TIMED)
        assert texts(await ann.ask("JOIN #c")) == expected
        await bob.ask("PRIVMSG #c :live")
        assert texts(ann.read()) == ["live"]
        await ann.ask("QUIT")


async def test_who_stays_in_a_channel_is_shown_it_on_return_once() -> None:
    node, bob = await room()
    await account(node, "ann")
    ann = await arrive(node, "ann", "ann", *TIMED)
    await ann.ask("JOIN #c", "QUIT")
    await bob.ask("PRIVMSG #c :missed")
    assert texts((await arrive(node, "ann", "ann", *TIMED)).read()) == ["missed"]


@pytest.mark.parametrize("leaves", ["PART #c", "kick"])
@pytest.mark.parametrize("who", ["account", "guest"])
async def test_who_comes_back_into_a_channel_is_shown_what_it_missed(leaves: str, who: str) -> None:
    node = Node(POLICY)
    bob = await node.guest("bob")
    await bob.ask("JOIN #c", "PRIVMSG #c :before")
    await account(node, "ann")
    if who == "account":
        ann = await arrive(node, "ann", "ann", *TIMED)
    else:
        ann = await node.guest("cy", *TIMED)
    nick = ann.connection.session.shown_nick
    assert texts(await ann.ask("JOIN #c")) == ["before"]
    await (bob.ask(f"KICK #c {nick}") if leaves == "kick" else ann.ask(leaves))
    await bob.ask("PRIVMSG #c :meanwhile")
    assert texts(await ann.ask("JOIN #c")) == ["meanwhile"]


async def test_what_has_been_read_elsewhere_is_not_shown() -> None:
    node, bob = await room()
    await account(node, "ann")
    phone = await arrive(node, "ann", "ann", *ASKER, "draft/read-marker", device="phone")
    await phone.ask("JOIN #c")
    await bob.ask("PRIVMSG #c :read")
    [seen] = [m.tags["time"] for m in phone.read() if m.command == "PRIVMSG"]
    await phone.ask(f"MARKREAD #c timestamp={seen}")
    await bob.ask("PRIVMSG #c :unread")
    laptop = await arrive(node, "ann", "ann", *TIMED, device="laptop")
    assert texts(laptop.read()) == ["unread"]


@pytest.mark.parametrize("ahead", ["#c", "#d"])
async def test_a_channel_whose_times_are_ahead_hides_nothing_of_another(ahead: str) -> None:
    """A place is a seq for all channels; a time is of one of them, and of one read marker."""
    node = Node(POLICY, keep=["#c", "#d"])
    bob = await node.guest("bob")
    await account(node, "ann")
    ann = await arrive(node, "ann", "ann", *TIMED, "draft/read-marker")
    for guest in (bob, ann):
        await guest.ask("JOIN #c", "JOIN #d")
    node.journal.lead(ahead, 60_000)
    await bob.ask("PRIVMSG #c :one", "PRIVMSG #d :two", "PRIVMSG ann :three")
    said = [message for message in ann.read() if message.command == "PRIVMSG"]
    assert texts(said) == ["one", "two", "three"]
    await ann.ask("QUIT")
    await bob.ask("PRIVMSG #c :four", "PRIVMSG #d :five", "PRIVMSG ann :six")
    ann = await arrive(node, "ann", "ann", *TIMED, "draft/read-marker")
    assert sorted(texts(ann.read())) == ["five", "four", "six"]
    for message in said[:2]:
        seen = f"timestamp={message.tags['time']}"
        answer = await ann.ask(f"MARKREAD {message.params[0]} {seen}")
        assert [one.params[1] for one in answer if one.command == "MARKREAD"] == [seen]


async def test_each_device_is_shown_what_it_missed() -> None:
    node, bob = await room()
    await account(node, "ann")
    phone = await arrive(node, "ann", "ann", *TIMED, device="phone")
    laptop = await arrive(node, "ann", "ann", *TIMED, device="laptop")
    assert texts(await phone.ask("JOIN #c")) == texts(laptop.read()) == ["!quit"]
    await laptop.ask("QUIT")
    await bob.ask("PRIVMSG #c :one")
    assert texts(phone.read()) == ["one"]
    await phone.ask("QUIT")
    await bob.ask("PRIVMSG #c :two")
    for device, expected in (("phone", ["two"]), ("laptop", ["one", "two"])):
        again = await arrive(node, "ann", "ann", *TIMED, device=device)
        assert texts(again.read()) == expected


@pytest.mark.parametrize("how", ["class", "mode"])
@pytest.mark.parametrize("to", [{"bots"}, set()])
async def test_a_bot_is_shown_nothing_unless_that_is_wanted(how: str, to: set[str]) -> None:
    node, bob = await room(replace(POLICY, replay_to=frozenset({"accounts", *to})))
    await account(node, "eggs", **({"operator": "bot"} if how == "class" else {}))
    await bob.ask("PRIVMSG eggs :!die")
    bot = await arrive(node, "eggs", "eggs", *TIMED)
    if how == "class":
        assert texts(bot.read()) == (["!die"] if to else [])
    else:
        await bot.ask("MODE eggs +B")
    bot.read()
    assert texts(await bot.ask("JOIN #c")) == (["!quit"] if to else [])


CHOICES = [
    ({"accounts"}, [], [], ["!quit"], []),
    ({"guests"}, ["!quit"], [], [], []),
    ({"guests", "untimed"}, ["!quit"], ["!quit"], [], []),
    ({"accounts", "untimed"}, [], [], ["!quit"], ["!quit"]),
    (set[str](), [], [], [], []),
]


@pytest.mark.parametrize(("to", "guest", "old_guest", "ann", "old_ann"), CHOICES)
async def test_who_is_shown_it_is_a_setting(
    to: set[str], guest: list[str], old_guest: list[str], ann: list[str], old_ann: list[str]
) -> None:
    node, _ = await room(replace(POLICY, replay_to=frozenset(to)))
    await account(node, "ann", persist="off")
    seen = []
    for name, caps in (("", TIMED), ("", ()), ("ann", TIMED), ("ann", ())):
        if name:
            # Each a device of its own, which the account has not had before.
            node.world.accounts["ann"].devices.clear()
            somebody = await arrive(node, "ann", "ann", *caps)
        else:
            somebody = await node.guest("guest", *caps)
        shown = await somebody.ask("JOIN #c", "PART #c", "QUIT")
        stamp = "[2027-01-15 08:00 UTC] <bob> "
        notices = [text.removeprefix(stamp) for text in texts(shown, "NOTICE")]
        seen.append([text for text in (*texts(shown), *notices) if text == "!quit"])
        if not caps:
            assert texts(shown) == [], "nothing that a program takes for live"
    assert seen == [guest, old_guest, ann, old_ann]


@pytest.mark.parametrize("how", ["JOIN #c", "JOIN #locked", "SAJOIN ann #c"])
async def test_every_device_is_shown_what_one_joined(how: str) -> None:
    node = Node(POLICY)
    bob = await node.guest("bob")
    await bob.ask("JOIN #c", "TOPIC #c :about c", "JOIN #locked", "MODE #locked +if #c")
    await account(node, "ann")
    await account(node, "root", operator="admin")
    caps = ("draft/read-marker", *TIMED)
    ann, other = await arrive(node, "ann", "ann", *caps), await arrive(node, "ann", "ann", *caps)
    quiet = await arrive(node, "ann", "ann", "no-implicit-names")
    for one in (ann, other, quiet):
        one.read()
    root = await arrive(node, "root", "root")
    await bob.ask("PRIVMSG #c :said before")
    shown = await (root if how.startswith("SAJOIN") else ann).ask(how)
    if how.startswith("SAJOIN"):
        shown = ann.read()
    shown = [m for m in shown if m.command != "470"]
    seen = other.read()
    assert commands(seen) == commands(shown)
    assert {"JOIN", "332", "333", "MARKREAD", "353", "366"} <= set(commands(seen))
    told = commands(quiet.read())
    assert {"JOIN", "332"} <= set(told)
    assert "353" not in told


async def test_a_device_that_does_not_know_rename_is_shown_the_channel_anew() -> None:
    node = Node(POLICY)
    await account(node, "ann")
    knows = ("draft/channel-rename", "draft/read-marker")
    ann = await arrive(node, "ann", "ann", *knows)
    await ann.ask("JOIN #c", "TOPIC #c :about", "PRIVMSG #c :said")
    other = await arrive(node, "ann", "ann", "draft/read-marker")
    other.read()
    await ann.ask("RENAME #c #d")
    seen = other.read()
    assert commands(seen) == ["PART", "JOIN", "332", "333", "MARKREAD", "353", "366"]
