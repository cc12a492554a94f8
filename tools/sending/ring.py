"""Sends of many sockets in one system call: io_uring, in pure Python.

It was tried for the server and left out: docs/decisions/io-uring.md. All sends are done when the
call returns, for they ask not to wait, so that nothing is in flight and no buffer is kept.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import struct
from collections.abc import Sequence
from typing import Final

_SETUP: Final = 425
_ENTER: Final = 426
_OP_SEND: Final = 26
_MSG_DONTWAIT_NOSIGNAL: Final = 0x4040
_SUBMISSIONS_OFFSET: Final = 0x10000000
_SUBMISSION: Final = struct.Struct("<BBHiQQIIQ")
"""Of its 64 bytes: opcode, flags, priority, descriptor, offset, address, length, flags, data."""
_PARAMETERS_BYTES: Final = 120
_WORD: Final = 4

_libc: Final = ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    """Make a system call. Raises OSError, EPERM or ENOSYS where it is forbidden or not there."""
    done: int = _libc.syscall(number, *arguments)
    if done < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return done


class Ring:
    """A ring of the system's, with places for so many sends. Linux 5.6 or later, 64 bits."""

    def __init__(self, places: int = 1024) -> None:
        """Set one up. Raises OSError where the system allows none."""
        parameters = bytearray(_PARAMETERS_BYTES)
        self._fd = _call(_SETUP, places, (ctypes.c_char * len(parameters)).from_buffer(parameters))
        self._places, completions = struct.unpack_from("<2I", parameters)
        sent = struct.unpack_from("<7I", parameters, 40)
        done = struct.unpack_from("<6I", parameters, 80)
        size = max(sent[6] + _WORD * self._places, done[5] + 16 * completions)
        shared = mmap.MAP_SHARED | mmap.MAP_POPULATE
        rings = mmap.mmap(self._fd, size, shared)
        self._submissions = mmap.mmap(
            self._fd, 64 * self._places, shared, offset=_SUBMISSIONS_OFFSET
        )
        self._words = words = memoryview(rings).cast("I")
        self._tail, self._head = sent[1] // _WORD, done[0] // _WORD
        self._mask, self._done_mask = words[sent[2] // _WORD], words[done[2] // _WORD]
        first = sent[6] // _WORD
        for place in range(self._places):
            words[first + place] = place
        self._completions = memoryview(rings)[done[5] : done[5] + 16 * completions].cast("i")

    def send(self, descriptors: Sequence[int], messages: Sequence[bytes]) -> list[int]:
        """Offer each socket its message; return what each took, or the error with a minus."""
        words, mask, submissions = self._words, self._mask, self._submissions
        pack, offset = _SUBMISSION.pack_into, bytes.__basicsize__ - 1
        tail = words[self._tail]
        place = tail
        for descriptor, message in zip(descriptors, messages, strict=True):
            # Where the bytes of an object are: CPython only.
            address = id(message) + offset
            at = (place & mask) * 64
            pack(submissions, at, _OP_SEND, 0, 0, descriptor, 0, address, len(message),
                 _MSG_DONTWAIT_NOSIGNAL, 0)  # fmt: skip
            place += 1
        words[self._tail] = place & 0xFFFFFFFF
        count = place - tail
        _call(_ENTER, self._fd, count, 0, 0, None, 0)
        return self._results(count)

    def _results(self, count: int) -> list[int]:
        head = self._words[self._head]
        found = [
            self._completions[((head + number) & self._done_mask) * 4 + 2]
            for number in range(count)
        ]
        self._words[self._head] = (head + count) & 0xFFFFFFFF
        return found

    def close(self) -> None:
        """Give the ring back."""
        os.close(self._fd)
