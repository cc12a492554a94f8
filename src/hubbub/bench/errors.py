"""What keeps something from being measured, each in words for the report.

BenchError
 +-- ServerFailed   a server did not start, or not do what is measured
 +-- ProcessGone    a process ended while it was looked at
 +-- PeerClosed     a connection ended that should have stayed
 +-- Miscount       not everybody got exactly what was sent
"""

from __future__ import annotations


class BenchError(Exception):
    """Stand for all that keeps something from being measured; it is never raised itself.

    The text of each stands in the report, in the place of the number.
    """


class ServerFailed(BenchError):
    """Say why a server did not start, or what it did not do.

    Who measures sees it in the report, in the place of the number.
    """


class ProcessGone(BenchError):
    """Say that a process whose CPU or memory was to be read has ended.

    Who measures sees it in the report, in the place of the number.
    """


class PeerClosed(BenchError):
    """Say which connection ended that should have stayed, and how.

    Who measures sees it in the report, in the place of the number.
    """


class Miscount(BenchError):
    """Say who did not get exactly what was sent: a number would compare what cannot be.

    Who measures sees it in the report, in the place of the number.
    """
