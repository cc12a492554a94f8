"""Tests of what is kept between runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.client.errors import CertificateRefused, UsageError
from hubbub.client.preferences import Preferences
from hubbub.terminal.profile import KnownServers, Profile, default_profile, make_private


def test_everything_is_kept_and_private(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "config", tmp_path / "state")
    profile.save_preferences(Preferences(bell="off"))
    profile.save_seen("h:1", {"#c": 5.0})
    profile.save_seen("h:2", {"#d": 6.0})
    KnownServers(profile.known_servers).remember("h:1", "ab" * 32)
    make_private(profile.history)
    assert profile.load_preferences() == Preferences(bell="off")
    assert profile.load_seen("h:1") == {"#c": 5.0}
    assert KnownServers(profile.known_servers).known("h:1") == "ab" * 32
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 4
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_nothing_there_and_nonsense_there(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "config", tmp_path / "state")
    assert profile.load_preferences() == Preferences()
    assert profile.load_seen("h:1") == {}
    (tmp_path / "state").mkdir()
    for text in ("{", "[]", '{"h:1": 3}', '{"h:1": {"#c": "x"}}'):
        (tmp_path / "state" / "seen.json").write_text(text)
        assert profile.load_seen("h:1") == {}


def test_pins_that_cannot_be_read_are_no_pins_to_overlook(tmp_path: Path) -> None:
    (tmp_path / "known_servers").mkdir()
    with pytest.raises(CertificateRefused, match=r"cannot be remembered in .*: Is a directory"):
        KnownServers(tmp_path / "known_servers").known("h:1")


def test_pins_that_cannot_be_kept_make_no_first_use(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CertificateRefused, match=r"file/known_servers: .*set HOME to a directory"):
        KnownServers(tmp_path / "file" / "known_servers").remember("h:1", "ab" * 32)


def test_without_a_home_there_is_no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody_knows(*arguments: object, **options: object) -> str:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_config_path", nobody_knows)
    with pytest.raises(UsageError, match=r"no home directory is known of user \d+ .*set HOME"):
        default_profile()
