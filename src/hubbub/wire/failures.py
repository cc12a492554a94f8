"""Why a look at a line ended before its time, with the exit code that says so.

WireFailure
 +-- NoAddress          (address.py) an address or an option is wrong
 +-- NoIdentity         the file with the key to log in with cannot be used
 +-- CannotReach        no TCP connection
 +-- AnotherProtocol    what came is not what the address says, or no handshake was possible
 +-- NotAdmitted        the server understood, and did not let us in
 +-- FellSilent         nothing more came, in the time that there was
 +-- CutOff             the connection ended in the midst of it
 +-- TooMuch            more came than is looked at
"""

from __future__ import annotations

from enum import IntEnum


class WireCode(IntEnum):
    """Say how `hubbub wire` ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    CANNOT_REACH = 3
    ANOTHER_PROTOCOL = 4
    TURNED_AWAY = 5
    FELL_SILENT = 6
    CUT_OFF = 7
    INTERRUPTED = 130


class WireFailure(Exception):
    """Stand for all of them; it is never raised itself."""

    code = WireCode.FAILED


class NoIdentity(WireFailure):
    """Say that the file with the key to log in with cannot be used."""

    code = WireCode.USAGE


class CannotReach(WireFailure):
    """Say that there is no TCP connection, and why."""

    code = WireCode.CANNOT_REACH


class AnotherProtocol(WireFailure):
    """Say that what came is not what the address says, or that two sides found no common ground."""

    code = WireCode.ANOTHER_PROTOCOL


class NotAdmitted(WireFailure):
    """Say that the server understood, and did not let us in."""

    code = WireCode.TURNED_AWAY


class FellSilent(WireFailure):
    """Say that what was waited for did not come in the time that there was."""

    code = WireCode.FELL_SILENT


class CutOff(WireFailure):
    """Say that the connection ended in the midst of it."""

    code = WireCode.CUT_OFF


class TooMuch(WireFailure):
    """Say that more came than is looked at."""

    code = WireCode.CUT_OFF
