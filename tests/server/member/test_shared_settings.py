"""What all nodes share holds, whatever a node's file says; the node says where that differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import BaseModel

from hubbub.core.policy.policy import Policy
from hubbub.core.policy.shared import SHARED
from hubbub.server.from_settings import policy_of, shared_of
from hubbub.server.member.shared_settings import differing, following, shared_values
from hubbub.settings import Settings
from hubbub.settings.limits import Limits
from hubbub.settings.model import Accounts, Channels, DoorSettings
from hubbub.settings.section import table_of
from tests.server.test_from_settings import STARTED

OTHER = Settings(
    name="irc.test.example",
    network="Other",
    access="invite",
    network_icon="https://test.example/icon.png",
    description="Elsewhere",
    accounts=Accounts(
        register_before_connect=False,
        email="optional",
        scram=True,
        stay_days=3,
        password_length=9,
        step_up_minutes=11,
        second_factor_for=("admin",),
    ),
    channels=Channels(
        keep=("#größe", "#a*"),
        keep_limit=3,
        per_account=2,
        access_entries=4,
        replay=6,
        replay_to=("guests",),
        redact_seconds=7,
        keep_edits=True,
    ),
    doors=DoorSettings(proxies=("10.0.0.0/8",)),
    limits=Limits(
        audit_days=9,
        messages_per_second=0.5,
        message_burst=9,
        history_page=50,
        waiting_per_speaker=3,
        waiting_from_guests=4,
        history_days=30,
        history_messages=5_000,
        direct_days=60,
        direct_messages=600,
    ),
)


def test_a_node_follows_what_holds_for_all() -> None:
    values = shared_values(OTHER)
    assert values.keys() == SHARED.keys()
    settings, bad = following(Settings(), values)
    assert (settings, bad) == (OTHER, ())


def test_what_is_not_shared_stays_the_nodes_own() -> None:
    own = Settings(motd="mine", limits=Limits(input_bytes=20_000))
    settings, _ = following(own, shared_values(OTHER))
    assert (settings.motd, settings.limits.input_bytes) == ("mine", 20_000)


def test_a_node_without_a_home_follows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> Path:
        raise RuntimeError("no home directory")

    # As of a service's user that is there only while it runs.
    monkeypatch.setattr("hubbub.settings.model.user_data_path", nowhere)
    settings, bad = following(Settings(data_dir=tmp_path), {"network": '"Other"'})
    assert (settings.network, settings.data_dir, bad) == ("Other", tmp_path, ())


def test_what_this_program_cannot_take_is_passed_over() -> None:
    values = {
        "channels.keep_limit": "-1",
        "access": "nonsense",
        "data_dir": '"/x"',
        "channels.keep": '["#a"]',
        "limits.flood": "no JSON",
    }
    settings, bad = following(Settings(), values)
    assert settings.channels.keep == ("#a",)
    assert bad == ("channels.keep_limit", "access", "data_dir", "limits.flood")
    assert settings.data_dir == Settings().data_dir


def test_a_node_whose_file_differs_names_what() -> None:
    assert differing(OTHER, shared_values(OTHER)) == ()
    assert differing(Settings(), {"network": '"Other"', "unknown": "1"}) == ("network",)


OWN = {"created", "started", "motd", "admin", "operators", "password", "sts_seconds"}
"""What of the rules is a node's own: its texts, its start, its TLS, and secrets."""


def test_the_rules_are_made_of_what_is_shared_but_for_what_is_a_nodes_own() -> None:
    """Whoever adds a setting to the rules says which of the two it is."""
    plain, other = shared_values(Settings()), shared_values(OTHER)
    assert [name for name in SHARED if plain[name] == other[name]] == ["limits.flood"]
    policy = policy_of(following(Settings(motd="mine"), shared_values(OTHER))[0], STARTED)
    meant = policy_of(OTHER, STARTED)
    for field in fields(Policy):
        if field.name not in OWN:
            assert getattr(policy, field.name) == getattr(meant, field.name), field.name
    assert shared_of(following(Settings(), shared_values(OTHER))[0]) == shared_of(OTHER)


OWN_SECTIONS = ("admin", "cluster", "doors", "log", "mail", "ssh", "stop", "tls")
"""Sections of what is a node's own: where it listens, what it reads, how it stops and tells."""
OWN_NAMES = {"data_dir", "cloak_key_file", "motd", "motd_file", "operators", "password"}
OWN_LIMITS = {
    *("line_bytes", "tags_bytes", "input_bytes", "outbox_bytes", "stalled_seconds"),
    *("cursor_messages", "session_unwritten_records", "unwritten_records", "handshake_seconds"),
    *("registration_seconds", "login_seconds", "login_attempts", "unauthenticated"),
    *("ssh_unauthenticated", "unauthenticated_refused_percent", "unauthenticated_per_address"),
    *("ssh_sessions_per_connection", "ssh_unsent_bytes", "ssh_messages", "ssh_suspended"),
    *("ping_after_seconds", "ping_timeout_seconds", "connections_per_address"),
    *("password_checks", "password_checks_waiting"),
}
"""What bounds a node's own memory and time."""


def names_of(model: type[BaseModel], *above: str) -> Iterator[str]:
    for name, field in model.model_fields.items():
        table, is_named = table_of(field)
        if table is None or is_named:
            yield ".".join((*above, name))
        else:
            yield from names_of(table, *above, name)


@pytest.mark.parametrize("name", sorted(names_of(Settings)))
def test_each_setting_is_a_rule_for_all_or_a_nodes_own(name: str) -> None:
    """Whoever adds one says which: two nodes that go by different rules are two servers."""
    section, _, last = name.rpartition(".")
    own = (
        section in OWN_SECTIONS or name in OWN_NAMES or (section == "limits" and last in OWN_LIMITS)
    )
    assert own != (name in SHARED) or name == "doors.proxies"
