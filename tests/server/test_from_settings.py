"""What the rooms are given of the settings: each of these settles something."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from hubbub import server
from hubbub.irc.framing import CLIENT_TAG_BYTES
from hubbub.passwords.argon2 import hash_password
from hubbub.server.from_settings import (
    bounds_of,
    mail_route_of,
    policy_of,
    shared_of,
    ssh_bounds_of,
)
from hubbub.settings import Settings
from hubbub.settings.member.cluster import ClusterSettings

STARTED = datetime(2026, 1, 31, 12, 30, tzinfo=UTC)
HASH = hash_password("correct horse")
MAIL = {"host": "mail.example.org", "sender": "chat@example.org"}
READ_BY_THE_SERVER = {
    *(f"doors.{name}" for name in ("tls", "plain", "ssh", "wss", "websocket", "health")),
    *("doors.websocket_origins", "tls.certificate", "tls.key", "ssh.host_keys", "ssh.compression"),
    *("data_dir", "limits.ssh_suspended", "log.level", "log.format"),
    "cloak_key_file",
    "stop.drain_seconds",
}
"""What the rooms are not given, but `server/` reads itself."""
ELSEWHERE = {
    *("motd_file", "doors.plain_beyond_loopback"),
    "doors.health_beyond_loopback",
    # Read by what a member of a cluster is besides: tests/server/member.
    *(f"cluster.{name}" for name in ClusterSettings.model_fields),
}
"""What has done its work when the settings were read."""
TEXTS: dict[str, Any] = {
    "name": "chat.example.org",
    "network": "Other",
    "network_icon": "https://a.example/x.png",
    "motd": "hello",
    "password": HASH,
    "mail.host": "other.example.org",
    "mail.sender": "other@example.org",
    "mail.user": "hub",
    "mail.password": "secret",
    "operators": {"ann": HASH},
    "doors.proxies": ["192.0.2.1"],
    "channels.keep": ["#other"],
    "channels.replay_to": ["bots"],
    "accounts.second_factor_for": ["owner"],
    "limits.tags_bytes": 1024,
}


def leaves(model: type[BaseModel] = Settings, above: str = "") -> Iterator[tuple[str, Any]]:
    """Return every setting by its name."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind, f"{name}.")
        else:
            yield f"{above}{name}", field


NAMES = dict(leaves())


def settled(tree: dict[str, Any]) -> tuple[object, ...]:
    settings = Settings.model_validate({"mail": MAIL, **tree})
    policy = policy_of(settings, STARTED)
    shared, bounds, ssh = shared_of(settings), bounds_of(settings), ssh_bounds_of(settings)
    return policy, shared, bounds, ssh, mail_route_of(settings)


def another(name: str) -> Any:
    """Return a value that a setting does not have by itself."""
    if name in TEXTS:
        return TEXTS[name]
    field = NAMES[name]
    default = field.get_default(call_default_factory=True)
    if get_origin(field.annotation) is Literal:
        return next(one for one in get_args(field.annotation) if one != default)
    if isinstance(default, bool):
        return not default
    return "other" if isinstance(default, str) else default + 1


@pytest.mark.parametrize("name", sorted(NAMES.keys() - READ_BY_THE_SERVER - ELSEWHERE))
def test_every_setting_settles_something(name: str) -> None:
    section, _, last = name.rpartition(".")
    tree: dict[str, Any] = {last: another(name)}
    if section:
        tree = {section: {**(MAIL if section == "mail" else {}), **tree}}
    assert settled(tree) != settled({})


def test_the_others_are_read_by_the_server_itself() -> None:
    read = set()
    for file in Path(server.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute):
                read.add(node.attr)
    assert {name.rpartition(".")[2] for name in READ_BY_THE_SERVER} <= read
    assert NAMES.keys() >= READ_BY_THE_SERVER | ELSEWHERE


def test_without_flood_control_nobody_is_slowed() -> None:
    settings = Settings.model_validate({"limits": {"flood": False}})
    assert policy_of(settings, STARTED).flood is None


def test_when_the_server_started_is_told_for_people_and_for_programs() -> None:
    policy = policy_of(Settings(), STARTED)
    assert policy.created == "Sat 31 Jan 2026 at 12:30:00 UTC"
    assert policy.started == STARTED.timestamp()


def test_who_runs_the_server_is_told_in_as_many_lines_as_there_are() -> None:
    settings = Settings.model_validate({"admin": {"location": "here", "contact": "ann"}})
    assert policy_of(settings, STARTED).admin == ("here", "ann")
    assert policy_of(Settings(), STARTED).admin == ()


def test_an_operator_by_oper_has_a_class() -> None:
    operators = {"ann": HASH, "bob": {"password": HASH, "class": "helper"}}
    found = policy_of(Settings.model_validate({"operators": operators}), STARTED).operators
    classes = {name: one.operator_class for name, one in found.items()}
    assert classes == {"ann": "admin", "bob": "helper"}


def test_clients_may_send_no_more_tags_than_the_specification_lets_them() -> None:
    settings = Settings.model_validate({"limits": {"tags_bytes": 65536}})
    assert bounds_of(settings).tags_bytes == CLIENT_TAG_BYTES


def test_where_no_mail_server_is_named_none_is_asked() -> None:
    assert mail_route_of(Settings()) is None


def test_the_mail_servers_password_is_handed_on_and_not_shown() -> None:
    mail = {**MAIL, "user": "hub", "password": "hunter2"}
    settings = Settings.model_validate({"mail": mail})
    route = mail_route_of(settings)
    assert route is not None
    assert route.password == "hunter2"
    assert "hunter2" not in repr(settings) + repr(route)
