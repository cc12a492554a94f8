"""Who is told: sessions, capabilities, and those who watch."""

from __future__ import annotations

import pytest

from tests.node.node_harness import Node, commands, texts


async def test_a_connection_that_cannot_be_written_to_keeps_nothing_from_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    node = Node(keep=["#c"])
    ann, bob, cat = [await node.guest(nick) for nick in ("ann", "bob", "cat")]
    for guest in (ann, bob, cat):
        await guest.ask("JOIN #c")
    cat.read()

    def broken(data: bytes) -> bool:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(ann.stream, "send", broken)
    await bob.ask("PRIVMSG #c :one")
    assert texts(cat.read()) == ["one"]
    assert ann.stream.aborted
    assert not node.broken
    await bob.ask("PRIVMSG #c :two")
    assert texts(cat.read()) == ["two"]
    assert "a fault of ours" in capsys.readouterr().out


async def test_a_capability_negotiated_later_changes_what_is_heard() -> None:
    node = Node(keep=["#c"])
    ann, bob = await node.guest("ann"), await node.guest("bob")
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c")
    ann.read()
    await bob.ask("PRIVMSG #c :one")
    (plain,) = ann.read()
    assert not plain.tags
    await ann.ask("CAP REQ :server-time message-tags")
    await bob.ask("PRIVMSG #c :two")
    (tagged,) = ann.read()
    assert set(tagged.tags) == {"time", "msgid"}
    await ann.ask("CAP REQ :-server-time")
    await bob.ask("PRIVMSG #c :three")
    (less,) = ann.read()
    assert set(less.tags) == {"msgid"}


async def test_who_has_left_hears_no_more() -> None:
    node = Node(keep=["#c"])
    ann, bob = await node.guest("ann"), await node.guest("bob")
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c", "PART #c")
    await ann.ask("PRIVMSG #c :alone")
    assert texts(bob.read()) == []


async def test_away_is_told_to_those_who_asked_for_it() -> None:
    node = Node(keep=["#c"])
    ann, bob, cat = (
        await node.guest("ann"),
        await node.guest("bob", "away-notify"),
        await node.guest("cat"),
    )
    for guest in (ann, bob, cat):
        await guest.ask("JOIN #c")
    bob.read()
    cat.read()
    await ann.ask("AWAY :tea")
    assert commands(bob.read()) == ["AWAY"]
    assert cat.read() == []


async def test_watchers_are_told_of_coming_and_going() -> None:
    node = Node()
    ann = await node.guest("ann")
    assert commands(await ann.ask("MONITOR + Bob")) == ["731"]
    bob = await node.guest("bob")
    (online,) = ann.read()
    assert (online.command, online.params[1]) == ("730", "bob!bob@host.cloak")
    await bob.ask("NICK robert")
    assert commands(ann.read()) == ["731"]
    await bob.ask("NICK BOB")
    assert commands(ann.read()) == ["730"]
    await bob.drop()
    assert commands(ann.read()) == ["731"]
    await ann.ask("MONITOR - bob")
    await node.guest("bob")
    assert ann.read() == []


async def test_a_watcher_that_is_gone_is_told_nothing() -> None:
    node = Node()
    ann = await node.guest("ann")
    await ann.ask("MONITOR + bob")
    await ann.drop()
    bob = await node.guest("bob")
    assert commands(await bob.ask("PING x")) == ["PONG"]


async def test_extended_monitor_hears_of_away_once() -> None:
    node = Node(keep=["#c"])
    caps = ("extended-monitor", "away-notify", "batch", "message-tags")
    ann, bob = await node.guest("ann", *caps), await node.guest("bob")
    await ann.ask("MONITOR + bob", "JOIN #c")
    await bob.ask("AWAY :tea")
    assert commands(ann.read()) == ["AWAY"]
    await bob.ask("JOIN #c")
    ann.read()
    await bob.ask("AWAY")
    assert commands(ann.read()) == ["AWAY"]


async def test_typing_is_passed_on_and_not_kept() -> None:
    node = Node(keep=["#c"])
    ann, bob, cat = (
        await node.guest("ann", "message-tags"),
        await node.guest("bob", "message-tags"),
        await node.guest("cat"),
    )
    for guest in (ann, bob, cat):
        await guest.ask("JOIN #c")
    bob.read()
    cat.read()
    ann.read()
    kept = len(node.journal.kept)
    assert await ann.ask("@+typing=active TAGMSG #c") == []
    (typing,) = bob.read()
    assert (typing.command, typing.tags["+typing"]) == ("TAGMSG", "active")
    assert cat.read() == []
    assert len(node.journal.kept) == kept


async def test_two_sessions_of_a_user_see_what_each_other_sends() -> None:
    node = Node(keep=["#c"])
    desk = await node.attach("ann", "annie", "echo-message")
    await desk.ask("JOIN #c")
    phone = await node.attach("ann", "annie")
    bob = await node.guest("bob")
    await bob.ask("JOIN #c")
    desk.read()
    phone.read()
    assert texts(await desk.ask("PRIVMSG #c :from the desk")) == ["from the desk"]
    assert texts(phone.read()) == ["from the desk"]
    assert texts(bob.read()) == ["from the desk"]
    assert texts(await phone.ask("PRIVMSG bob :from the phone")) == []
    assert texts(desk.read()) == ["from the phone"]
    assert texts(bob.read()) == ["from the phone"]
    await bob.ask("PRIVMSG ann :to both")
    assert texts(desk.read()) == texts(phone.read()) == ["to both"]


async def test_a_user_quits_with_the_last_session() -> None:
    node = Node(keep=["#c"])
    desk = await node.attach("ann", "annie")
    await desk.ask("JOIN #c")
    phone = await node.attach("ann", "annie")
    bob = await node.guest("bob")
    await bob.ask("JOIN #c")
    await desk.ask("QUIT :home")
    assert commands(bob.read()) == []
    phone.read()
    await bob.ask("PRIVMSG #c :still there?")
    assert texts(phone.read()) == ["still there?"]
    await phone.drop()
    assert texts(bob.read(), "QUIT") == ["Connection closed"]
    assert node.hub.sessions.roster.sessions_of(node.world.users["bob"]) == [bob.connection]
    assert list(node.hub.sessions.roster.connections) == [bob.connection.session.id]


async def test_a_kill_ends_all_sessions_of_a_user() -> None:
    node = Node(keep=["#c"])
    desk = await node.attach("ann", "annie")
    await desk.ask("JOIN #c")
    phone = await node.attach("ann", "annie")
    oper = await node.guest("oper")
    node.world.users["oper"].modes |= {"o"}
    node.world.users["oper"].operator_class = "admin"
    answers = await oper.ask("KILL ann :enough")
    assert commands(answers) == []
    for guest in (desk, phone):
        (error,) = [m for m in guest.read() if m.command == "ERROR"]
        assert "Killed (oper (enough))" in error.params[0]
        assert guest.stream.ended
    assert set(node.world.users) == {"oper"}
    assert list(node.hub.sessions.roster.connections) == [oper.connection.session.id]


async def test_a_message_to_oneself_is_delivered_and_echoed() -> None:
    node = Node()
    plain = await node.guest("plain")
    assert texts(await plain.ask("PRIVMSG plain :note")) == ["note"]
    echoing = await node.guest("echoing", "echo-message", "labeled-response", "batch")
    assert texts(await echoing.ask("PRIVMSG echoing :note")) == ["note", "note"]
    both = await echoing.ask("@label=x PRIVMSG echoing :note")
    assert sorted(message.tags.get("label", "") for message in both) == ["", "x"]


async def test_a_renamed_channel_is_told_to_each_as_it_understands() -> None:
    node = Node()
    ann = await node.guest("ann", "draft/channel-rename", "labeled-response")
    bob = await node.guest("bob")
    await ann.ask("JOIN #c")
    await bob.ask("JOIN #c")
    ann.read()
    told = await ann.ask("@label=1 RENAME #c #d :why")
    assert [(message.command, message.params) for message in told] == [
        ("RENAME", ("#c", "#d", "why"))
    ]
    assert told[0].tags["label"] == "1"
    assert commands(bob.read()) == ["PART", "JOIN", "353", "366"]
    await ann.ask("PRIVMSG #d :here now")
    assert texts(bob.read()) == ["here now"]


async def test_a_relayed_message_names_who_relayed_it_to_those_who_asked() -> None:
    node = Node()
    bot, ann = await node.guest("bot"), await node.guest("ann", "draft/relaymsg")
    bob = await node.guest("bob")
    for guest in (bot, ann, bob):
        await guest.ask("JOIN #c")
    bot.read(), ann.read(), bob.read()
    assert await bot.ask("RELAYMSG #c x/elsewhere :hello") == []
    (told,) = ann.read()
    assert (told.nick, told.tags) == ("x/elsewhere", {"draft/relaymsg": "bot"})
    (told,) = bob.read()
    assert (told.nick, told.tags) == ("x/elsewhere", {})
