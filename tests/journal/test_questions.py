"""What is asked of an archive: stretches that a page hides."""

from __future__ import annotations

import pytest

from hubbub.journal.questions import Page, Position


@pytest.mark.parametrize(
    ("seq", "is_hidden"), [(4, False), (5, True), (8, True), (9, False), (20, True), (30, False)]
)
def test_a_page_hides_what_stands_in_its_stretches(seq: int, is_hidden: bool) -> None:
    hidden = ((Position(50, 5), Position(90, 9)), (Position(200, 20), Position(300, 30)))
    assert Page("#a", 10, 99, hidden=hidden).hides(seq) == is_hidden


def test_a_page_without_stretches_hides_nothing() -> None:
    assert not Page("#a", 10, 99).hides(1)
