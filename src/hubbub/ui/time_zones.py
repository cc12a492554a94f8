"""In which zone times are shown: this machine's, or the one that a person's own machine names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class _Local(tzinfo):
    """Be this machine's zone, at each time with the offset that it has then: summers end."""

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        """Return how far the zone is ahead of UTC at a time of its own."""
        return None if when is None else when.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, when: datetime | None) -> timedelta | None:
        """Leave open what of it is due to summer."""
        return None

    def tzname(self, when: datetime | None) -> str | None:
        """Return the zone's name at a time of its own."""
        return None if when is None else when.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, when: datetime) -> datetime:
        """Return a time of UTC as this zone has it."""
        there = when.replace(tzinfo=UTC).astimezone()
        first = there.replace(tzinfo=None).astimezone()
        # Of the hour that there is twice this may be the second.
        return there.replace(tzinfo=self, fold=int(first.utcoffset() != there.utcoffset()))


LOCAL: Final = _Local()
"""This machine's zone."""


def zone_of(name: str) -> tzinfo:
    """Return the zone of a name such as `Europe/Vienna`; this machine's where it is not known."""
    try:
        return ZoneInfo(name.removeprefix(":")) if name else LOCAL
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return LOCAL
