"""What a server tells of itself, and what it loads and when."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.e2e.irc_client import Client
from tests.e2e.server import Server


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
