"""Why a look at a line ended before its time, with the exit code that says so.

WireFailure
 +-- NoAddress          an address or an option is wrong, or does not go with the others
 +-- NoIdentity         the file with the key to log in with cannot be used
 +-- CannotReach        no TCP connection, or no place to listen
 +-- AnotherProtocol    what came is not what the address says, or no handshake was possible
 +-- NotAdmitted        the server understood, and did not let us in; or it is not the one meant
 +-- FellSilent         what was waited for did not come, in the time that there was
 +-- CutOff             the connection ended in the midst of it
 +-- TooMuch            more came than is looked at
 +-- CutShort           bytes ended before what they announce: a decoder's, nobody ends for it
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
    NOT_ADMITTED = 5
    FELL_SILENT = 6
    CUT_OFF = 7
    INTERRUPTED = 130


class WireFailure(Exception):
    """Stand for all of them, in a sentence for who looks; it is never raised itself."""

    code = WireCode.FAILED


class NoAddress(WireFailure):
    """Say what is wrong with an address or an option, and how it looks.

    Nobody has been connected to. The person sees one line on standard error, and exit code 2.
    """

    code = WireCode.USAGE


class NoIdentity(WireFailure):
    """Say that the file with the key to log in with cannot be used.

    Nobody has been connected to. The person sees one line on standard error, and exit code 2.
    """

    code = WireCode.USAGE


class CannotReach(WireFailure):
    """Say that there is no TCP connection, or no place to listen, and why.

    The person sees one line on standard error, and exit code 3; a client of the proxy is
    disconnected, and who watches sees why.
    """

    code = WireCode.CANNOT_REACH


class AnotherProtocol(WireFailure):
    """Say that what came is not what the address says, or that two sides found no common ground.

    What came until then has been shown. The person sees one line on standard error, which says what
    to try instead where that can be told, and exit code 4.
    """

    code = WireCode.ANOTHER_PROTOCOL


class NotAdmitted(WireFailure):
    """Say that the server understood, and did not let us in; or that it is not the one meant.

    All of it has been shown. The person sees one line on standard error, and exit code 5.
    """

    code = WireCode.NOT_ADMITTED


class FellSilent(WireFailure):
    """Say that what was waited for did not come in the time that there was.

    What came has been shown. The person sees one line on standard error, and exit code 6.
    """

    code = WireCode.FELL_SILENT


class CutOff(WireFailure):
    """Say that the connection ended in the midst of it.

    What came has been shown. The person sees one line on standard error, and exit code 7.
    """

    code = WireCode.CUT_OFF


class TooMuch(WireFailure):
    """Say that more came than is looked at.

    It is we who end the connection. The person sees one line on standard error, and exit code 7.
    """

    code = WireCode.CUT_OFF


class CutShort(WireFailure):
    """Say that bytes ended before what they announce.

    Decoders catch it, tell what they read until then, and that the rest is missing; the look at the
    line goes on.
    """
