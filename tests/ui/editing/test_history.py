"""What was typed: gone back through, searched, and kept within a bound."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.ui.editing.history import CHARACTERS, ENTRIES, InputHistory, Typed


def test_history_is_bounded() -> None:
    history = InputHistory(str(number) for number in range(2 * ENTRIES))
    assert (len(history), history[0]) == (ENTRIES, str(ENTRIES))
    for _ in range(3):
        history.add("x" * (CHARACTERS // 2))
        history.add("y" * (CHARACTERS // 2))
    assert len(history) == 2
    history.add("z" * (CHARACTERS + 1))
    assert len(history) == 2


def test_one_goes_up_and_down_and_the_draft_stays_below() -> None:
    history = InputHistory(["one", "two"])
    assert history.move(-1, "draft") == "two"
    assert history.move(-1, "two") == "one"
    assert history.move(-1, "one") is None
    assert history.move(1, "one") == "two"
    assert history.move(1, "two") == "draft"
    assert history.move(1, "draft") is None


def test_a_change_that_was_not_sent_stays_until_something_is() -> None:
    history = InputHistory(["one", "two"])
    history.move(-1, "")
    assert history.move(-1, "two!") == "one"
    assert history.move(1, "one") == "two!"
    history.add("three")
    assert [history.move(-1, each) for each in ("", "three", "two")] == ["three", "two", "one"]


def test_blanks_and_the_newest_again_are_no_entries() -> None:
    history = InputHistory(["one", "one", "  ", ""])
    assert len(history) == 1
    history.add("two")
    history.add("one")
    assert [history[place] for place in range(len(history))] == ["one", "two", "one"]


def test_the_newest_that_holds_the_words_is_found_below_a_place() -> None:
    history = InputHistory(["make test", "make check", "ls"])
    assert history.search("make", len(history)) == 1
    assert history.search("make", 1) == 0
    assert history.search("make", 0) is None
    assert history.search("rm", len(history)) is None
    # Further than there is, is from the newest on.
    assert history.search("ls", 99) == 2


def test_no_secret_is_remembered_and_one_goes_below_all_the_same() -> None:
    typed = Typed(["hello", "/oper ann secret"])
    typed.move(-1, "draft")
    typed.add("/join #c key")
    assert [typed[place] for place in range(len(typed))] == ["hello"]
    assert typed.move(-1, "") == "hello"


@given(st.lists(st.text(max_size=3) | st.sampled_from([-1, 1])))
def test_wherever_one_goes_one_stays_within(steps: list[str | int]) -> None:
    history, current = InputHistory(), ""
    for step in steps:
        if isinstance(step, str):
            history.add(step)
            current = ""
        else:
            moved = history.move(step, current)
            current = current if moved is None else moved
    assert len(history) <= ENTRIES
    while (up := history.move(-1, current)) is not None:
        current = up
    assert current == (history[0] if len(history) else current)
