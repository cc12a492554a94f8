"""What STATUS tells of disk, certificate, mail and refused settings."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from hubbub.journal.port import Figures
from hubbub.node.monitoring.troubles import Troubles
from hubbub.server.certificate import ServedCertificate, certificate_files
from hubbub.server.checks import disk
from hubbub.server.checks.backup import MARK
from hubbub.server.health.vitals import Vitals, versions
from hubbub.settings import Settings


class Watched:
    """A server whose state the test says."""

    def __init__(self, directory: Path) -> None:
        self.mailer = SimpleNamespace(route=None, failure="", waiting=0)
        self.refused = ""
        self.troubles = Troubles()
        files = certificate_files(Settings(data_dir=directory))
        journal = SimpleNamespace(figures=lambda: Figures(41_000, 7_000))
        Vitals(
            directory,
            cast(Any, journal),
            ServedCertificate(files, "chat.example"),
            cast(Any, self.mailer),
            lambda: self.refused,
        ).be_asked(self.troubles)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_what_is_well_is_told_and_no_trouble(watched: Watched) -> None:
    shown = watched.troubles.shown()
    assert list(shown) == ["versions", "journal", "disk", "certificate", "look-at"]
    assert shown["journal"] == "writable, 41.0 kB and 7.0 kB new"
    assert shown["versions"] == versions()
    assert shown["look-at"] == "nothing"


def test_a_mail_server_that_refuses_is_named_until_it_does_not(watched: Watched) -> None:
    watched.mailer.route = object()
    assert watched.troubles.shown()["mail"] == "no failure; 0 under way"
    watched.mailer.failure = "mail.example.org:587: Connection refused"
    assert watched.troubles.shown()["look-at"] == "mail"
    assert "not sent: mail.example.org:587: Connection" in watched.troubles.shown()["mail"]


def test_a_backup_that_is_old_is_a_trouble(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / MARK).touch()
    assert watched.troubles.shown()["backup"] == "made 0 h ago"
    os.utime(tmp_path / MARK, (0, 0))
    assert watched.troubles.shown()["look-at"] == "backup"


def test_what_was_refused_stays_a_trouble(watched: Watched) -> None:
    watched.refused = "The settings were not reread"
    assert watched.troubles.now() == {
        "refused": "The settings were not reread; then `hubbub reload`"
    }


def test_a_disk_that_fills_is_a_trouble(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LOW_BYTES", 1 << 60)
    assert watched.troubles.shown()["look-at"] == "disk"
