"""Times as they are written in tags and commands: 2026-01-31T12:34:56.789Z (IRCv3 server-time).

The calendar is the proleptic Gregorian one without leap seconds, from year 1 to 9999; times are
microseconds since 1970.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_WRITTEN = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z", re.ASCII | re.DOTALL
)
_DAY_SECONDS: Final = 86_400
_ERA_DAYS: Final = 146_097
_EPOCH_DAYS: Final = 719_468
"""Days from 0000-03-01, where the calendar's years are made to begin, to 1970-01-01."""
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def format_time(microseconds: int) -> str:
    """Return a time, cut to milliseconds."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return f"{_second(seconds)}.{rest // 1000:03d}Z"


def parse_time(text: str) -> int | None:
    """Return the time that a text names, or None where it names none."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    if not (year and 1 <= month <= 12 and 1 <= day <= _days_in(year, month)):
        return None
    # A leap second is read as the first second of the next minute.
    if hour > 23 or minute > 59 or second > 60:
        return None
    seconds = _day_number(year, month, day) * _DAY_SECONDS + hour * 3600 + minute * 60 + second
    fraction = (found[7] or "").ljust(6, "0")[:6]
    return seconds * 1_000_000 + int(fraction)


@lru_cache(maxsize=16)
def _second(seconds: int) -> str:
    days, rest = divmod(seconds, _DAY_SECONDS)
    year, month, day = _date(days)
    return (
        f"{year:04d}-{month:02d}-{day:02d}"
        f"T{rest // 3600:02d}:{rest % 3600 // 60:02d}:{rest % 60:02d}"
    )


def _days_in(year: int, month: int) -> int:
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return _MONTH_DAYS[month - 1] + leap


def _day_number(year: int, month: int, day: int) -> int:
    # Years begin in March, so that the leap day is the last of its year.
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * _ERA_DAYS + day_of_era - _EPOCH_DAYS


def _date(days: int) -> tuple[int, int, int]:
    era, day_of_era = divmod(days + _EPOCH_DAYS, _ERA_DAYS)
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return era * 400 + year_of_era + (month <= 2), month, day
