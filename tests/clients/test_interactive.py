"""Programs for people come in, talk, come back, and show what was said while they were away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.conftest import Network
from tests.clients.interactive import PROGRAMS
from tests.clients.program import Program, wait_for

pytestmark = pytest.mark.timeout(300)


def talks(network: Network, program: Program, word: str) -> None:
    """Let both say something that the other hears, however long connecting takes."""
    network.says(f"pat-says-{word}")
    program.hears(f"pat-says-{word}")
    program.say(f"bob-says-{word}")
    assert network.heard(f"bob-says-{word}").tags.get("account") == "bob"


@pytest.mark.parametrize("kind", PROGRAMS, ids=lambda kind: kind.__name__)
def test_a_person_and_a_restart(kind: type[Program], network: Network, tmp_path: Path) -> None:
    kind.path()
    program = kind(tmp_path / "program", network.doors)
    program.start()
    try:
        joined = network.pat.until(lambda m: m.command == "JOIN" and m.nick == "bob")
        assert joined.params[1] == "bob"
        talks(network, program, "first")
        network.says("\x01VERSION\x01", "bob")
        network.pat.until(lambda m: m.command == "NOTICE" and "\x01VERSION" in m.params[1])
        # The account stays in its channels, so nobody is told that its program has gone.
        program.stop()
        network.restart()
        network.says("while-away-to-all")
        network.says("while-away-to-bob", "bob")
        program.start()
        program.hears("while-away-to-all")
        program.hears("while-away-to-bob")
        talks(network, program, "second")
        # It comes back by itself, too.
        network.restart()
        wait_for(lambda: "bob" in present(network), program.told)
        talks(network, program, "third")
        said = [m.params[1] for m in network.pat.seen if m.nick == "bob" and len(m.params) > 1]
        assert not any("\x01" in text for text in said), said
        for word in ("pat-says-first", "while-away-to-all", "while-away-to-bob"):
            assert program.shown().count(word) == 1, program.told()
    except (AssertionError, TimeoutError, EOFError) as error:
        raise AssertionError(f"{error}\n{program.told()}") from error
    finally:
        program.stop()
        program.forget()


def present(network: Network) -> list[str]:
    """Return who is in #lobby with a connection."""
    network.pat.send("WHO #lobby")
    here: list[str] = []
    while (message := network.pat.until(lambda m: m.command in ("352", "315"))).command == "352":
        if message.params[6].startswith("H"):
            here.append(message.params[5])
    return here
