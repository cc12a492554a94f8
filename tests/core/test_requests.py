"""What the rules ask of the shell is a closed list, of which the shell leaves nothing undone."""

from __future__ import annotations

import inspect
from typing import Any, cast, get_args
from unittest.mock import Mock

import msgspec
import pytest

from hubbub.core import requests
from hubbub.core.requests import History, Msgid, Request, Timestamp
from hubbub.node.requests import Requests

ANSWERS = {requests.Proof, requests.Later, requests.Reread}
"""What a request is gone on with, rather than asked for."""


def test_the_union_names_every_request() -> None:
    classes = {
        each
        for _, each in inspect.getmembers(requests, inspect.isclass)
        if each.__module__ == requests.__name__ and issubclass(each, msgspec.Struct)
    }
    assert set(get_args(Request)) == classes - ANSWERS - set(get_args(requests.Bound))


@pytest.mark.pure
def test_the_shell_carries_out_every_request() -> None:
    none = cast(Any, Mock())
    table = Requests(none, none, none, none, none, none)._table
    assert set(table) == set(get_args(Request))


@pytest.mark.parametrize("bound", [Msgid("id7"), Timestamp(7)])
def test_a_question_is_asked_of_a_history_that_was_found_as_it_was(bound: requests.Bound) -> None:
    asked = History("@a:ann/", "guest", 50, after=bound, latest=False, events=True)
    found = asked.of("@a:ann/g:1.1.1")
    assert found.history == "@a:ann/g:1.1.1"
    assert found.of("@a:ann/") == asked
