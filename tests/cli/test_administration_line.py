"""Asking a running server, asking a person, printing answers: what the commands share."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pexpect
import pytest
import typer

from hubbub.cli import administration_line as line
from hubbub.cli.control import ControlError, NoAnswer
from hubbub.irc.message import Message
from tests.e2e.server import Server


class Asked:
    """Stand where the control socket is: answer as the test says, and remember what was asked."""

    def __init__(self) -> None:
        self.words: list[tuple[str, ...]] = []
        self.answers: list[list[Message] | ControlError] = []

    def __call__(self, directory: Path, *words: str, waits: Callable[[], None]) -> list[Message]:
        self.words.append(words)
        waits()
        answer = self.answers.pop(0)
        if isinstance(answer, ControlError):
            raise answer
        return answer


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked()
    monkeypatch.setattr(line, "ask", made)
    return made


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Be a person at a terminal who types these, one after another."""
    answers: list[str] = []

    def prompt(text: str) -> str:
        if not answers:
            raise EOFError
        return answers.pop(0)

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(getpass, "getpass", prompt)
    yield answers
    assert answers == []


def exit_code(run: Callable[[], Any]) -> int:
    with pytest.raises(typer.Exit) as caught:
        run()
    return caught.value.exit_code


@pytest.mark.parametrize(
    ("error", "code"),
    [(ControlError("not so"), 1), (NoAnswer("hangs"), 3), (ControlError("no", "NOT_CONFIRMED"), 1)],
)
def test_what_is_refused_is_said_on_standard_error_and_by_the_exit_code(
    asked: Asked,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    error: ControlError,
    code: int,
) -> None:
    asked.answers = [error]
    assert exit_code(lambda: line.carry_out(None, tmp_path, "STATUS")) == code
    assert capsys.readouterr().err.splitlines()[-1] == f"hubbub: {error}"


def test_settings_that_cannot_be_read_are_wrong_usage(asked: Asked, tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    assert exit_code(lambda: line.carry_out(missing, None, "STATUS")) == 2
    assert asked.words == []


def test_while_it_takes_long_that_is_said(
    asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked.answers = [[]]
    assert line.carry_out(None, tmp_path, "STATUS") == []
    assert capsys.readouterr().err == "hubbub: the server is still busy with it ...\n"


def test_who_said_yes_is_not_asked(asked: Asked, tmp_path: Path) -> None:
    asked.answers = [[]]
    line.carry_out_asked(None, tmp_path, True, ("UBAN", "ADD"), "x", "0")
    assert asked.words == [("UBAN", "ADD", "SURE", "x", "0")]


def test_what_needs_no_confirming_is_done_at_once(asked: Asked, tmp_path: Path) -> None:
    done = [Message("ACCOUNT", ("SET", "ann"))]
    asked.answers = [done]
    assert line.carry_out_asked(None, tmp_path, False, ("ACCOUNT",), "DROP", "ann") is done
    assert asked.words == [("ACCOUNT", "DROP", "ann")]


def test_where_nobody_can_be_asked_it_is_not_done(
    asked: Asked, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked.answers = [ControlError("It would end all; to do it, add the word SURE", "NOT_CONFIRMED")]
    do = partial(line.carry_out_asked, None, tmp_path, False, ("ACCOUNT",), "DROP", "ann")
    assert exit_code(do) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "hubbub: It would end all; add --yes to do it"
    )
    assert len(asked.words) == 1


@pytest.mark.parametrize(("answer", "sure"), [(True, True), (False, False)])
def test_a_person_is_asked_what_would_be_done(
    asked: Asked,
    typed: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: bool,
    sure: bool,
) -> None:
    questions: list[str] = []

    def confirm(text: str, err: bool) -> bool:
        questions.append(text)
        return answer

    monkeypatch.setattr(typer, "confirm", confirm)
    asked.answers = [ControlError("It would \x1b[2Jend all: to do it, SURE", "NOT_CONFIRMED"), []]
    do = partial(line.carry_out_asked, None, tmp_path, False, ("ACCOUNT",), "DROP", "ann")
    if sure:
        assert do() == []
        assert asked.words[-1] == ("ACCOUNT", "SURE", "DROP", "ann")
    else:
        assert exit_code(do) == 1
        assert len(asked.words) == 1
    (question,) = questions
    assert question.endswith("end all. Do it?")
    assert question.isprintable(), "what a server says controls no terminal"


def test_answers_stand_in_columns_and_control_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = (("LIST", "a", "one", "two"), ("LIST", "long", "\x1b[2Jthree"), ("LIST", "alone"))
    line.show([*(Message("X", row) for row in rows), Message("X", ("END", "End"))])
    first, second, alone = capsys.readouterr().out.splitlines()
    assert first == "a     one two"
    assert second.startswith("long  ")
    assert second.isprintable()
    assert alone == "alone"


def test_nothing_is_printed_of_no_answers(capsys: pytest.CaptureFixture[str]) -> None:
    line.show([Message("X", ("END", "End"))])
    assert capsys.readouterr().out == ""


def test_a_code_stands_last_with_what_its_owner_does_with_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answers = (("RESET", "ann", "AAAA-BBBB", "..."), ("ADDED", "ann", "made"), ("END", "End"))
    line.show_code([Message("ACCOUNT", params) for params in answers])
    assert capsys.readouterr().out.splitlines() == [
        "ann  made",
        "ann sets a password within a day: /reset ann AAAA-BBBB",
    ]


@pytest.mark.parametrize(
    ("given", "target"), [("::1", "0::1"), ("2001:db8::1", "2001:db8::1"), ("ann", "ann")]
)
def test_a_target_is_a_word_of_irc(given: str, target: str) -> None:
    assert line.spelled(given) == target


# Passwords


def test_a_password_is_typed_twice(typed: list[str]) -> None:
    typed += ["correct horse", "correct horse"]
    assert line.read_password() == "correct horse"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["one", "two"], "the two passwords differ; nothing was done"),
        (["", ""], "the password is empty"),
        ([], "no password was given"),
    ],
)
def test_what_is_no_password(
    typed: list[str], capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    typed += words
    assert exit_code(line.read_password) == 1
    assert capsys.readouterr().err == f"hubbub: {why}\n"


# At a real terminal


def test_a_person_at_a_terminal_is_asked_and_may_say_no(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:

        def run(words: str, *typed: tuple[str, str]) -> tuple[int | None, str]:
            arguments = ["-m", "hubbub", *words.split(), "--data", str(server.directory)]
            child = pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=20)
            for question, answer in typed:
                child.expect_exact(question)
                child.sendline(answer)
            text: str = child.read()
            child.close()
            return child.exitstatus, text

        password = "correct-horse"
        code, text = run(
            "account add own --password", ("Password: ", password), ("Again: ", password)
        )
        assert code == 0
        assert password not in text, "it is not shown while it is typed"
        assert run("operator set own owner")[0] == 0
        code, text = run("account drop own", ("Do it? [y/N]: ", "n"))
        assert code == 1
        assert "nothing was done" in text
        assert run("account drop own", ("Do it? [y/N]: ", "y"))[0] == 0
        assert "no such account" in run("account show own")[1]
