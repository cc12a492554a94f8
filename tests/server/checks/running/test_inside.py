"""What a server says of itself, judged."""

from __future__ import annotations

from hubbub.server.checks.finding import Level
from hubbub.server.checks.running.inside import check_inside

FINE = {"ready": "yes", "versions": "hubbub 1.2.3", "look-at": "nothing", "disk": "3 GB free"}


def test_all_is_well() -> None:
    [found] = check_inside(FINE)
    assert (found.level, found.what) == (Level.OK, "it answers: hubbub 1.2.3")


def test_what_it_says_needs_a_look() -> None:
    told = {**FINE, "ready": "no: draining", "look-at": "disk mail", "mail": "it was refused"}
    drains, disk, mail, _ = check_inside(told)
    assert "no: draining" in drains.what
    assert (disk.subject, disk.what) == ("its disk", "3 GB free")
    assert (mail.level, mail.what) == (Level.WARNING, "it was refused")


def test_it_does_not_answer() -> None:
    [found] = check_inside("no server runs")
    assert (found.level, found.what) == (Level.ERROR, "no server runs")
