"""A line editor without I/O: keys in, a text and what to do with it out.

Which key does what is in key_bindings.py; what is done, here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hubbub.ui.editing.buffer import Buffer
from hubbub.ui.editing.history import InputHistory
from hubbub.ui.editing.key_bindings import ACTION_OF
from hubbub.ui.editing.key_decoder import Key, Paste, Press, Text

Complete = Callable[[str], tuple[str, list[str]]]
"""Return the word at the end of what stands before the cursor, and what it can become."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """Hold what was typed and sent; `pasted` says that more of it may be pasted than was meant.

    So it is where a paste brought several lines, or had no end. `cut` says that there was no room
    for the rest of one.
    """

    text: str
    pasted: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Say that the text was thrown away (Ctrl-C)."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Say that the person leaves (Ctrl-D where nothing is typed)."""


@dataclass(frozen=True, slots=True)
class BufferFull:
    """Say that what was typed or pasted found no room."""


@dataclass(frozen=True, slots=True)
class Unended:
    """Say that a paste never ended: what came of it is in the text."""


@dataclass(frozen=True, slots=True)
class Unbound:
    """Name a key that the editor does not know, for whoever does."""

    name: str


Outcome = Submitted | Interrupted | Ended | BufferFull | Unended | Unbound


@dataclass(frozen=True, slots=True)
class Offer:
    """Hold what Tab offers: the words, where they would stand, and which one does (-1: none)."""

    words: tuple[str, ...]
    start: int
    chosen: int = -1


@dataclass(frozen=True, slots=True)
class IncrementalSearch:
    """Hold what is searched for in the history, the text from before, and what was found last.

    `lost` says that there is nothing with these words, or nothing further up.
    """

    words: str
    before: str
    place: int | None = None
    lost: bool = False


class Editor:
    """Hold one line of input, of one or several lines of text."""

    def __init__(
        self,
        complete: Complete | None = None,
        history: InputHistory | None = None,
        masked: bool = False,
        single: bool = False,
    ) -> None:
        """Begin empty; `masked` is for passwords: no history, and nothing shows the text.

        `single` is for answers: of several lines the first is taken. `changes` counts whatever may
        have changed the text, so that what was drawn of it can be kept.
        """
        self.buffer = Buffer()
        self.changes = 0
        self.history = InputHistory() if history is None else history
        self.masked = masked
        self._single = single
        self.offer: Offer | None = None
        self.search: IncrementalSearch | None = None
        self._complete = complete
        self._killed = ""
        self._killing = False
        self._went_on = False
        self._pasted = self._lost = self._cut = False

    @property
    def text(self) -> str:
        """Return the text."""
        return self.buffer.text

    def set(self, text: str) -> None:
        """Begin anew with a text."""
        self.changes += 1
        self.buffer.set(text)
        self.offer = self.search = None
        self._pasted = self._lost = self._cut = False

    def put_back(self, entered: Submitted) -> None:
        """Begin anew with what was entered, which is still to be asked about if it was."""
        self.set(entered.text)
        self._pasted = entered.pasted
        self._lost = entered.pasted and "\n" not in entered.text.strip()
        self._cut = entered.cut

    def press(self, key: Key) -> Outcome | None:
        """Do what a key does; return what is to be done about it elsewhere."""
        self.changes += 1
        self._went_on, self._killing = self._killing, False
        if self.search is not None and self._searching(self.search, key):
            return None
        if isinstance(key, Press):
            offer, self.offer = self.offer, None
            if key.name in ("tab", "s-tab"):
                self._tab(offer, -1 if key.name == "s-tab" else 1)
                return None
            action = ACTION_OF.get(key.name)
            return Unbound(key.name) if action is None else _ACTIONS[action](self)
        self.offer = None
        if isinstance(key, Paste):
            return self._paste(key)
        return None if self.buffer.insert(key.text) else BufferFull()

    def _paste(self, paste: Paste) -> Outcome | None:
        text = paste.text.strip("\n")
        if self._single:
            text = text.partition("\n")[0]
        self._pasted |= "\n" in text
        self._lost |= paste.lost
        if not self.buffer.insert(text) or paste.cut:
            self._cut = True
            return BufferFull()
        return Unended() if paste.lost else None

    def _enter(self) -> Outcome:
        pasted = self._lost or self._cut or (self._pasted and "\n" in self.text.strip())
        entered = Submitted(self.text, pasted, self._cut)
        if not self.masked:
            self.history.add(entered.text)
        self.set("")
        return entered

    def _interrupt(self) -> Outcome:
        self.set("")
        self.history.add("")
        return Interrupted()

    def _end_or_delete(self) -> Outcome | None:
        if not self.buffer.graphemes:
            return Ended()
        self._delete()
        return None

    def _break_line(self) -> Outcome | None:
        if self._single:
            return None
        return None if self.buffer.insert("\n") else BufferFull()

    def _backspace(self) -> None:
        cursor = self.buffer.cursor
        self.buffer.delete(max(0, cursor - 1), cursor)

    def _delete(self) -> None:
        self.buffer.delete(self.buffer.cursor, self.buffer.cursor + 1)

    def kill(self, place: int) -> None:
        """Take out what lies between the cursor and a place, for Ctrl-Y; gather it in a row."""
        cursor = self.buffer.cursor
        if not self._went_on:
            self._killed = ""
        if place < cursor:
            self._killed = self.buffer.delete(place, cursor) + self._killed
        else:
            self._killed += self.buffer.delete(cursor, place)
        self._killing = True

    def _yank(self) -> Outcome | None:
        return None if self.buffer.insert(self._killed) else BufferFull()

    def _transpose(self) -> None:
        buffer = self.buffer
        place = min(buffer.cursor, len(buffer.graphemes) - 1)
        if place > 0:
            first, second = buffer.graphemes[place - 1 : place + 1]
            buffer.replace(place - 1, place + 1, second + first)

    def _up(self) -> None:
        above = self.buffer.line_above()
        if above is None:
            self._recall(-1)
        else:
            self.buffer.cursor = above

    def _down(self) -> None:
        below = self.buffer.line_below()
        if below is None:
            self._recall(1)
        else:
            self.buffer.cursor = below

    def _recall(self, step: int) -> None:
        if self.masked:
            return
        text = self.history.move(step, self.text)
        if text is not None:
            self.buffer.set(text)

    def _tab(self, offer: Offer | None, step: int) -> None:
        """Complete the word: at once, as far as all words agree, and then one after the other."""
        if offer is not None:
            self._choose(offer, step)
            return
        if self._complete is None or self.masked:
            return
        word, words = self._complete(self.buffer.before)
        end = self.buffer.cursor
        start = end - len(_graphemes_at_end(self.buffer, word))
        common = _common(words)
        if len(common) >= len(word) and common != word:
            self.buffer.replace(start, end, common)
        if len(words) > 1:
            self.offer = Offer(tuple(words), start)

    def _choose(self, offer: Offer, step: int) -> None:
        before = max(offer.chosen, -1 if step > 0 else 0)
        chosen = (before + step) % len(offer.words)
        self.buffer.replace(offer.start, self.buffer.cursor, offer.words[chosen])
        self.offer = Offer(offer.words, offer.start, chosen)

    def _begin_search(self) -> None:
        if not self.masked:
            self.search = IncrementalSearch("", self.text)

    def _searching(self, search: IncrementalSearch, key: Key) -> bool:
        """Take a key of the search; return False where it ends the search and does more."""
        match key:
            case Text(text):
                self._find(search, search.words + text, search.place)
            case Press("backspace" | "c-h"):
                self._find(search, search.words[:-1], None)
            case Press("c-r"):
                self._find(search, search.words, (search.place or 0) - 1)
            case Press("c-g" | "escape" | "c-c"):
                self.set(search.before)
            case Press("enter"):
                self.search = None
            case _:
                self.search = None
                return False
        return True

    def _find(self, search: IncrementalSearch, words: str, place: int | None) -> None:
        """Show the newest entry that holds the words, from a place upwards."""
        words = words[:_SEARCHED]
        newest = len(self.history) if place is None else place + 1
        found = self.history.search(words, newest) if words else None
        if found is not None:
            self.buffer.set(self.history[found])
        last = search.place if found is None else found
        self.search = IncrementalSearch(words, search.before, last, bool(words) and found is None)


_SEARCHED: Final = 200
"""The most characters that are searched for."""


def _common(words: list[str]) -> str:
    """Return what all words begin with."""
    if not words:
        return ""
    first, last = min(words), max(words)
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    return first[:length]


def _graphemes_at_end(buffer: Buffer, word: str) -> list[str]:
    """Return the graphemes before the cursor that make up a word."""
    place, length = buffer.cursor, len(word)
    while length > 0 and place > 0:
        place -= 1
        length -= len(buffer.graphemes[place])
    return buffer.graphemes[place : buffer.cursor]


def _going(place: Callable[[Buffer], int]) -> Callable[[Editor], None]:
    """Return what goes to a place."""

    def go(editor: Editor) -> None:
        editor.buffer.cursor = max(0, min(place(editor.buffer), len(editor.buffer.graphemes)))

    return go


def _killing(place: Callable[[Buffer], int]) -> Callable[[Editor], None]:
    """Return what takes out everything up to a place."""
    return lambda editor: editor.kill(place(editor.buffer))


def _line_or_break(buffer: Buffer) -> int:
    end = buffer.line_end()
    return end + 1 if end == buffer.cursor else end


_ACTIONS: Final[dict[str, Callable[[Editor], Outcome | None]]] = {
    "accept-line": Editor._enter,
    "insert-newline": Editor._break_line,
    "interrupt": Editor._interrupt,
    "delete-char-or-end": Editor._end_or_delete,
    "backward-delete-char": Editor._backspace,
    "delete-char": Editor._delete,
    "backward-char": _going(lambda buffer: buffer.cursor - 1),
    "forward-char": _going(lambda buffer: buffer.cursor + 1),
    "beginning-of-line": _going(Buffer.line_start),
    "end-of-line": _going(Buffer.line_end),
    "backward-word": _going(Buffer.word_left),
    "forward-word": _going(Buffer.word_right),
    "beginning-of-text": _going(lambda buffer: 0),
    "end-of-text": _going(lambda buffer: len(buffer.graphemes)),
    "kill-line": _killing(_line_or_break),
    "unix-line-discard": _killing(Buffer.line_start),
    "unix-word-rubout": _killing(Buffer.blank_left),
    "backward-kill-word": _killing(Buffer.word_left),
    "kill-word": _killing(Buffer.word_right),
    "yank": Editor._yank,
    "transpose-chars": Editor._transpose,
    "previous-line-or-history": Editor._up,
    "next-line-or-history": Editor._down,
    "reverse-search-history": Editor._begin_search,
    "abort": lambda editor: None,
}
"""What each action of key_bindings.py does."""
