"""Times as they are written."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.irc.timestamps import format_time, parse_time

EPOCH = datetime(1970, 1, 1)


@given(st.datetimes(min_value=datetime(1, 1, 1)))
def test_times_are_written_and_read_as_the_standard_library_does(moment: datetime) -> None:
    microseconds = (moment - EPOCH) // timedelta(microseconds=1)
    written = format_time(microseconds)
    assert written == f"{moment.isoformat(timespec='milliseconds')}Z"
    assert parse_time(written) == microseconds // 1000 * 1000


@given(st.text("0123456789-:TZ.", max_size=26))
def test_any_text_is_a_time_or_none(text: str) -> None:
    parse_time(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-31",
        "2026-01-31T12:34:56.789",
        "2026-02-29T00:00:00.000Z",
        "2026-13-01T00:00:00.000Z",
        "2026-00-01T00:00:00.000Z",
        "2026-01-00T00:00:00.000Z",
        "2026-01-01T24:00:00.000Z",
        "2026-01-01T00:60:00.000Z",
        "0000-01-01T00:00:00.000Z",
        "٢٠٢٦-01-01T00:00:00.000Z",
        "2026-01-01T00:00:00.000Z\n",
        "1900-02-29T00:00:00.000Z",
    ],
)
def test_no_times(text: str) -> None:
    assert parse_time(text) is None


def test_seconds_may_be_whole_finer_or_leap() -> None:
    whole = parse_time("2024-02-29T23:59:59Z")
    assert whole is not None
    assert parse_time("2024-02-29T23:59:59.123456Z") == whole + 123_456
    assert parse_time("2024-02-29T23:59:60.000Z") == whole + 1_000_000
