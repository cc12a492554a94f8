"""Who is in a cluster: read back as it was written, or refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hubbub.cluster.errors import ClusterError
from hubbub.cluster.members import (
    FOLDER,
    SHARED,
    ListedMember,
    MemberList,
    is_word,
    read_shared,
    write_shared,
)

A, B, C = (ListedMember(n, name, f"{name}:6222", f"{name}:7900") for n, name in enumerate("abc"))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    (tmp_path / FOLDER).mkdir()
    return tmp_path


def test_it_is_read_as_it_was_written(data_dir: Path) -> None:
    shared = MemberList("id", "00", 1, (A, B), begun=True)
    assert read_shared(data_dir) is None
    write_shared(data_dir, shared)
    assert read_shared(data_dir) == shared
    assert (data_dir / FOLDER / SHARED).stat().st_mode & 0o777 == 0o600
    assert shared.own == B
    assert shared.others == (A,)


def test_it_begins_with_three() -> None:
    assert not MemberList("id", "00", 0, (A, B)).begins
    shared = MemberList("id", "00", 0, (A, B)).with_members([C])
    assert shared.begins
    # Whoever has gone by the common order goes on so, however few are left.
    assert not shared.without(2).begins
    assert replace(shared, begun=True).without(2).without(1).begins


def test_what_is_newer_of_a_member_stands() -> None:
    moved = ListedMember(1, "b", "elsewhere:6222", "elsewhere:7900")
    assert MemberList("id", "00", 0, (A, B)).with_members([C, moved]).members == (A, moved, C)
    assert MemberList("id", "00", 0, (A, B, C)).without(1).members == (A, C)


@pytest.mark.parametrize(
    "change",
    [
        {"members": []},
        {"members": [{"number": 0}]},
        {"members": [{"number": True, "name": "a", "route": "a:1", "door": "a:2"}]},
        {"members": [{"number": 0, "name": "a\nb", "route": "a:1", "door": "a:2"}]},
        {"members": "ab"},
        {"number": 7},
    ],
)
def test_what_is_damaged_is_said(data_dir: Path, change: dict[str, Any]) -> None:
    write_shared(data_dir, MemberList("id", "00", 0, (A,)))
    path = data_dir / FOLDER / SHARED
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ClusterError, match="restore it"):
        read_shared(data_dir)


@pytest.mark.parametrize("text", ["", "a b", "a\x1b[2J", "ä", "x" * 256, 7, None])
def test_names_and_addresses_are_short_and_printable(text: object) -> None:
    assert not is_word(text)
