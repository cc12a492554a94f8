"""The files by which clients know a server again."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from hubbub.server.identity import (
    CERTIFICATE,
    CLOAK_KEY,
    CLOAK_KEY_BYTES,
    SSH_KEY,
    TLS_KEY,
    Identity,
    make_cloak_key,
    mark_of,
)
from hubbub.settings import NotNow, Settings, SettingsError
from hubbub.settings.secret_files import EXPOSED
from tests.e2e.server import Server


def identity(data: Path, **sections: Any) -> Identity:
    return Identity(Settings.model_validate({"data_dir": str(data), **sections}))


def test_the_first_start_makes_a_key_for_its_owner_only_and_later_ones_keep_it(
    tmp_path: Path,
) -> None:
    umask = os.umask(0)
    try:
        key = identity(tmp_path).cloak_key()
    finally:
        os.umask(umask)
    assert len(key) == CLOAK_KEY_BYTES
    assert (tmp_path / CLOAK_KEY).stat().st_mode & 0o777 == 0o600
    assert identity(tmp_path).cloak_key() == key
    assert [file.name for file in tmp_path.iterdir()] == [CLOAK_KEY]


def test_no_two_servers_have_the_same(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    assert identity(tmp_path / "one").cloak_key() != identity(tmp_path / "two").cloak_key()


def test_what_a_start_left_that_was_cut_short_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "cloak.new").write_bytes(b"half")
    assert len(identity(tmp_path).cloak_key()) == CLOAK_KEY_BYTES


@pytest.mark.parametrize("size", [0, CLOAK_KEY_BYTES - 1, CLOAK_KEY_BYTES + 1])
def test_a_key_of_another_length_is_none(tmp_path: Path, size: int) -> None:
    (tmp_path / CLOAK_KEY).write_bytes(b"x" * size)
    with pytest.raises(SettingsError, match=r"cloak\.key is no key; restore it, or remove it"):
        identity(tmp_path).cloak_key()


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / CLOAK_KEY).mkdir()
    with pytest.raises(SettingsError, match=r"cloak\.key is no file, but a directory") as caught:
        identity(tmp_path).cloak_key()
    assert not isinstance(caught.value, NotNow)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE])
def test_what_passes_is_told_from_what_has_to_be_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(*arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(NotNow, match=os.strerror(number)):
        identity(tmp_path).cloak_key()
    monkeypatch.undo()
    assert len(identity(tmp_path).cloak_key()) == CLOAK_KEY_BYTES, "later it can be made"


# The journal that goes with them


def test_a_first_start_has_no_journal(tmp_path: Path) -> None:
    identity(tmp_path).check_journal(tmp_path / "journal.sqlite")


@pytest.mark.parametrize("content", [None, b""])
@pytest.mark.parametrize(
    ("rescued", "hint"),
    [(False, "restore a backup"), (True, r"move journal\.sqlite-rescued to its place")],
)
def test_a_server_that_was_here_had_one(
    tmp_path: Path, content: bytes | None, rescued: bool, hint: str
) -> None:
    checked, journal = identity(tmp_path), tmp_path / "journal.sqlite"
    checked.cloak_key()
    if content is not None:
        journal.write_bytes(content)
    if rescued:
        (tmp_path / "journal.sqlite-rescued").touch()
    with pytest.raises(SettingsError, match=hint):
        checked.check_journal(journal)
    journal.write_bytes(b"something")
    checked.check_journal(journal)


# What is missing


@pytest.mark.parametrize("name", [CLOAK_KEY, CERTIFICATE, TLS_KEY, SSH_KEY])
def test_a_file_that_was_here_before_is_missed(tmp_path: Path, name: str) -> None:
    checked = identity(tmp_path)
    checked.check_files([])
    with pytest.raises(SettingsError, match=rf"{name} is missing, and was here before.*with a new"):
        checked.check_files([name])
    (tmp_path / name).touch()
    checked.check_files([name])
    assert checked.present() == [name]


@pytest.mark.parametrize(
    ("sections", "names"),
    [
        ({"tls": {"certificate": "/own.pem", "key": "/own.key"}}, [CERTIFICATE, TLS_KEY]),
        ({"ssh": {"host_keys": ["/own"]}}, [SSH_KEY]),
        ({"doors": {"ssh": []}}, [SSH_KEY]),
    ],
)
def test_what_the_operator_brings_or_nobody_needs_is_not_missed(
    tmp_path: Path, sections: dict[str, Any], names: list[str]
) -> None:
    checked = identity(tmp_path, **sections)
    checked.check_files(names)
    with pytest.raises(SettingsError, match=CLOAK_KEY):
        checked.check_files([*names, CLOAK_KEY])


# A key that the operator brings, the same for several servers


def test_a_key_that_is_brought_is_used_and_none_is_made(tmp_path: Path) -> None:
    key, data = tmp_path / "shared.key", tmp_path / "data"
    data.mkdir()
    make_cloak_key(key)
    brought = identity(data, cloak_key_file=str(key))
    assert brought.cloak_key() == key.read_bytes()
    assert list(data.iterdir()) == []
    brought.check_files([CLOAK_KEY])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is no key: it has 0 bytes, not 32"),
        (b"x" * 33, "is no key: it has 33 bytes, not 32"),
    ],
)
def test_a_key_that_is_brought_and_is_none_is_named(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    key = tmp_path / "shared.key"
    if content is not None:
        key.write_bytes(content)
    with pytest.raises(SettingsError, match=rf"cloak_key_file .*shared\.key {said}"):
        identity(tmp_path, cloak_key_file=str(key)).cloak_key()


def test_another_key_than_before_is_noticed(tmp_path: Path) -> None:
    own = identity(tmp_path)
    known = mark_of(own.cloak_key())
    assert own.cloak_key().hex() not in known
    own.check_cloak_key(own.cloak_key(), "")
    own.check_cloak_key(own.cloak_key(), known)
    with pytest.raises(SettingsError, match=r"another key than this server had; set cloak_key"):
        own.check_cloak_key(b"x" * CLOAK_KEY_BYTES, known)


def test_keys_that_everybody_may_read_are_told_of_at_the_start(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", HUBBUB_DOORS__SSH='["127.0.0.1:0"]')
    with server:
        assert EXPOSED not in server.log.read_text()
    keys = [server.directory / name for name in (CLOAK_KEY, TLS_KEY, SSH_KEY)]
    for key in keys:
        key.chmod(0o644)
    with server:
        told = [line for line in server.log.read_text().splitlines() if EXPOSED in line]
    assert len(told) == len(keys)
    assert all(str(key) in line for key, line in zip(keys, told, strict=True))
