"""What a session is offered: how clients are to come back (sts), by the way they came in."""

from __future__ import annotations

from dataclasses import replace

from tests.core.world_harness import POLICY, Client, Harness


def listed(client: Client, version: str = "302") -> list[str]:
    """Return the capabilities that CAP LS lists."""
    return [
        word for message in client.send(f"CAP LS {version}") for word in message.params[-1].split()
    ]


def test_who_came_in_clear_is_sent_to_the_tls_door(harness: Harness) -> None:
    harness.policy = replace(POLICY, sts_seconds=3600, tls_port=6697)
    assert "sts=port=6697" in listed(harness.open(secure=False))
    assert "sts=duration=3600" in listed(harness.open(secure=True))


def test_it_is_never_requested_nor_shown_without_a_value(harness: Harness) -> None:
    harness.policy = replace(POLICY, sts_seconds=3600, tls_port=6697)
    client = harness.open(secure=True)
    assert client.send("CAP REQ :sts batch")[0].params[1] == "NAK"
    assert not [word for word in listed(harness.open(secure=True), "") if "sts" in word]
    assert client.send("CAP LIST")[0].params[-1] == ""


def test_nothing_is_said_where_nothing_is_set(harness: Harness) -> None:
    assert not [word for word in listed(harness.open()) if word.startswith("sts")]
    harness.policy = replace(POLICY, sts_seconds=3600)
    assert not [word for word in listed(harness.open(secure=False)) if word.startswith("sts")]
