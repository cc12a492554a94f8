"""Msgids: public names of entries, which tell nothing about how many others there are.

A msgid is the entry's seq and its epoch, eight bytes each, as one block of AES-128 under the
journal's key, in url-safe base64 without padding. It can be turned back into the seq, so no index
of msgids is kept; the epoch shows that a msgid is of this journal. The first epoch is 0. A new one,
drawn at random, begins where a seq may be given a second time, after records were lost: so no msgid
ever names two entries.
"""

from __future__ import annotations

import binascii
import struct
from base64 import urlsafe_b64decode
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

KEY_BYTES: Final = 16
LENGTH: Final = 22
"""Characters of a msgid."""

_BLOCK: Final = 16
_ENCODED: Final = 24
_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")


class MsgidKey:
    """Name entries by their seqs, and find seqs by those names; usable from any thread."""

    def __init__(self, key: bytes, epochs: Sequence[tuple[int, int]] = ()) -> None:
        """Take the journal's key of 16 bytes; `epochs` are (first seq, epoch) after the first."""
        self._firsts = [0, *(first for first, _ in epochs)]
        self._epochs = [0, *(epoch for _, epoch in epochs)]
        # One block is enciphered once and never chained: ECB is the bare permutation, as meant.
        self._cipher = Cipher(AES(key), ECB())  # noqa: S305
        # To begin anew with each commit takes longer than to encipher one.
        self._giving = self._cipher.encryptor().update

    def encode_many(self, first_seq: int, count: int) -> list[str]:
        """Return the msgids of `count` seqs in a row; for whoever gives them, in one thread."""
        return self._encode(range(first_seq, first_seq + count), self._giving)

    def encode(self, seqs: Iterable[int]) -> list[str]:
        """Return the msgids of any seqs, in their order."""
        return self._encode(seqs, self._cipher.encryptor().update)

    def _encode(self, seqs: Iterable[int], encipher: Callable[[bytes], bytes]) -> list[str]:
        pack = struct.Struct(">QQ").pack
        if len(self._epochs) == 1:
            plain = b"".join([pack(seq, 0) for seq in seqs])
        else:
            plain = b"".join([pack(seq, self._epoch(seq)) for seq in seqs])
        blocks = memoryview(encipher(plain))
        # Two bytes between the blocks make each begin at a whole base64 character.
        spaced = b"\0\0".join([blocks[at : at + _BLOCK] for at in range(0, len(blocks), _BLOCK)])
        text = binascii.b2a_base64(spaced, newline=False).translate(_URL_SAFE).decode()
        return [text[at : at + LENGTH] for at in range(0, len(text), _ENCODED)]

    def decode(self, msgid: str) -> int | None:
        """Return the seq that a msgid names, or None where it is none of this journal."""
        if len(msgid) != LENGTH or not msgid.isascii():
            return None
        try:
            block = urlsafe_b64decode(msgid + "==")
        except binascii.Error:
            return None
        if len(block) != _BLOCK:
            return None
        plain = self._cipher.decryptor().update(block)
        seq, epoch = struct.unpack(">QQ", plain)
        # Of an entry that was lost only its name is left, and its seq names another one by now.
        if epoch != self._epoch(seq) or self.encode((seq,)) != [msgid]:
            return None
        return int(seq)

    def _epoch(self, seq: int) -> int:
        return self._epochs[bisect_right(self._firsts, seq) - 1]
