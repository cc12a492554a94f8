"""`hubbub search`: pages of hits as lines or JSON, through a stand-in for the server."""

from __future__ import annotations

import json

import pytest
import typer

from hubbub.cli import searching
from hubbub.irc.message import Message, parse_tags

TIME = "2026-01-01T00:01:02.345Z"


class Answers:
    """Answer as a server that has so many hits, the last said last."""

    def __init__(self, count: int, *notes: str) -> None:
        self.asked: list[dict[str, str]] = []
        self._count, self._notes = count, notes

    def __call__(self, config: None, data: None, command: str, *params: str) -> list[Message]:
        attributes = dict(parse_tags(params[0]))
        self.asked.append(attributes)
        last = int(attributes["page"]) if "page" in attributes else self._count
        numbers = range(max(0, last - int(attributes["limit"])), last)
        hits = [
            Message("SEARCH", ("HIT", TIME, str(n), "#a", "bob!b@h", json.dumps(f"disk {n}\nlast")))
            for n in numbers
        ]
        return [*hits, *(Message("NOTE", ("SEARCH", "BEHIND", "9", note)) for note in self._notes)]


def search(
    monkeypatch: pytest.MonkeyPatch, answers: Answers, *, count: int = 50, as_json: bool = False
) -> None:
    monkeypatch.setattr(searching, "carry_out", answers)
    searching.search(["disk", "from:bob"], as_json=as_json, count=count, direct=True)


def test_hits_are_lines_the_oldest_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = Answers(2)
    search(monkeypatch, answers)
    assert capsys.readouterr().out.splitlines() == [
        f"2026-01-01 00:01:02Z #a <bob> {text}" for text in ("disk 0", "last", "disk 1", "last")
    ]
    assert answers.asked == [{"text": "disk from:bob", "limit": "50", "direct": ""}]


def test_it_goes_on_until_there_are_as_many_as_were_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(searching, "PAGE", 2)
    answers = Answers(9)
    search(monkeypatch, answers, count=3, as_json=True)
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["msgid"] for one in found] == ["6", "7", "8"]
    assert found[0] == {
        "time": TIME, "target": "#a", "nick": "bob", "source": "bob!b@h", "text": "disk 6\nlast",
        "msgid": "6",
    }  # fmt: skip
    assert [one.get("page") for one in answers.asked] == [None, "7"]


def test_what_was_not_searched_is_told_and_shows_in_the_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        search(monkeypatch, Answers(1, "not all"))
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == "hubbub: not all\n"
