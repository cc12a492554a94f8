"""Which key does what in the line: the usual ones of GNU Readline (emacs mode), by its names.

Keys are named as the decoder names them (key_decoder.py), each is bound once. Tab completes, and
within a search the keys are the search's: both depend on what came before, so the editor takes
them by itself.
"""

from __future__ import annotations

from typing import Final

BINDINGS: Final = {
    "accept-line": "enter",
    "insert-newline": "m-enter s-enter",
    "interrupt": "c-c",
    "delete-char-or-end": "c-d",
    "backward-delete-char": "backspace c-h s-backspace",
    "delete-char": "delete",
    "backward-char": "left c-b",
    "forward-char": "right c-f",
    "beginning-of-line": "home c-a",
    "end-of-line": "end c-e",
    "backward-word": "m-b c-left m-left",
    "forward-word": "m-f c-right m-right",
    "beginning-of-text": "m-< c-home",
    "end-of-text": "m-> c-end",
    "kill-line": "c-k",
    "unix-line-discard": "c-u",
    "unix-word-rubout": "c-w",
    "backward-kill-word": "m-backspace c-backspace",
    "kill-word": "m-d c-delete m-delete",
    "yank": "c-y",
    "transpose-chars": "c-t",
    "previous-line-or-history": "up c-p",
    "next-line-or-history": "down c-n",
    "reverse-search-history": "c-r",
    "abort": "escape c-g",
}
"""The keys of each action; what an action does is in editor.py."""
ACTION_OF: Final = {key: action for action, keys in BINDINGS.items() for key in keys.split()}
"""The action of each key."""
