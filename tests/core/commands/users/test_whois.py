"""WHOIS, WHOWAS, USERHOST, ISON."""

from __future__ import annotations

import pytest

from hubbub.irc.timestamps import format_time
from tests.core.world_harness import START, Client, Harness, shown

SIGNED_ON = START // 1_000_000


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect("ann")


def test_somebody(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    harness.idle_seconds["bob"] = 12
    bob.send("JOIN #a,#b")
    assert shown(ann.send("WHOIS BOB")) == [
        "311 ann bob bob cloak.test * bob the person",
        "319 ann bob @#a @#b",
        "312 ann bob hub.test test server",
        "671 ann bob is using a secure connection",
        f"317 ann bob 12 {SIGNED_ON} seconds idle, signon time",
        "318 ann BOB End of WHOIS list",
    ]


def test_what_else_there_may_be_to_tell(harness: Harness, ann: Client) -> None:
    bob = harness.connect_as("bob", "Robert")
    bob.send("OPER root secret")
    bob.send("AWAY :at lunch")
    bob.send("MODE bob +B")
    told = shown(ann.send("WHOIS bob"))
    for line in (
        "313 ann bob is a server operator",
        "301 ann bob at lunch",
        "330 ann bob Robert is logged in as",
        "335 ann bob is a bot",
    ):
        assert line in told
    assert any(line.startswith("671") for line in told)


def test_idle_is_left_out_where_it_is_not_known(harness: Harness, ann: Client) -> None:
    harness.connect("bob")
    harness.idle_seconds["bob"] = None
    assert not any(line.startswith("317") for line in shown(ann.send("WHOIS bob")))


def test_a_server_may_be_named(harness: Harness, ann: Client) -> None:
    for server in ("hub.test", "*.test", "ann"):
        assert ann.send(f"WHOIS {server} ann")[0].command == "311"
    assert shown(ann.send("WHOIS other.test ann")) == ["402 ann other.test No such server"]


def test_nobody(ann: Client) -> None:
    assert shown(ann.send("WHOIS nobody")) == [
        "401 ann nobody No such nick",
        "318 ann nobody End of WHOIS list",
    ]
    assert shown(ann.send("WHOIS")) == ["431 ann No nickname given"]


def channels(client: Client, nick: str) -> list[str]:
    """Return the channels that a WHOIS shows."""
    replies = [reply for reply in client.send(f"WHOIS {nick}") if reply.command == "319"]
    return " ".join(reply.params[-1] for reply in replies).split()


def test_channels_of_the_invisible_and_secret_channels_are_hidden(
    harness: Harness, ann: Client
) -> None:
    bob = harness.connect("bob")
    bob.send("JOIN #a,#b")
    bob.send("MODE #b +s")
    assert channels(ann, "bob") == ["@#a"]
    bob.send("MODE bob +i")
    assert channels(ann, "bob") == []
    ann.send("JOIN #a")
    assert channels(ann, "bob") == ["@#a"]
    assert channels(bob, "bob") == ["@#a", "@#b"]
    ann.send("OPER root secret")
    assert channels(ann, "bob") == ["@#a", "@#b"]


def test_many_channels_take_several_lines(harness: Harness, ann: Client) -> None:
    names = [f"#{'x' * 50}{number}" for number in range(20)]
    for name in names:
        ann.send(f"JOIN {name}")
    assert channels(ann, "ann") == [f"@{name}" for name in names]


def test_who_was_there(harness: Harness, ann: Client) -> None:
    for host in ("one.test", "two.test"):
        bob = harness.connect("bob", host=host)
        bob.send("QUIT")
    left = format_time(harness.time // 1_000_000 * 1_000_000)
    both = [
        "314 ann bob bob two.test * bob the person",
        f"312 ann bob hub.test {left}",
        "314 ann bob bob one.test * bob the person",
        f"312 ann bob hub.test {left}",
        "369 ann bob End of WHOWAS",
    ]
    for count in ("", " 2", " 0", " -1", " x", " 99"):
        assert shown(ann.send(f"WHOWAS bob{count}")) == both
    assert shown(ann.send("WHOWAS bob 1")) == [both[0], both[1], both[-1]]


def test_who_was_never_there(ann: Client) -> None:
    assert shown(ann.send("WHOWAS nobody")) == [
        "406 ann nobody There was no such nickname",
        "369 ann nobody End of WHOWAS",
    ]
    assert shown(ann.send("WHOWAS")) == ["431 ann No nickname given"]


def test_a_nick_given_up_is_remembered(harness: Harness, ann: Client) -> None:
    ann.send("NICK eve")
    assert ann.send("WHOWAS ann")[0].command == "314"


def test_userhost(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    bob.send("AWAY :gone")
    ann.send("OPER root secret")
    assert shown(ann.send("USERHOST ann nobody BOB")) == [
        "302 ann ann*=+ann@cloak.test bob=-bob@cloak.test"
    ]
    assert shown(ann.send("USERHOST nobody")) == ["302 ann "]
    assert len(ann.send(f"USERHOST {'ann ' * 9}")[0].params[1].split()) == 5


def test_ison(harness: Harness, ann: Client) -> None:
    harness.connect("bob")
    assert shown(ann.send("ISON nobody ANN :bob eve")) == ["303 ann ann bob"]
    assert shown(ann.send("ISON nobody")) == ["303 ann "]


def test_who_came_without_encryption_is_not_said_to_have_some(harness: Harness) -> None:
    ann, plain = harness.connect("ann"), harness.open(secure=False)
    for line in ("NICK bob", "USER bob 0 * :bob"):
        plain.send(line)
    numerics = [[m.command for m in ann.send(f"WHOIS {nick}")] for nick in ("ann", "bob")]
    assert "671" in numerics[0]
    assert "671" not in numerics[1]
