"""Everybody who is in tries everything: the table holds, and no privilege is used unrecorded."""

from __future__ import annotations

import functools
import re

import pytest

from hubbub.core.dispatch import COMMANDS
from hubbub.core.policy import privileges
from hubbub.core.policy.privileges import PRIVILEGES
from tests.insiders.matrix import rows, tried
from tests.insiders.scene import WHO, Outcome, attempt

ROWS = rows()
NOT_IN_THE_RULES = {"flood-exempt"}
"""What the shell asks for: nothing is done by it, so that nothing is on record."""
_TOGETHER = {"ban-network": {"see-bans"}, "operators": {"accounts"}}
"""The privileges that are of use beside another only, as each class has them."""
BOOKS = {"accounts", "audit", "ban-network", "operators", "see-bans", "switches", "cluster"}
"""The privileges with which one reads what only operators write: that leaves no record."""


def test_every_command_has_its_row() -> None:
    tried_ones = {re.sub(r"^@\S+ ", "", line).split()[0] for s in ROWS for line in s.split(" ; ")}
    assert tried_ones == COMMANDS.keys()


@pytest.mark.parametrize("sent", ROWS)
def test_what_comes_of_it(sent: str) -> None:
    assert dict(zip(WHO, tried(sent), strict=True)) == dict(zip(WHO, ROWS[sent], strict=True))


@functools.cache
def by(operator_class: str, sent: str) -> Outcome:
    """Return what comes of a row for an operator of a class."""
    return attempt("W", sent, operator_class)


def is_used(sent: str, outcome: Outcome) -> bool:
    """Say whether a privilege made a difference that is more than another refusal."""
    plain = by("none", sent)
    # What asks whether one is sure says what there is.
    refused = outcome.cell.rstrip("!") not in ("+", ".", "closed", "NOT_CONFIRMED")
    return not refused and (outcome.told, outcome.records) != (plain.told, plain.records)


def is_book(held: frozenset[str], outcome: Outcome) -> bool:
    """Say whether all that came of it is that one read what operators wrote."""
    return bool(held & BOOKS) and not outcome.records and outcome.requests in ((), ("Audit",))


@pytest.mark.parametrize("privilege", sorted(PRIVILEGES.keys() - NOT_IN_THE_RULES))
def test_what_only_a_privilege_allowed_is_on_record(
    privilege: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = frozenset({privilege} | _TOGETHER.get(privilege, set()))
    classes = {"none": frozenset[str](), "only": held, "but": PRIVILEGES.keys() - {privilege}}
    for name, privileges_held in classes.items():
        monkeypatch.setitem(privileges.CLASSES, name, frozenset(privileges_held))
    outcomes = {sent: attempt("W", sent, "only") for sent in ROWS}
    found = {sent: one for sent, one in outcomes.items() if is_used(sent, one)}
    silent = {s: one for s, one in found.items() if not one.acts and not is_book(held, one)}
    assert silent == {}
    assert any(attempt("W", s, "but").cell != by("owner", s).cell for s in found)
    needless = {s for s, one in outcomes.items() if one.acts and s not in found}
    assert not {s for s in needless if not by("none", s).acts}, "on record without need"
