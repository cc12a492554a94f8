"""The keys of a server: missing beside a journal, unusable, not belonging together."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hubbub.cluster.members import FOLDER, ListedMember, MemberList, write_shared
from hubbub.server.certificate import certificate_files
from hubbub.server.checks.finding import Finding, Level, worst
from hubbub.server.checks.keys import check_keys, secrets_of
from hubbub.server.identity import CLOAK_KEY, SSH_KEY, Identity
from hubbub.server.recovery import JOURNAL
from hubbub.settings import Settings
from hubbub.transport.ssh.host_keys import load_host_keys


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return those of a server that has been here."""
    settings = Settings(data_dir=tmp_path)
    certificate_files(settings)
    Identity(settings).cloak_key()
    load_host_keys((), tmp_path)
    (tmp_path / JOURNAL).write_text("a journal")
    return settings


def checked(settings: Settings) -> list[Finding]:
    return check_keys(settings, time.time())


def gravest(settings: Settings) -> Finding:
    return max(checked(settings), key=lambda each: each.level)


def test_all_is_well(settings: Settings) -> None:
    assert worst(checked(settings)) == Level.OK
    assert [each.subject for each in checked(settings)] == ["ssh host key", "certificate"]


@pytest.mark.parametrize(("begun", "level"), [(True, Level.OK), (False, Level.ERROR)])
def test_a_member_without_a_journal_has_a_copy_to_fetch(
    settings: Settings, begun: bool, level: Level
) -> None:
    (settings.data_dir / JOURNAL).unlink()
    own = ListedMember(1, "b", "b.example.org:6222", "b.example.org:7900")
    (settings.data_dir / FOLDER).mkdir()
    write_shared(settings.data_dir, MemberList("journal", "00" * 16, 1, (own,), begun=begun))
    assert worst(checked(settings)) == level


def test_nothing_is_made(tmp_path: Path) -> None:
    new = Settings(data_dir=tmp_path / "data")
    [found] = checked(new)
    assert found.what == "they will be made at the first start"
    assert not new.data_dir.exists()


def test_a_cloak_key_that_is_gone(settings: Settings) -> None:
    (settings.data_dir / CLOAK_KEY).unlink()
    found = gravest(settings)
    assert found.level == Level.ERROR
    assert "cloak.key is missing" in found.what
    assert "restore it from a backup" in found.mend
    assert "--accept-loss" in found.mend


def test_a_journal_that_is_gone(settings: Settings) -> None:
    (settings.data_dir / JOURNAL).unlink()
    assert gravest(settings).level == Level.ERROR
    assert "shows that a server was here" in gravest(settings).sentence


def test_a_host_key_that_is_gone_or_spoilt(settings: Settings) -> None:
    key = settings.data_dir / SSH_KEY
    key.write_text("nothing of the kind")
    assert gravest(settings).subject == "ssh host key"
    assert gravest(settings).level == Level.ERROR
    key.unlink()
    # Whether it was ever here only the journal knows: a start that finds it there refuses.
    assert gravest(settings).level == Level.WARNING
    assert SSH_KEY in gravest(settings).what


def test_a_pair_that_does_not_belong_together(settings: Settings, tmp_path: Path) -> None:
    other = certificate_files(Settings(data_dir=tmp_path))
    (tmp_path / "other").mkdir()
    foreign = certificate_files(Settings(data_dir=tmp_path / "other"))
    other.key.write_bytes(foreign.key.read_bytes())
    assert gravest(settings).level == Level.ERROR
    assert "belong together" in gravest(settings).sentence


def test_which_files_are_secret(settings: Settings, tmp_path: Path) -> None:
    mine, kept = secrets_of(settings)
    assert {path.name for path in mine} == {CLOAK_KEY, SSH_KEY, JOURNAL, "key.pem", "owner-code"}
    assert kept == []
    own = {"certificate": str(tmp_path / "c.pem"), "key": str(tmp_path / "k.pem")}
    _, kept = secrets_of(Settings.model_validate({"data_dir": str(tmp_path), "tls": own}))
    assert kept == [tmp_path / "k.pem"]


def test_a_first_start_that_found_no_room_has_lost_nothing(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).touch()
    found = check_keys(Settings(data_dir=tmp_path), time.time())
    assert [each.level for each in found] == [Level.OK]
