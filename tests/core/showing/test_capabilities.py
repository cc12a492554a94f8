"""What a session is offered: how clients are to come back (sts), by the way they came in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubbub.core.showing.capabilities import mechanisms, news
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


def test_registration_tells_what_it_takes(harness: Harness) -> None:
    for email, offered in (
        ("off", "before-connect"),
        ("required", "before-connect,email-required"),
    ):
        harness.policy = replace(POLICY, email=email)
        assert f"draft/account-registration={offered}" in listed(harness.open())


def test_a_mechanism_is_offered_to_who_can_use_it(harness: Harness) -> None:
    client = harness.open()
    assert mechanisms(POLICY, client.session) == ("PLAIN",)
    client.session.certfp = "f" * 64
    policy = replace(POLICY, scram=True)
    assert mechanisms(policy, client.session) == ("EXTERNAL", "PLAIN", "SCRAM-SHA-256")


@pytest.mark.parametrize(("version", "values"), [(302, True), (301, False)])
def test_new_settings_are_told_to_who_understands_values(
    harness: Harness, version: int, values: bool
) -> None:
    session = harness.open(secure=True).session
    session.cap_version = version
    before = replace(POLICY, sts_seconds=60)
    after = replace(POLICY, scram=True, register_before_connect=False, sts_seconds=120)
    told = ["sasl=PLAIN,SCRAM-SHA-256", "draft/account-registration", "sts=duration=120"]
    bare = ["sasl", "draft/account-registration"]
    assert news(before, after, session) == (told if values else bare)
    assert news(before, before, session) == []


def test_a_promise_to_come_back_over_tls_is_not_taken_back(harness: Harness) -> None:
    session = harness.open(secure=True).session
    session.cap_version = 302
    assert news(replace(POLICY, sts_seconds=60), POLICY, session) == []
