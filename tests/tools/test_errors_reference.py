"""Each room has one tree of errors, drawn as it is, and each error says what comes of it."""

from __future__ import annotations

import re

import pytest

from tools.errors_reference import Error, errors, tree

KNOWN = errors()
HOMES = sorted({each.module for each in KNOWN.values()})


def lineage(error: Error) -> list[str]:
    """Return an error's name and those of the package's errors that it is one of."""
    names = [error.name]
    for base in error.bases:
        if base in KNOWN:
            names += lineage(KNOWN[base])
    return names


def drawn(picture: str) -> dict[str, str]:
    """Return each error of a drawn tree with the one that it hangs on, "" for the root."""
    found: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in picture.splitlines():
        match = re.match(r"([ |]*(?:\+-- )?)([A-Z]\w+)(?: |$)", line)
        if match is None or (found and "+--" not in match[1]):
            continue
        depth, name = len(match[1]), match[2]
        above = [each for each in above if each[0] < depth]
        found[name] = above[-1][1] if above else ""
        above.append((depth, name))
    return found


def test_each_room_has_one_tree_in_one_file() -> None:
    roots = [each for each in KNOWN.values() if not any(base in KNOWN for base in each.bases)]
    assert len({each.room for each in roots}) == len(roots) == len(HOMES)


@pytest.mark.parametrize("home", HOMES)
def test_the_tree_is_drawn_as_it_is(home: str) -> None:
    here = {each.name: each for each in KNOWN.values() if each.module == home}
    bases = {
        name: next((base for base in each.bases if base in here), "") for name, each in here.items()
    }
    assert len(here) == 1 or drawn(tree(home)) == bases


@pytest.mark.parametrize("name", KNOWN)
def test_each_error_says_what_comes_of_it_and_something_does(name: str) -> None:
    error = KNOWN[name]
    if "never raised itself" in error.doc:
        assert not error.raised
        return
    assert "\n\n" in error.doc, "say in a second paragraph what whoever it concerns sees"
    assert any(KNOWN[each].caught for each in lineage(error)), "nobody catches it"
