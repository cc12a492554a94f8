"""Values fall into buckets, as Prometheus counts them."""

from __future__ import annotations

from hubbub.histogram import Histogram


def test_a_value_is_counted_in_the_first_bucket_that_holds_it() -> None:
    found = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 2.5):
        found.observe(value)
    assert found.counts == [2, 2, 1]
    assert found.sum == 7.5
