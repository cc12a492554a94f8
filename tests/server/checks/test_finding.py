"""What was found, in words for people and for programs."""

from __future__ import annotations

import pytest

from hubbub.server.checks.finding import Level, amount, by_subject, error, ok, warning, worst


def test_the_gravest_counts() -> None:
    assert worst([]) == Level.OK
    assert worst([ok("a", "fine"), warning("b", "odd", "look"), ok("c", "fine")]) == Level.WARNING
    assert worst([error("a", "gone", "mend"), warning("b", "odd", "look")]) == Level.ERROR


def test_what_is_said_of_one_subject_stands_together() -> None:
    found = [warning("mail", "it is late", "wait"), ok("disk", "fine"), warning("mail", "x", "y")]
    assert by_subject(found) == {"mail": "it is late; wait. x; y", "disk": "fine"}


def test_a_program_reads_all_of_it() -> None:
    assert error("disk", "full", "make room").as_object() == {
        "subject": "disk",
        "level": "error",
        "what": "full",
        "mend": "make room",
    }


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (3_210_000_000, "3.2 GB"),
        (5 * 10**15, "5000.0 TB"),
    ],
)
def test_sizes_are_for_people(size: int, shown: str) -> None:
    assert amount(size) == shown
