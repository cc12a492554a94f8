"""A certificate that is expired, ends soon, is not valid yet, or is for another name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from hubbub.server.checks.certificate import (
    Problem,
    Validity,
    check_validity,
    problems_of,
    read_validity,
    unreadable,
)
from hubbub.server.checks.finding import Level
from hubbub.server.self_signed import make_self_signed

NOW = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
DAY = 86_400.0
NAME = "chat.example.org"


def lasting(days: float, *names: str, begun: float = 10) -> Validity:
    """Return a certificate for names, for so many days from now."""
    return Validity(names or (NAME,), NOW - begun * DAY, NOW + days * DAY)


@pytest.mark.parametrize(
    ("found", "problems"),
    [
        (lasting(15), []),
        (lasting(14.01), []),
        (lasting(13.99), [Problem.ENDS_SOON]),
        (lasting(0), [Problem.EXPIRED]),
        (lasting(-3), [Problem.EXPIRED]),
        (lasting(90, begun=-1), [Problem.NOT_YET]),
        (lasting(90, "other.example.org"), [Problem.OTHER_NAME]),
        (lasting(3, "other.example.org"), [Problem.ENDS_SOON, Problem.OTHER_NAME]),
        (Validity(("localhost",), NOW - DAY, NOW + 90 * DAY, pinned=True), []),
        (Validity((), NOW - DAY, NOW + 90 * DAY), [Problem.OTHER_NAME]),
    ],
)
def test_what_is_wrong(found: Validity, problems: list[Problem]) -> None:
    assert problems_of(found, NAME, NOW) == problems
    levels = [each.level for each in check_validity(found, NAME, NOW)]
    assert levels == ([Level.WARNING] * len(problems) or [Level.OK])


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        ("CHAT.example.org.", True),
        ("*.example.org", True),
        ("*.org", False),
        ("*.chat.example.org", False),
        ("ch*.example.org", False),
        ("*", False),
        ("192.0.2.7", False),
    ],
)
def test_which_names_are_covered(pattern: str, covers: bool) -> None:
    assert problems_of(lasting(90, pattern), NAME, NOW) == ([] if covers else [Problem.OTHER_NAME])


def test_an_address_is_no_name() -> None:
    assert problems_of(lasting(90, "192.0.2.7"), "192.0.2.7", NOW) == []
    assert problems_of(lasting(90, "*.0.2.7"), "192.0.2.7", NOW) == [Problem.OTHER_NAME]


def test_the_day_and_the_mend_are_said() -> None:
    [expired] = check_validity(lasting(-3), NAME, NOW)
    assert "EXPIRED on 2026-05-29 00:00 UTC, 3 days ago" in expired.what
    assert "renew it" in expired.mend
    [other] = check_validity(lasting(90, *(f"n{number}.org" for number in range(9))), NAME, NOW)
    assert "n4.org and 4 more" in other.what
    assert NAME in other.mend
    [fine] = check_validity(lasting(90), NAME, NOW)
    assert fine.what == f"for {NAME}, until 2026-08-30 00:00 UTC, in 90 days"


def test_what_stands_in_a_file(tmp_path: Path) -> None:
    made = datetime(2026, 1, 31, tzinfo=UTC)
    pem, _ = make_self_signed(["localhost", "192.0.2.1"], made)
    path = tmp_path / "certificate.pem"
    path.write_bytes(pem)
    found = read_validity(path)
    assert found.names == ("localhost", "192.0.2.1")
    assert found.begins == (made - timedelta(days=1)).timestamp()
    assert found.pinned
    path.write_text("nothing of the kind")
    with pytest.raises(ValueError, match=r"."):
        read_validity(path)
    assert unreadable(path, "no").level == Level.WARNING
