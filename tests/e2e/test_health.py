"""The health door of a real server, asked as those who watch it ask."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from hubbub.irc.message import Message
from hubbub.node.monitoring.metrics import METRICS
from hubbub.server.checks.certificate import read_validity
from tests.e2e import ssh
from tests.e2e.irc_client import PATIENCE, Client
from tests.e2e.server import Server
from tests.e2e.test_email import sasl
from tests.e2e.test_lost_data import run
from tests.e2e.test_websocket import come_in, until
from tools.metrics_reference import PROCESS
from tools.reference import REFERENCE

HEALTH = {"HUBBUB_DOORS__HEALTH": '["127.0.0.1:0"]'}
DOORS = {
    **HEALTH,
    "HUBBUB_DOORS__WEBSOCKET": '["127.0.0.1:0"]',
    "HUBBUB_DOORS__SSH": '["127.0.0.1:0"]',
}
PASSWORD = "correct horse"


def get(server: Server, path: str) -> tuple[int, str]:
    """Ask the health door; return the status and what it says."""
    client = http.client.HTTPConnection("127.0.0.1", server.ports["health"], timeout=PATIENCE)
    try:
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.read().decode()
    finally:
        client.close()


def scraped(server: Server) -> dict[tuple[str, ...], float]:
    """Return each value by its name and the values of its labels."""
    status, text = get(server, "/metrics")
    assert status == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def wait_for(is_so: Callable[[], bool]) -> None:
    """Ask again and again."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_everything_measured_is_documented_and_the_other_way_round(tmp_path: Path) -> None:
    with Server(tmp_path / "data", **HEALTH) as server:
        _, text = get(server, "/metrics")
        families = list(text_string_to_metric_families(text))
    # The parser takes `_total` away.
    shown = {f"{each.name}_total" if each.type == "counter" else each.name for each in families}
    assert shown == {metric.full_name for metric in METRICS} | set(PROCESS)
    assert all(each.documentation for each in families)
    page = (REFERENCE / "metrics.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.M)) == shown


def test_a_conversation_is_counted_and_nobody_is_named(tmp_path: Path) -> None:
    with Server(tmp_path / "data", **HEALTH) as server, ExitStack() as stack:
        port = server.ports["plain"]
        ann = stack.enter_context(Client(port).register("zwi", "echo-message").join("#secretive"))
        bob = stack.enter_context(Client(port).register("qux").join("#secretive"))
        before = scraped(server)
        ann.send("PRIVMSG #secretive :hello")
        bob.until("PRIVMSG")
        ann.until("PRIVMSG")
        found = scraped(server)
        assert found["hubbub_messages_total",] - before["hubbub_messages_total",] == 1
        told = found["hubbub_deliveries_total",] - before["hubbub_deliveries_total",]
        assert told == 2
        assert found["hubbub_connections", "plain"] == 2
        assert found["hubbub_users", "true"] == 2
        assert found["hubbub_ready",] == found["hubbub_journal_writable",] == 1
        assert found["hubbub_commit_seconds_count",] > 0
        assert found["hubbub_journal_size_bytes", "database"] > 0
        assert abs(found["hubbub_journal_last_commit_timestamp_seconds",] - time.time()) < PATIENCE
        end = read_validity(server.directory / "certificate.pem").ends
        assert found["hubbub_certificate_expiry_timestamp_seconds",] == end
        _, text = get(server, "/metrics")
        assert not re.search(r"zwi|qux|secretive|hello|127\.0\.0\.1", text)


def is_refused(message: Message) -> bool:
    return "Wrong account name or password" in message.params[-1]


def over_websocket(server: Server) -> None:
    with come_in(server, "websocket", "web") as web:
        web.send("IDENTIFY ann wrong")
        until(web, is_refused)


def over_tls(server: Server) -> None:
    with Client(server.ports["tls"], tls=True) as client:
        client.register("guest").send("IDENTIFY ann wrong")
        client.until(is_refused)


def over_plain(server: Server) -> None:
    assert sasl(server.ports["plain"], "ann", "wrong") == "904"


def over_ssh(server: Server) -> None:
    wrong = ssh.answering(server.directory.parent, "wrong")
    once = "-oNumberOfPasswordPrompts=1"
    refused = ssh.run(server.ports["ssh"], once, "who", user="ann", environment=wrong)
    assert refused.returncode == 255


@pytest.mark.parametrize(
    ("door", "fail"),
    [
        ("tls", over_tls),
        ("plain", over_plain),
        ("websocket", over_websocket),
        pytest.param("ssh", over_ssh, marks=ssh.NEEDED),
    ],
)
def test_a_failed_login_is_counted_at_its_door(
    tmp_path: Path, door: str, fail: Callable[[Server], None]
) -> None:
    with Server(tmp_path / "data", **DOORS) as server:
        run_with(server, "account", "add", "ann", "--password", given=f"{PASSWORD}\n")
        name = "hubbub_logins_total"
        assert {scraped(server)[name, each, "failed"] for each in ("tls", door)} == {0}
        fail(server)
        found = scraped(server)
        counted = {
            each: found[name, each, "failed"] for each in ("tls", "plain", "websocket", "ssh")
        }
        assert counted[door] >= 1
        assert [each for each, count in counted.items() if count] == [door]
        assert found[name, door, "succeeded"] == 0


@ssh.NEEDED
def test_a_login_is_counted_once_at_its_door(tmp_path: Path) -> None:
    with Server(tmp_path / "data", **DOORS) as server:
        run_with(server, "account", "add", "ann", "--password", given=f"{PASSWORD}\n")
        assert sasl(server.ports["plain"], "ann", PASSWORD) == "903"
        right = ssh.answering(tmp_path, PASSWORD)
        done = ssh.run(server.ports["ssh"], "who", user="ann", environment=right)
        assert done.returncode == 0, done.stderr
        found = scraped(server)
        for door in ("plain", "ssh"):
            assert found["hubbub_logins_total", door, "succeeded"] == 1
            assert found["hubbub_logins_total", door, "failed"] == 0


def run_with(server: Server, *arguments: str, given: str) -> None:
    """Have an operator's command carried out that reads something."""
    subprocess.run(
        [sys.executable, "-m", "hubbub", *arguments, "--data", str(server.directory)],
        input=given,
        text=True,
        check=True,
        capture_output=True,
    )


def test_a_server_that_stops_says_that_it_drains(tmp_path: Path) -> None:
    # Whoever does not close its end is waited for: so long the door can be asked.
    with Server(tmp_path / "data", **HEALTH) as server, Client(server.ports["plain"]) as ann:
        ann.register("ann")
        assert get(server, "/ready") == (200, "ready\n")
        server.signal(signal.SIGTERM)
        wait_for(lambda: get(server, "/ready") == (503, "draining\n"))
        assert get(server, "/live")[0] == 200


def test_healthcheck(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    with server:
        ran = run(server, "health")
        assert (ran.returncode, ran.stdout) == (0, "ready\n")
        assert json.loads(run(server, "health", "--json").stdout) == {"ready": True, "why": ""}
        assert re.search(r"^ready +yes$", run(server, "status").stdout, re.M)
        server.signal(signal.SIGSTOP)
        try:
            began = time.monotonic()
            ran = run(server, "health")
            assert ran.returncode == 1
            assert "does not answer within 3 s" in ran.stdout
            # The program itself takes a moment to start.
            assert time.monotonic() - began < 3 + 4
        finally:
            server.signal(signal.SIGCONT)
    ran = run(server, "health")
    assert ran.returncode == 1
    assert "no server runs" in ran.stdout
