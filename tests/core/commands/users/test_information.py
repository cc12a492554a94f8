"""About the server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.core.world_harness import POLICY, Client, Harness, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect("ann")


def test_lusers(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    bob.send("MODE bob +i")
    bob.send("OPER root secret")
    ann.send("JOIN #a")
    harness.connect("cy").send("QUIT")
    ann.take()
    assert shown(ann.send("LUSERS")) == [
        "251 ann There are 1 users and 1 invisible on 1 server",
        "252 ann 1 operator(s) online",
        "254 ann 1 channels formed",
        "255 ann I have 2 clients and 0 servers",
        "265 ann 2 3 Current local users 2, max 3",
        "266 ann 2 3 Current global users 2, max 3",
    ]


def test_motd(ann: Client) -> None:
    assert shown(ann.send("MOTD")) == ["422 ann There is no message of the day"]
    ann.harness.policy = replace(POLICY, motd=("Welcome.", ""))
    assert [message.command for message in ann.send("MOTD")] == ["375", "372", "372", "376"]


def test_version_tells_what_is_supported(ann: Client) -> None:
    first, *rest = ann.send("VERSION")
    assert first.command == "351"
    tokens = [token for message in rest for token in message.params[1:-1]]
    assert all(message.command == "005" and len(message.params) <= 15 for message in rest)
    assert {"CASEMAPPING=ascii", "PREFIX=(qaohv)~&@%+", "CHANMODES=beI,k,lfjd,CMRTUimnst"} <= set(
        tokens
    )
    assert tokens == sorted(tokens)


def test_time(harness: Harness, ann: Client) -> None:
    harness.time = 1_769_860_800_123_456
    assert shown(ann.send("TIME")) == ["391 ann hub.test 2026-01-31T12:00:00.123Z"]


def test_info(ann: Client) -> None:
    assert [message.command for message in ann.send("INFO")] == ["371", "371", "374"]


def test_admin(ann: Client) -> None:
    assert shown(ann.send("ADMIN")) == [
        "423 ann hub.test No administrative information is available"
    ]
    ann.harness.policy = replace(POLICY, admin=("The cellar", "A club", "root@hub.test", "more"))
    assert shown(ann.send("ADMIN")) == [
        "256 ann hub.test Administrative information",
        "257 ann The cellar",
        "258 ann A club",
        "259 ann root@hub.test",
    ]


def test_links(ann: Client) -> None:
    assert shown(ann.send("LINKS")) == [
        "365 ann * End of LINKS list",
    ]


def test_what_is_not_told_or_not_known(ann: Client) -> None:
    assert shown(ann.send("USERS")) == ["446 ann USERS has been disabled"]
    assert shown(ann.send("SUMMON x")) == ["421 ann SUMMON Unknown command"]


def test_what_is_supported_is_told_before_registration_to_who_can_ask(harness: Harness) -> None:
    assert harness.open().send("ISUPPORT")[0].command == "451"
    client = harness.open(("batch", "draft/extended-isupport"))
    opening, *lines, closing = client.send("ISUPPORT")
    assert opening.params[1:] == ("draft/isupport",)
    assert {line.command for line in lines} == {"005"}
    assert {line.tags["batch"] for line in lines} == {opening.params[0][1:]}
    assert closing.params == (f"-{opening.params[0][1:]}",)
    client.send("NICK ann")
    commands = [message.command for message in client.send("USER ann 0 * :Ann")]
    at = commands.index("005")
    assert (commands[at - 1], commands[at + len(lines)]) == ("BATCH", "BATCH")


def test_what_is_supported_can_be_asked_again(harness: Harness) -> None:
    ann = harness.connect("ann")
    assert {message.command for message in ann.send("ISUPPORT")} == {"005"}
    [line, *_] = harness.connect("bob", "draft/extended-isupport").send("ISUPPORT")
    assert line.command == "005"


def test_one_is_told_ones_own_source(harness: Harness) -> None:
    client = harness.open(("draft/whoami",))
    client.send("NICK ann")
    burst = client.send("USER ann 0 * :Ann the first")
    [told] = [message for message in burst if message.command == "SETNAME"]
    assert (told.source, told.params) == (client.user.source, ("Ann the first",))
