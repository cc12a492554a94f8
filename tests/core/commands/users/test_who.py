"""WHO and WHOX."""

from __future__ import annotations

import pytest

from tests.core.world_harness import Client, Harness, shown


@pytest.fixture
def ann(harness: Harness) -> Client:
    return harness.connect("ann")


@pytest.fixture
def bob(harness: Harness) -> Client:
    return harness.connect("bob", host="bob.test")


def nicks(client: Client, line: str) -> list[str]:
    """Return the nicks that a WHO lists."""
    *replies, end = client.send(line)
    assert end.command == "315"
    assert all(reply.command == "352" for reply in replies)
    return [reply.params[5] for reply in replies]


def test_a_nick(ann: Client, bob: Client) -> None:
    assert shown(ann.send("WHO BOB")) == [
        "352 ann * bob bob.test hub.test bob H 0 bob the person",
        "315 ann BOB End of WHO list",
    ]


def test_nobody(ann: Client) -> None:
    assert shown(ann.send("WHO nobody")) == ["315 ann nobody End of WHO list"]
    assert shown(ann.send("WHO #none")) == ["315 ann #none End of WHO list"]


def test_the_members_of_a_channel(harness: Harness, ann: Client, bob: Client) -> None:
    ann.send("JOIN #a")
    bob.send("JOIN #a")
    ann.send("AWAY :gone")
    ann.send("MODE ann +B")
    assert shown(bob.send("WHO #A"))[-3:] == [
        "352 bob #a ann cloak.test hub.test ann GB@ 0 ann the person",
        "352 bob #a bob bob.test hub.test bob H 0 bob the person",
        "315 bob #A End of WHO list",
    ]


def test_flags(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob", "multi-prefix")
    bob.send("JOIN #a")
    bob.send("MODE #a +v bob")
    bob.send("OPER root secret")
    assert bob.send("WHO bob")[0].params[6] == "H*@+"
    assert ann.send("WHO bob")[0].params[6] == "H*@"


def test_masks(harness: Harness, ann: Client, bob: Client) -> None:
    assert nicks(ann, "WHO b*") == ["bob"]
    assert nicks(ann, "WHO *.test") == ["ann", "bob"]
    assert nicks(ann, "WHO bob.t?st") == ["bob"]
    assert nicks(ann, "WHO :*the person") == ["ann", "bob"]
    assert nicks(ann, "WHO b*!*@bob.test") == ["bob"]
    for everybody in ("WHO", "WHO *", "WHO 0"):
        assert nicks(ann, everybody) == ["ann", "bob"]


def test_operators_only(ann: Client, bob: Client) -> None:
    assert nicks(ann, "WHO * o") == []
    bob.send("OPER root secret")
    assert nicks(ann, "WHO * o") == ["bob"]


def test_the_invisible_are_found_by_name_or_in_common_channels(ann: Client, bob: Client) -> None:
    bob.send("MODE bob +i")
    assert nicks(ann, "WHO b*") == []
    assert nicks(ann, "WHO bob") == ["bob"]
    bob.send("JOIN #a")
    assert nicks(ann, "WHO #a") == []
    ann.send("JOIN #a")
    assert nicks(ann, "WHO b*") == ["bob"]
    assert nicks(ann, "WHO #a") == ["bob", "ann"]


def test_secret_channels_are_not_told(ann: Client, bob: Client) -> None:
    bob.send("JOIN #a")
    bob.send("MODE #a +s")
    assert nicks(ann, "WHO #a") == []
    assert ann.send("WHO bob")[0].params[1] == "*"
    bob.send("JOIN #b")
    assert ann.send("WHO bob")[0].params[1] == "#b"


def test_every_field_of_whox_in_its_order(harness: Harness, ann: Client, bob: Client) -> None:
    bob.send("JOIN #a")
    harness.idle_seconds["bob"] = 7
    for fields in ("tcuihsnfdlaor", "roaldfnshiuct"):
        assert shown(ann.send(f"WHO bob %{fields},123")) == [
            "354 ann 123 #a bob 255.255.255.255 bob.test hub.test bob H@ 0 7 0 3 bob the person",
            "315 ann bob End of WHO list",
        ]


@pytest.mark.parametrize(
    ("query", "reply"),
    [
        ("%n", "bob"),
        ("%a", "0"),
        ("%c", "*"),
        ("%o", "n/a"),
        ("%tn,42", "42 bob"),
        ("%tn", "0 bob"),
        ("%tn,4x2", "0 bob"),
        ("%tn,1234", "0 bob"),
        ("%nz", "bob"),
    ],
)
def test_some_fields_of_whox(ann: Client, bob: Client, query: str, reply: str) -> None:
    assert shown(ann.send(f"WHO bob {query}"))[0] == f"354 ann {reply}"


def test_the_account_of_whox(harness: Harness, ann: Client) -> None:
    harness.connect_as("bob", "Robert")
    assert shown(ann.send("WHO bob %na"))[0] == "354 ann bob Robert"


def test_idle_elsewhere_is_zero(harness: Harness, ann: Client, bob: Client) -> None:
    harness.idle_seconds["bob"] = None
    assert shown(ann.send("WHO bob %l"))[0] == "354 ann 0"
