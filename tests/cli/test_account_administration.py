"""Managing accounts and invite codes of a running server, from its own machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from hubbub.cli.commands import app
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

CODE = r"\w{4}(-\w{4}){3}"
PASSWORD = "correct-horse"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    mail = {
        "HUBBUB_ACCOUNTS__EMAIL": "optional",
        "HUBBUB_MAIL__HOST": "127.0.0.1",
        "HUBBUB_MAIL__SENDER": "hub@mail.example",
        "HUBBUB_MAIL__PORT": "1",
        "HUBBUB_MAIL__SECURITY": "none",
    }
    directory = tmp_path_factory.mktemp("server") / "data"
    with Server(directory, HUBBUB_ACCESS="invite", **mail) as server:
        yield server


def ask(server: Server, *words: str, given: str = "") -> Result:
    """Run a command; return how it ended and what it printed."""
    return CliRunner().invoke(app, [*words, "--data", str(server.directory)], input=given)


def told(server: Server, *words: str, given: str = "") -> str:
    """Run a command that succeeds; return what it prints."""
    done = ask(server, *words, given=given)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def refused(server: Server, *words: str) -> str:
    """Run a command that does not; return the line that says why."""
    done = ask(server, *words)
    assert done.exit_code == 1
    assert done.stderr.startswith("hubbub: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def named(server: Server, name: str) -> str:
    """Return the name of an account that is made for a test."""
    told(server, "account", "add", name, "--password", given=f"{PASSWORD}\n")
    return name


def logged_in(server: Server, name: str, password: str = PASSWORD) -> bool:
    """Say whether a password lets somebody in."""
    with Client(server.ports["plain"]) as client:
        client.send("CAP REQ :sasl", f"PASS {name}:{password}")
        client.send(f"NICK {name}", f"USER {name} 0 * :{name}", "CAP END")
        found = client.until(lambda message: message.command in ("001", "464", "ERROR", "904"))
        return found.command == "001"


def test_who_is_given_an_account_sets_its_password_with_the_code(server: Server) -> None:
    made = told(server, "account", "add", "bob")
    assert made.startswith("bob  Account made\nbob sets a password within a day: /reset bob ")
    code = made.split()[-1]
    shown = told(server, "account", "show", "bob")
    assert re.search(r"^bob +reset: made \S+, never used, expires \S+$", shown, re.M)
    with Client(server.ports["plain"]) as bob:
        bob.send("CAP LS 302", f"RESETPASS bob {code} new-password")
        assert bob.until("PASSWD").params[0] == "SUCCESS"
    assert "password: " in told(server, "account", "show", "bob")
    assert logged_in(server, "bob", "new-password")


def test_a_password_is_a_line_of_standard_input_and_nothing_else(server: Server) -> None:
    name = named(server, "carl")
    assert logged_in(server, name)
    set_anew = told(server, "account", "password", name, given="another-horse\r\n")
    assert "another" not in set_anew
    assert logged_in(server, name, "another-horse")


@pytest.mark.parametrize("words", [("add", "empty", "--password"), ("password", "empty")])
def test_no_line_at_all_is_no_password_and_no_wish_for_a_code(
    server: Server, words: tuple[str, ...]
) -> None:
    assert refused(server, "account", *words) == "hubbub: the password is empty\n"
    assert "no such account" in refused(server, "account", "show", "empty")


def test_accounts_are_listed_by_mask(server: Server) -> None:
    for name in ("list-one", "list-two"):
        named(server, name)
    assert [line.split()[0] for line in told(server, "account", "list", "list-*").splitlines()] == [
        "list-one",
        "list-two",
    ]
    assert told(server, "account", "list", "nobody*") == "no accounts\n"


def test_an_account_is_kept_out_until_it_is_restored(server: Server) -> None:
    name = named(server, "dora")
    assert told(server, "account", "suspend", name, "a while") == "dora  suspended: a while\n"
    assert not logged_in(server, name)
    assert "suspended no more" in told(server, "account", "restore", name)
    assert logged_in(server, name)


def test_ending_an_account_that_was_used_is_asked_about(server: Server) -> None:
    used, unused = named(server, "used"), named(server, "unused")
    assert logged_in(server, used)
    assert "its name is free" in told(server, "account", "drop", unused)
    assert "add --yes to do it" in refused(server, "account", "drop", used)
    assert "not given again" in told(server, "account", "drop", used, "--yes")
    assert "There is no such account" in refused(server, "account", "show", used)


def test_a_mistyped_name_is_mended_while_nobody_uses_it(server: Server) -> None:
    renamed = told(server, "account", "rename", named(server, "amn"), "anna")
    assert "It was amn, which is free again" in renamed
    assert re.search(rf"/reset anna {CODE}$", renamed.strip())


def test_an_address_is_set_and_taken_away(server: Server) -> None:
    name = named(server, "mailed")
    told(server, "account", "email", name, "mailed@mail.example")
    assert "email: " in told(server, "account", "show", name)
    told(server, "account", "email", name, "none")
    assert "email: " not in told(server, "account", "show", name)
    assert refused(server, "account", "email", name, "nonsense")


def test_whose_code_never_came_is_let_in(server: Server) -> None:
    code = told(server, "invite", "add").strip()
    with Client(server.ports["plain"]) as client:
        client.send("CAP REQ :draft/account-registration", "NICK late")
        client.send(f"REGISTER late late@mail.example {PASSWORD} {code}")
        assert client.until("REGISTER").params[0] == "VERIFICATION_REQUIRED"
    assert not logged_in(server, "late")
    told(server, "account", "verify", "late")
    assert logged_in(server, "late")
    assert refused(server, "account", "verify", "late"), "once"


def test_connections_are_listed_and_ended(server: Server) -> None:
    name = named(server, "here")
    assert told(server, "account", "sessions", name) == "no connections\n"
    with Client(server.ports["plain"]) as client:
        client.send(f"PASS {name}:correct-horse", f"NICK {name}", f"USER {name} 0 * :{name}")
        client.until("001")
        assert "by password" in told(server, "account", "sessions", name)
        told(server, "account", "logout", name)
        assert "An operator ended your connections" in client.until("ERROR").params[-1]
    assert logged_in(server, name), "who can prove it may come back at once"


def test_one_says_what_is_revoked(server: Server) -> None:
    name = named(server, "revoked")
    for words in ((), ("--all", "--token", "x")):
        done = ask(server, "account", "revoke", name, *words)
        assert done.exit_code == 2
        assert "say what to revoke: --all, or --token, --key or --cert" in done.stderr
    for kind in ("--token", "--key", "--cert"):
        assert refused(server, "account", "revoke", name, kind, "nothing")
    assert "add --yes" in refused(server, "account", "revoke", name, "--all")
    told(server, "account", "revoke", name, "--all", "--yes")
    assert not logged_in(server, name)


def test_a_lost_password_is_set_by_code_after_all_else_was_revoked(server: Server) -> None:
    name = named(server, "thief")
    code = told(server, "account", "password", name, "--code", "--revoke-all", "--yes").split()[-1]
    assert re.fullmatch(CODE, code)
    assert not logged_in(server, name)


def test_channels_are_listed_and_handed_over(server: Server) -> None:
    name, heir = named(server, "leaver"), named(server, "heir")
    assert told(server, "account", "channels", name) == "no channels\n"
    with Client(server.ports["plain"]) as client:
        client.send(f"PASS {name}:correct-horse", f"NICK {name}", f"USER {name} 0 * :{name}")
        client.until("001")
        client.send("JOIN #owned", "CHANNEL REGISTER #owned")
        client.until(lambda message: message.command == "MODE" and "+q" in message.params)
    assert told(server, "account", "channels", name) == "#owned  owner; next in line: nobody\n"
    assert "has 1 channels" in told(server, "account", "hand-over", name, heir, "#owned")
    assert "#owned" in told(server, "account", "channels", heir)


def test_a_second_factor_that_there_is_not_is_not_turned_off(server: Server) -> None:
    assert "Two-factor authentication is off" in refused(
        server, "account", "no-2fa", named(server, "single")
    )


def test_invite_codes_are_made_listed_and_revoked(server: Server) -> None:
    code = told(server, "invite", "add", "--uses", "5", "--note", "the team")
    assert re.fullmatch(rf"{CODE}\n", code)
    (line,) = [each for each in told(server, "invite", "list").splitlines() if "team" in each]
    assert "uses left: 5" in line
    told(server, "invite", "revoke", line.split()[0])
    assert "team" not in told(server, "invite", "list")
    assert "owner code" in told(server, "invite", "list")
    assert re.fullmatch(rf"{CODE}\n", told(server, "operator", "owner-code"))


def test_who_came_in_by_a_leaked_code_is_kept_out(server: Server) -> None:
    code = told(server, "invite", "add").strip()
    with Client(server.ports["plain"]) as client:
        client.send("CAP REQ :draft/account-registration", "NICK leak")
        client.send(f"REGISTER leak * correct-horse {code}")
        assert client.until("REGISTER").params[0] == "SUCCESS"
    assert "leak" in told(server, "invite", "show", code)
    assert "suspend 1: leak; add --yes" in refused(server, "invite", "suspend", code)
    told(server, "invite", "suspend", code, "leaked", "--yes")
    assert "suspended: leaked" in told(server, "account", "show", "leak")
    assert "Give the code" in refused(server, "invite", "revoke", "nothing")
