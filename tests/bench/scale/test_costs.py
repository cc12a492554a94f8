"""The figures that the model is fed with: each is one that is there, and says where it is from."""

from __future__ import annotations

import dataclasses

from hubbub.bench.scale.costs import MEASURED, Costs


def test_nothing_costs_nothing() -> None:
    assert all(value > 0 for value in dataclasses.astuple(Costs()))


def test_what_is_measured_is_a_cost() -> None:
    known = {each.name for each in dataclasses.fields(Costs)} | {"sync"}
    named = {name for names, _ in MEASURED for name in names.split(", ")}
    assert named <= known
    assert all(source for _, source in MEASURED)
