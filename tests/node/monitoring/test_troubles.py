"""What is wrong is told once, and shown for as long as it lasts."""

from __future__ import annotations

import structlog

from hubbub.node.monitoring.troubles import Troubles


def looked(troubles: Troubles) -> list[tuple[str, str]]:
    """Return what the log is told by a look."""
    with structlog.testing.capture_logs() as told:
        troubles.look()
    return [(line["event"], line["subject"]) for line in told]


def test_the_log_hears_of_the_beginning_and_the_end() -> None:
    troubles = Troubles()
    disk: dict[str, str] = {}
    troubles.ask(lambda: disk)
    assert looked(troubles) == []
    disk["journal"] = "takes nothing: no room"
    assert looked(troubles) == [("trouble", "journal")]
    assert looked(troubles) == []
    disk.clear()
    assert looked(troubles) == [("trouble is over", "journal")]
    assert looked(troubles) == []


def test_other_numbers_are_no_other_trouble_but_other_words_are() -> None:
    troubles = Troubles()
    clock = {"times": "15 s ahead"}
    troubles.ask(lambda: clock)
    looked(troubles)
    clock["times"] = "27 s ahead"
    assert looked(troubles) == []
    assert troubles.now() == {"times": "27 s ahead"}
    clock["times"] = "27 s behind"
    assert looked(troubles) == [("trouble", "times")]


def test_what_lasts_is_told_each_day() -> None:
    now = [0.0]
    troubles = Troubles(lambda: now[0])
    troubles.ask(lambda: {"certificate": "it has expired"})
    assert looked(troubles) == [("trouble", "certificate")]
    now[0] += 86_399
    assert looked(troubles) == []
    now[0] += 1
    assert looked(troubles) == [("trouble", "certificate")]
    assert looked(troubles) == []


def test_where_nothing_is_wrong_that_is_said() -> None:
    troubles = Troubles()
    troubles.mention(lambda: {"disk": "3 GB free"})
    assert troubles.shown() == {"disk": "3 GB free", "look-at": "nothing"}


def test_what_is_only_mentioned_is_shown_and_no_trouble() -> None:
    troubles = Troubles()
    troubles.ask(lambda: {"disk": "full"})
    troubles.mention(lambda: {"guesses": "17 in an hour"})
    troubles.mention(lambda: {"disk": "an older word"})
    assert troubles.shown() == {"guesses": "17 in an hour", "disk": "full", "look-at": "disk"}
    assert troubles.now() == {"disk": "full"}
    assert looked(troubles) == [("trouble", "disk")]
