"""Every key is bound once, to something that the editor does."""

from __future__ import annotations

import pytest

from hubbub.ui.editing.editor import Editor, Unbound
from hubbub.ui.editing.key_bindings import ACTION_OF, BINDINGS
from hubbub.ui.editing.key_decoder import Press


def test_no_key_is_bound_twice() -> None:
    keys = " ".join(BINDINGS.values()).split()
    assert len(keys) == len(set(keys)) == len(ACTION_OF)


@pytest.mark.parametrize("key", ACTION_OF)
def test_each_does_something_that_there_is(key: str) -> None:
    assert not isinstance(Editor().press(Press(key)), Unbound)


def test_all_keys_of_an_action_do_the_same() -> None:
    for keys in BINDINGS.values():
        found = set()
        for key in keys.split():
            editor = Editor()
            editor.buffer.set("two words\nand three more")
            editor.buffer.cursor = 5
            editor.press(Press(key))
            found.add((editor.text, editor.buffer.cursor, editor.search))
        assert len(found) == 1, keys
