"""Who is in a cluster: read back as it was written, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubbub.cluster.errors import ClusterError
from hubbub.cluster.members import (
    FOLDER,
    MOST_MEMBERS,
    SHARED,
    Member,
    Shared,
    is_word,
    number_for,
    read_shared,
    write_shared,
)

A, B, C = (Member(n, name, f"{name}:6222", f"{name}:7900") for n, name in enumerate("abc"))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    (tmp_path / FOLDER).mkdir()
    return tmp_path


def test_it_is_read_as_it_was_written(data_dir: Path) -> None:
    shared = Shared("id", "00", 1, (A, B))
    assert read_shared(data_dir) is None
    write_shared(data_dir, shared)
    assert read_shared(data_dir) == shared
    assert (data_dir / FOLDER / SHARED).stat().st_mode & 0o777 == 0o600
    assert shared.own == B
    assert shared.others == (A,)


def test_it_begins_with_three() -> None:
    assert not Shared("id", "00", 0, (A, B)).begins
    assert Shared("id", "00", 0, (A, B)).with_members([C]).begins


def test_what_is_newer_of_a_member_stands() -> None:
    moved = Member(1, "b", "elsewhere:6222", "elsewhere:7900")
    assert Shared("id", "00", 0, (A, B)).with_members([C, moved]).members == (A, moved, C)
    assert Shared("id", "00", 0, (A, B, C)).without(1).members == (A, C)


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
    write_shared(data_dir, Shared("id", "00", 0, (A,)))
    path = data_dir / FOLDER / SHARED
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ClusterError, match="restore it"):
        read_shared(data_dir)


def test_a_number_is_given_once_and_there_are_not_too_many() -> None:
    assert number_for([]) == 0
    assert number_for([0, 5, 2]) == 6
    with pytest.raises(ClusterError, match=str(MOST_MEMBERS)):
        number_for(range(MOST_MEMBERS))


@pytest.mark.parametrize("text", ["", "a b", "a\x1b[2J", "ä", "x" * 256, 7, None])
def test_names_and_addresses_are_short_and_printable(text: object) -> None:
    assert not is_word(text)
