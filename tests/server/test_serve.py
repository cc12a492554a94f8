"""What a start makes of the journal that the process before left behind."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from hubbub.core.records.entries import Draft
from hubbub.core.records.messages import Erased
from hubbub.core.records.users import Connected, Disconnected
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.journal.keeper import ORIGIN, Keeper, joined, kept, said


def test_what_ended_unforgotten_is_forgotten_at_the_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)

    async def die_too_early() -> None:
        journal = SQLiteJournal(data / "journal.sqlite")
        await Keeper(journal).keep(
            kept("#a"),
            Draft(Connected(ORIGIN, "ann", "ann", "host", "Ann")),
            joined("#a", "#a"),
            said("ended", "#a"),
            Draft(Disconnected(ORIGIN, "ann!ann@host", "gone")),
            kept(),
            kept("#a"),
            Draft(Connected(ORIGIN, "ann", "ann", "host", "Ann")),
            joined("#a", "#a"),
            said("begun anew", "#a"),
        )
        await journal.stop()

    asyncio.run(die_too_early())
    server = Server(data, HUBBUB_CHANNELS__KEEP='["#a"]')
    with server, Client(server.ports["plain"]) as bob:
        bob.register("bob", "batch", "draft/chathistory").join("#a")
        bob.send("CHATHISTORY LATEST #a * 10")
        bob.until(lambda m: m.command == "BATCH")
        assert bob.next().params == ("#a", "begun anew")


def test_what_was_refused_unmarked_is_not_shown_after_the_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)

    async def die_before_the_mark() -> None:
        journal = SQLiteJournal(data / "journal.sqlite")
        await Keeper(journal).keep(
            kept("#a"),
            Draft(Connected(ORIGIN, "ann", "ann", "host", "Ann")),
            joined("#a", "#a"),
            said("heard", "#a"),
            Draft(Disconnected(ORIGIN, "ann!ann@host", "gone")),
            said("unheard", "#a"),
        )
        await journal.stop()

    asyncio.run(die_before_the_mark())
    server = Server(data, HUBBUB_CHANNELS__KEEP='["#a"]')
    with server, Client(server.ports["plain"]) as ann:
        ann.register("ann", "batch", "draft/chathistory").join("#a")
        ann.send("CHATHISTORY LATEST #a * 10")
        ann.until(lambda m: m.command == "BATCH")
        assert ann.next().params == ("#a", "heard")
        assert ann.next().command == "BATCH"


def test_what_was_to_be_erased_is_erased_at_the_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)

    async def die_before_it_is_erased() -> None:
        journal = SQLiteJournal(data / "journal.sqlite")
        keeper = Keeper(journal)
        (entry,) = await keeper.keep(said("whisper", "#a"))
        await keeper.keep(Draft(Erased(ORIGIN, (entry.seq,))))
        await journal.stop()

    asyncio.run(die_before_it_is_erased())
    with Server(data):
        pass
    assert not any(b"whisper" in file.read_bytes() for file in data.iterdir())


def test_how_to_come_back_is_told_by_the_way_one_came(tmp_path: Path) -> None:
    with Server(tmp_path / "data", HUBBUB_TLS__STS_SECONDS="3600") as server:
        for reread in (False, True):
            if reread:
                server.signal(signal.SIGHUP)
                server.logged("settings reread")
            for door, value in (("plain", f"port={server.ports['tls']}"), ("tls", "duration=3600")):
                with Client(server.ports[door], tls=door == "tls") as client:
                    client.send("CAP LS 302")
                    listed: list[str] = []
                    while not any(word.startswith("sts=") for word in listed):
                        listed += client.until("CAP").params[-1].split()
                    assert f"sts={value}" in listed


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_library_that_nothing_needs_yet_is_not_loaded() -> None:
    later = "{'asyncssh', 'websockets', 'aiosmtplib', 'pyotp', 'email.policy', 'prometheus_client'}"
    assert (
        run_python(f"import sys, hubbub.server.serve; print({later} & set(sys.modules))") == "set()"
    )


def test_the_collector_rests_while_a_server_loads_and_no_longer() -> None:
    code = """if True:
        import gc
        from typer.testing import CliRunner
        from hubbub.cli import commands as cli
        from hubbub.server import collector, serve

        def run(settings, load, accept_loss):
            print(gc.isenabled())
            collector.tune()
            print(gc.isenabled(), gc.get_threshold() == collector.COLLECT_AFTER)
            return 0

        serve.run = run
        print(CliRunner().invoke(cli.app, ["serve"]).stdout)
        gc.disable()
        CliRunner().invoke(cli.app, ["serve", "--config", "/nowhere"])
        print(gc.isenabled())
    """
    assert run_python(code).split() == ["False", "True", "True", "True"]
