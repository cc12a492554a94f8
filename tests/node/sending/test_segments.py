"""Long answers are made a page at a time, and so is the looking for what there is little of."""

from __future__ import annotations

from collections.abc import Iterator

from hubbub.node.sending.segments import LONG_ANSWER_BYTES, REST, REST_BYTES, LongAnswer


def test_a_page_holds_no_more_than_its_bound_and_one_chunk() -> None:
    chunk = b"x" * 1000
    answer = LongAnswer(iter([chunk] * 100))
    sizes, is_over = [], False
    while not is_over:
        made, is_over = answer.page()
        sizes.append(sum(map(len, made)))
    assert sum(sizes) == 100_000
    assert max(sizes) <= LONG_ANSWER_BYTES + len(chunk)


def test_where_nothing_is_found_a_page_is_over_all_the_same() -> None:
    looked = 0

    def looking() -> Iterator[bytes]:
        nonlocal looked
        for _ in range(1000):
            looked += 1
            yield REST

    made, is_over = LongAnswer(looking()).page()
    assert (b"".join(made), is_over) == (b"", False)
    assert looked == LONG_ANSWER_BYTES // REST_BYTES
