"""One line for the operator: where it is, what it is called, what it has to be."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.settings.place import Place


@pytest.mark.parametrize(
    ("toml", "parts"),
    [
        ('nmae = "a.b"', ["hubbub.toml: nmae is no setting", "did you mean name?"]),
        ("[limits]\nflod = true", ["limits.flod is no setting", "did you mean limits.flood?"]),
        ("flood = true", ["flood is no setting", "did you mean limits.flood?"]),
        ("qwertz = true", ["qwertz is no setting", "docs/reference/settings.md"]),
        ("name = 3", ["name must be text in quotes, not 3"]),
        ("data_dir = 1", ["data_dir must be a path in quotes"]),
        ("limits = 3", ["limits must be a table, not 3"]),
        ('[limits]\nflood = "no"', ['limits.flood must be true or false, not "no"']),
        ('[limits]\noutbox_bytes = "1"', ["limits.outbox_bytes must be a whole number"]),
        ("[limits]\noutbox_bytes = true", ["limits.outbox_bytes must be a whole number"]),
        ("[limits]\noutbox_bytes = 1.5", ["limits.outbox_bytes must be a whole number"]),
        ("[limits]\noutbox_bytes = 1", ["limits.outbox_bytes must be at least 4096, not 1"]),
        (
            "[limits]\nhistory_page = 10001",
            ["limits.history_page must be at most 10000, not 10001"],
        ),
        ("[limits]\nmessages_per_second = 0.0", ["messages_per_second must be more than 0"]),
        ('[log]\nlevel = "loud"', ['log.level must be "debug", "info", "warning" or "error"']),
        ('[doors]\ntls = "127.0.0.1:1"', ["doors.tls must be a list"]),
        ('[doors]\nproxies = "10.0.0.0/8"', ["doors.proxies must be a list"]),
        ('[channels]\nkeep = "#lobby"', ["channels.keep must be a list"]),
        ("[channels]\nkeep = [1]", ["channels.keep must be text"]),
        ("[channels]\nreplay = -1", ["channels.replay must be at least 0"]),
        ("operators = 3", ["operators must be a table"]),
        ('access = "friends"', ['access must be "open", "invite" or "closed", not "friends"']),
        ("name = \nx = 1", ["hubbub.toml is not valid TOML", "line 1"]),
    ],
)
def test_what_is_wrong_is_said_in_one_line(place: Place, toml: str, parts: list[str]) -> None:
    place.toml(toml)
    message = place.refusal()
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    "toml", ['password = "hunter2"', '[operators]\nann = "hunter2"', 'pasword = "hunter2"']
)
def test_a_secret_is_not_shown_whatever_is_wrong_with_it(place: Place, toml: str) -> None:
    place.toml(toml)
    assert "hunter2" not in place.refusal()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HUBBUB_ACESS": "open"}, "HUBBUB_ACESS is no setting; did you mean HUBBUB_ACCESS?"),
        ({"HUBBUB_LIMITS__FLOOD": "maybe"}, 'HUBBUB_LIMITS__FLOOD must be true or false, not "m'),
        (
            {"HUBBUB_LIMITS__HISTORY_PAGE": "x"},
            "HUBBUB_LIMITS__HISTORY_PAGE must be a whole number",
        ),
        ({"HUBBUB_DOORS": "x"}, "HUBBUB_DOORS must be a table"),
        ({"HUBBUB_NAME__X": "x"}, "HUBBUB_NAME must be text"),
        ({"HUBBUB_": "x"}, "HUBBUB_ is no setting"),
    ],
)
def test_what_stands_in_a_variable_is_named_as_one(
    place: Place, environ: dict[str, str], expected: str
) -> None:
    assert place.refusal(environ).startswith(f"the environment: {expected}")


def test_the_place_that_wins_is_the_one_to_mend(place: Place, tmp_path: Path) -> None:
    place.toml("[limits]\nhistory_page = 20\n")
    place.dotenv("HUBBUB_LIMITS__HISTORY_PAGE=x\n")
    assert place.refusal().startswith(f"{tmp_path}/.env: HUBBUB_LIMITS__HISTORY_PAGE must be")


def test_what_was_given_is_shown_without_controlling_a_terminal(place: Place) -> None:
    place.toml('access = "\\u001b[2J\\u202e"')
    message = place.refusal()
    assert message.isprintable()
    assert '"\\u001b[2J\\u202e"' in message


def test_of_what_was_given_only_so_much_is_shown(place: Place) -> None:
    place.toml(f'access = "{"x" * 500}"')
    message = place.refusal()
    assert message.endswith("xxx...")
    assert len(message) < 300


def test_what_json_does_not_know_is_shown_as_it_is(place: Place) -> None:
    place.toml("name = 2026-01-01")
    assert place.refusal().endswith("name must be text in quotes, not 2026-01-01")


def test_a_name_that_is_elsewhere_too_is_suggested_by_its_last_part(place: Place) -> None:
    place.toml("[nowhere]\nx = 1\n")
    assert "docs/reference/settings.md" in place.refusal()
    assert "did you mean HUBBUB_ACCOUNTS__SCRAM?" in place.refusal({"HUBBUB_MAIL__SCRAM": "on"})
