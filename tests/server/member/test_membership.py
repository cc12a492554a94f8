"""A member's part in a cluster, as far as it is settled without one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from hubbub.cluster.members import FOLDER, SHARED, ListedMember, MemberList, write_shared
from hubbub.server.member.membership import SYSTEM, USER, ClusterMember, membership, password
from hubbub.server.recovery import JOURNAL
from hubbub.settings import Address, Settings, SettingsError
from hubbub.settings.member.cluster import ClusterSettings

KEY = bytes(32)


def shared_by(count: int) -> MemberList:
    members = [
        ListedMember(number, f"n{number}", "127.0.0.1:1", "127.0.0.1:2") for number in range(count)
    ]
    return MemberList("journal", "00" * 16, 0, tuple(members))


def settings(data_dir: Path, **cluster: object) -> Settings:
    (data_dir / FOLDER).mkdir(exist_ok=True)
    return Settings(data_dir=data_dir, cluster=ClusterSettings(**cluster))  # type: ignore[arg-type]


@pytest.mark.parametrize(("count", "begins"), [(1, False), (2, False), (3, True)])
def test_it_begins_with_members_enough(tmp_path: Path, count: int, begins: bool) -> None:
    held = settings(tmp_path)
    (tmp_path / JOURNAL).write_text("something")
    assert membership(held) is None
    write_shared(tmp_path, shared_by(count))
    assert (membership(held) is not None) is begins


def test_an_empty_disk_is_not_served_in_a_members_place(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is empty: is its disk there"):
        membership(settings(tmp_path, listen=(Address("127.0.0.1", 7901),)))
    assert membership(settings(tmp_path)) is None


def test_a_list_of_members_that_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    held = settings(tmp_path)
    (tmp_path / FOLDER / SHARED).write_text("{")
    with pytest.raises(SettingsError, match=r"shared\.json .*join anew"):
        membership(held)


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        ({"listen": (Address("10.0.0.1", 7901),)}, "cluster.listen is 10.0.0.1:7901"),
        ({"servers": ("nats://log:4222",)}, "cluster.system_user is missing"),
    ],
)
def test_what_would_not_be_safe_is_refused(
    tmp_path: Path, cluster: dict[str, object], words: str
) -> None:
    member = ClusterMember(settings(tmp_path, **cluster), shared_by(3))
    with pytest.raises(SettingsError, match=words):
        asyncio.run(member.reach())


def test_outside_servers_are_reached_as_they_are_named(tmp_path: Path) -> None:
    cluster = {
        "servers": ("nats://log:4222",),
        "user": "me",
        "password": SecretStr("sesame"),
        "system_user": "sys",
        "system_password": SecretStr("open"),
    }
    access = asyncio.run(ClusterMember(settings(tmp_path, **cluster), shared_by(3)).reach())
    assert list(access.servers) == ["nats://log:4222"]
    assert (access.user.user, access.user.password) == ("me", "sesame")
    assert (access.system.user, access.system.password) == ("sys", "open")


def test_members_know_the_logins_and_no_two_are_alike() -> None:
    assert password(KEY, USER) == password(KEY, USER) != password(KEY, SYSTEM)
    assert password(KEY, USER) != password(b"x" * 32, USER)


def test_a_server_by_itself_loads_nothing_of_it(tmp_path: Path) -> None:
    """Neither the log's client nor what starts its server: their libraries are an extra."""
    program = (
        "import sys; import hubbub.server.serve, hubbub.cli.commands;"
        "print([name for name in sys.modules if name.split('.')[0] == 'nats'"
        " or name.startswith('hubbub.cluster.jetstream')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "[]"
