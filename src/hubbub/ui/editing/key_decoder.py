"""Bytes from a terminal as keys: UTF-8, and the escape sequences that real terminals send.

xterm and those after it, rxvt, the Linux console, screen and tmux, PuTTY, and kitty's CSI u and
xterm's modifyOtherKeys; Alt as ESC before a key; bracketed paste.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

PASTE: Final = 64 * 1024
"""The most characters of one paste; of a longer one the rest is dropped, and the paste says so."""
SEQUENCE: Final = 64
"""The most characters of an escape sequence; a longer one is skipped to its end and means nothing.
"""
STRING: Final = 4096
"""The most characters of a control string (ECMA-48, 5.6); what comes after them are keys again."""
SEQUENCE_SECONDS: Final = 0.05
"""How long an Escape, or a sequence that has begun, waits for what may follow."""
PASTE_SECONDS: Final = 2.0
"""How long a paste may pause: the line may be slow, but one whose end is lost takes no more keys.
"""


@dataclass(frozen=True, slots=True)
class Text:
    """Hold what was typed: characters that are no control characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Press:
    """Name a key as `left`, with `c-`, `m-` and `s-` before it for Ctrl, Alt and Shift."""

    name: str


@dataclass(frozen=True, slots=True)
class Paste:
    """Hold what was pasted, with `\\n` between its lines and without NUL, which nothing can send.

    `cut` says that it was longer, `lost` that its end never came: its last letters may be keys.
    """

    text: str
    cut: bool = False
    lost: bool = False


Key = Text | Press | Paste

_PASTE_BEGIN: Final = "200~"
_PASTE_END: Final = "\x1b[201~"
_CONTROLS: Final = {
    "\x00": "c-space",
    "\t": "tab",
    "\n": "enter",
    "\r": "enter",
    "\x1b": "escape",
    "\x1c": "c-\\",
    "\x1d": "c-]",
    "\x1e": "c-^",
    "\x1f": "c-_",
    "\x7f": "backspace",
    "\x08": "backspace",
}
_FINALS: Final = {
    "A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end", "M": "enter",
    "P": "f1", "Q": "f2", "R": "f3", "S": "f4", "Z": "s-tab",
    "a": "s-up", "b": "s-down", "c": "s-right", "d": "s-left",
}  # fmt: skip
"""The last character of CSI sequences; lower case is rxvt's Shift."""
_NUMBERED: Final = {
    1: "home", 2: "insert", 3: "delete", 4: "end", 5: "page-up", 6: "page-down", 7: "home",
    8: "end", 11: "f1", 12: "f2", 13: "f3", 14: "f4", 15: "f5", 17: "f6", 18: "f7", 19: "f8",
    20: "f9", 21: "f10", 23: "f11", 24: "f12",
}  # fmt: skip
"""The number before `~`."""
_KEYPAD: Final = {
    "A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end", "M": "enter",
    "P": "f1", "Q": "f2", "R": "f3", "S": "f4",
    "a": "c-up", "b": "c-down", "c": "c-right", "d": "c-left",
}  # fmt: skip
"""What follows ESC O; lower case is rxvt's Ctrl."""
_KEYPAD_TEXT: Final = dict(zip("jklmnopqrstuvwxyX", "*+,-./0123456789=", strict=True))
_KITTY: Final = {
    9: "tab", 13: "enter", 27: "escape", 32: "space", 127: "backspace",
    57414: "enter", 57417: "left", 57418: "right", 57419: "up", 57420: "down", 57421: "page-up",
    57422: "page-down", 57423: "home", 57424: "end", 57425: "insert", 57426: "delete",
}  # fmt: skip
"""The code before `u` (kitty's keyboard protocol, functional keys), besides characters."""
_KITTY_TEXT: Final = dict(enumerate("0123456789./*-+", 57399))
_KITTY_PRIVATE: Final = range(57344, 63744)
_RELEASE: Final = "3"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_ESCAPE: Final = "\x1b"
_STRINGS: Final = "]P_^X"
"""What begins a control string after ESC: OSC, DCS, APC, PM, SOS; a terminal answers with them."""
_BELL: Final = "\x07"
_STRING_END = re.compile(f"\x1b\\\\|{_CONTROL.pattern}")


class Decoder:
    """Turn bytes into keys, in whatever pieces they come."""

    def __init__(self) -> None:
        """Begin between two keys."""
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._skipping = False
        self._pasting = False
        self._pasted: list[str] = []
        self._pasted_size = 0

    @property
    def patience(self) -> float:
        """Return for how many seconds of silence what has begun may still go on; 0: nothing has.

        Whoever knows the time calls `flush` then.
        """
        if self._pasting:
            return PASTE_SECONDS
        return SEQUENCE_SECONDS if self._rest or self._skipping else 0.0

    def feed(self, data: bytes) -> list[Key]:
        """Return the keys that are complete; bytes that are no UTF-8 become U+FFFD."""
        text = self._rest + self._utf8.decode(data)
        self._rest = ""
        keys: list[Key] = []
        position = 0
        while position < len(text):
            taken = self._next(text, position, keys)
            if not taken:
                self._rest = text[position:]
                break
            position += taken
        return keys

    def flush(self) -> list[Key]:
        """Return what has begun as it is, for nothing follows: Escape, a paste without its end.

        Any other sequence that was never ended is dropped.
        """
        rest, self._rest = self._rest, ""
        self._skipping = False
        if self._pasting:
            self._gather(rest)
            return [self._pasted_key(lost=True)]
        if rest in (_ESCAPE, _ESCAPE * 2):
            return [Press("escape")]
        # Alt with a letter that could have begun a string, or a sequence.
        return [Press(f"m-{rest[1]}")] if len(rest) == 2 and rest[0] == _ESCAPE else []

    def _next(self, text: str, position: int, keys: list[Key]) -> int:
        """Take one key; return how many characters it was, or 0 where more must come."""
        if self._pasting:
            return self._paste(text, position, keys)
        if self._skipping and (taken := self._skip(text, position)):
            return taken
        character = text[position]
        if character == _ESCAPE:
            return self._escape(text, position, keys)
        control = _CONTROL.search(text, position)
        if control is None or control.start() > position:
            end = control.start() if control else len(text)
            keys.append(Text(text[position:end]))
            return end - position
        if name := _control(character):
            keys.append(Press(name))
        return 1

    def _escape(self, text: str, position: int, keys: list[Key]) -> int:
        """Take what begins with ESC."""
        start = position + 1
        if start == len(text):
            return 0
        if text[start] == _ESCAPE:
            # rxvt's Alt before a key with a sequence; of more than two the last two count.
            if text.startswith(_ESCAPE, start + 1):
                keys.append(Press("escape"))
                return 1
            following: list[Key] = []
            taken = self._escape(text, start, following)
            keys.extend(_with_alt(following))
            return taken + 1 if taken else 0
        if text[start] == "[":
            return self._csi(text, position, keys)
        if text[start] == "O":
            return _ss3(text, position, keys)
        if text[start] in _STRINGS:
            return self._string(text, position)
        name = _control(text[start]) if _CONTROL.match(text[start]) else text[start]
        if name:
            keys.append(Press(f"m-{name}"))
        return 2

    def _csi(self, text: str, position: int, keys: list[Key]) -> int:
        """Take a control sequence (ECMA-48, 5.4); another control character breaks it off."""
        start = position + 2
        if text.startswith("[", start):
            # The Linux console's F1 to F5.
            letter = text[start + 1 : start + 2]
            if "A" <= letter <= "E":
                keys.append(Press(f"f{ord(letter) - ord('A') + 1}"))
            return 3 + bool(letter) if letter else 0
        for end in range(start, min(len(text), position + SEQUENCE)):
            character = text[end]
            if "@" <= character <= "~" or (character == "$" and text[start:end].isdigit()):
                self._sequence(text[start:end], character, keys)
                return end + 1 - position
            if not " " <= character <= "?":
                return end - position
        if len(text) - position < SEQUENCE:
            return 0
        self._skipping = True
        return SEQUENCE

    def _string(self, text: str, position: int) -> int:
        """Pass over a control string, to its end or to a control character that breaks it off."""
        end = _STRING_END.search(text, position + 2, position + STRING)
        if end is None:
            return STRING if len(text) - position >= STRING else 0
        if end[0] == _ESCAPE and end.end() == len(text):
            # Perhaps the first half of its end.
            return 0
        is_end = len(end[0]) > 1 or end[0] == _BELL
        return (end.end() if is_end else end.start()) - position

    def _skip(self, text: str, position: int) -> int:
        """Pass over the rest of a sequence that is too long."""
        for end in range(position, len(text)):
            if not " " <= text[end] <= "?":
                self._skipping = False
                return end - position + ("@" <= text[end] <= "~")
        return len(text) - position

    def _sequence(self, parameters: str, final: str, keys: list[Key]) -> None:
        if parameters + final == _PASTE_BEGIN:
            self._pasting = True
            return
        key = _named(parameters, final)
        if key is not None:
            keys.append(key)

    def _paste(self, text: str, position: int, keys: list[Key]) -> int:
        """Take a piece of a paste up to its end."""
        end = text.find(_PASTE_END, position)
        if end >= 0:
            self._gather(text[position:end])
            keys.append(self._pasted_key())
            return end + len(_PASTE_END) - position
        kept = len(text)
        for length in range(1, len(_PASTE_END)):
            if text.endswith(_PASTE_END[:length], position):
                kept = len(text) - length
        self._gather(text[position:kept])
        return kept - position

    def _pasted_key(self, lost: bool = False) -> Paste:
        """Return what was gathered, and take keys again."""
        key = Paste(_lines("".join(self._pasted)), self._pasted_size > PASTE, lost)
        self._pasting = False
        self._pasted.clear()
        self._pasted_size = 0
        return key

    def _gather(self, text: str) -> None:
        room = max(0, PASTE - self._pasted_size)
        if room and text:
            self._pasted.append(text[:room])
        self._pasted_size = min(self._pasted_size + len(text), PASTE + 1)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _control(character: str) -> str:
    """Return the name of a control character, or "" for C1."""
    if character in _CONTROLS:
        return _CONTROLS[character]
    return f"c-{chr(ord(character) + 96)}" if character < " " else ""


def _with_alt(keys: list[Key]) -> list[Key]:
    return [
        Press(f"m-{key.name}") if isinstance(key, Press) and not key.name.startswith("m-") else key
        for key in keys
    ]


def _ss3(text: str, position: int, keys: list[Key]) -> int:
    """Take a single shift: the keypad, and arrows in application mode."""
    end = position + 2
    if text[end : end + 1].isdigit():
        # Old xterms put the modifiers here.
        end += 1
    if end >= len(text):
        return 0
    modifiers, final = text[position + 2 : end], text[end]
    if final in _KEYPAD:
        keys.append(Press(_modified(_KEYPAD[final], modifiers)))
    elif final in _KEYPAD_TEXT:
        keys.append(Text(_KEYPAD_TEXT[final]))
    elif not " " <= final <= "~":
        keys.append(Press("m-O"))
        return end - position
    return end + 1 - position


def _named(parameters: str, final: str) -> Key | None:
    """Return the key of a control sequence, None for one that is no key."""
    fields = [field.split(":") for field in parameters.split(";")]
    modifiers = fields[1] if len(fields) > 1 else [""]
    if modifiers[1:2] == [_RELEASE]:
        return None
    first = _number(fields[0][0])
    if final == "u" and first is not None:
        return _coded(first, modifiers[0])
    if final == "~" and first == 27 and len(fields) == 3:
        code = _number(fields[2][0])
        return None if code is None else _coded(code, modifiers[0])
    if final in "~$^@" and first in _NUMBERED:
        shift = {"$": "s-", "^": "c-", "@": "c-s-"}.get(final, "")
        return Press(_modified(shift + _NUMBERED[first], modifiers[0]))
    if final in _FINALS and (first is not None or not parameters):
        return Press(_modified(_FINALS[final], modifiers[0]))
    return None


def _is_character(code: int) -> bool:
    """Say whether a code is that of a character, and of no key, half or control."""
    if code in _KITTY_PRIVATE or 0xD800 <= code < 0xE000:
        return False
    return 32 <= code <= 0x10FFFF


def _coded(code: int, modifiers: str) -> Key | None:
    """Return the key of a character's code with modifiers."""
    if code in _KITTY_TEXT:
        return Text(_KITTY_TEXT[code])
    if code in _KITTY:
        name = _KITTY[code]
    elif not _is_character(code):
        return None
    else:
        name = chr(code)
    prefix = _modified("", modifiers)
    if len(name) == 1 and prefix in ("", "s-"):
        return None if _CONTROL.match(name) else Text(name.upper() if prefix else name)
    if name == "space" and prefix in ("", "s-"):
        return Text(" ")
    return Press(prefix + (name.lower() if "c-" in prefix else name))


def _modified(name: str, modifiers: str) -> str:
    """Put Ctrl, Alt and Shift before a key, as bits of the number less one (xterm, Modifiers)."""
    bits = (_number(modifiers) or 1) - 1
    prefix = ("c-" if bits & 4 else "") + ("m-" if bits & 2 else "") + ("s-" if bits & 1 else "")
    return prefix + name


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
