"""What is handed to Prometheus and Grafana says what there is, and rings when it should."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.deploy.debian import done
from tests.deploy.programs import ROOT, program
from tests.e2e.server import Server
from tests.terminal.servers import free_port
from tools.metrics_reference import PROCESS

PROMETHEUS = ROOT / "deploy" / "prometheus"
WATCHING = ROOT / "docs" / "how-to" / "watching.md"
PATIENCE = 60.0
METRIC = re.compile(r"\b(?:hubbub|process)_[a-z_]+\b")
SUFFIX = re.compile(r"_(?:bucket|sum|count)$")


def promtool(*arguments: str | Path) -> str:
    return done(program("promtool", "prometheus"), *arguments)


def test_the_rules_are_rules() -> None:
    promtool("check", "rules", PROMETHEUS / "alerts.yml")
    promtool("check", "config", PROMETHEUS / "prometheus.yml")


def test_each_alert_fires_when_it_should() -> None:
    promtool("test", "rules", PROMETHEUS / "alerts_test.yml")


def alerts() -> list[str]:
    return re.findall(r"- alert: (\w+)", (PROMETHEUS / "alerts.yml").read_text())


def test_each_alert_has_its_test_and_its_section() -> None:
    tested = (PROMETHEUS / "alerts_test.yml").read_text()
    explained = WATCHING.read_text()
    assert len(alerts()) > 10
    assert [alert for alert in alerts() if f"alertname: {alert}" not in tested] == []
    assert [alert for alert in alerts() if f"\n### {alert}\n" not in explained] == []


@pytest.mark.parametrize("file", ["alerts.yml", "dashboard.json"])
def test_what_is_asked_for_is_measured(file: str) -> None:
    reference = (ROOT / "docs" / "reference" / "metrics.md").read_text()
    there = set(re.findall(r"^\| `(\w+)` \|", reference, re.M)) | set(PROCESS)
    asked = {SUFFIX.sub("", name) for name in METRIC.findall((PROMETHEUS / file).read_text())}
    assert len(asked) > 10
    assert asked - there == set()


def test_the_dashboard_has_no_two_panels_in_one_place() -> None:
    panels = json.loads((PROMETHEUS / "dashboard.json").read_text())["panels"]
    places = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in panels
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(places) == len(set(places))
    assert all(x < 24 for x, _ in places)
    assert len({panel["title"] for panel in panels}) == len(panels)


@contextmanager
def prometheus(health: int, folder: Path) -> Iterator[str]:
    """Run a Prometheus with our rules, which looks at one node; return where to ask it."""
    config = folder / "prometheus.yml"
    text = (PROMETHEUS / "prometheus.yml").read_text()
    assert "127.0.0.1:8080" in text
    config.write_text(
        "global: { evaluation_interval: 500ms, scrape_timeout: 500ms }\n"
        + text.replace("127.0.0.1:8080", f"127.0.0.1:{health}")
        .replace("scrape_interval: 15s", "scrape_interval: 500ms")
        .replace("- alerts.yml", f"- {PROMETHEUS / 'alerts.yml'}")
    )
    port = free_port()
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                program("prometheus", "prometheus"),
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        yield f"http://127.0.0.1:{port}/api/v1/query?query="
    finally:
        process.terminate()
        process.wait(PATIENCE)


def alert(name: str, state: str) -> str:
    """Return how to ask for an alert in a state, as a part of a URL."""
    return quote(f'ALERTS{{alertname="{name}",alertstate="{state}"}}')


def until(asked: str, node: str, log: Path) -> dict[str, str]:
    """Ask Prometheus again and again, until something comes; return its labels."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(node + asked, timeout=PATIENCE) as answer:  # noqa: S310
                found = json.load(answer)["data"]["result"]
        except OSError:
            found = []
        if found:
            labels: dict[str, str] = found[0]["metric"]
            return labels
        time.sleep(0.2)
    raise AssertionError(log.read_text())


def test_an_alert_of_a_real_node_fires(tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    done(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
        *("-nodes", "-days", "3", "-subj", "/CN=localhost", "-keyout", both, "-out", both),
    )
    both.chmod(0o600)
    settings = {
        "HUBBUB_DOORS__HEALTH": '["127.0.0.1:0"]',
        "HUBBUB_TLS__CERTIFICATE": str(both),
        "HUBBUB_TLS__KEY": str(both),
    }
    with (
        Server(tmp_path / "data", **settings) as server,
        prometheus(server.ports["health"], tmp_path) as node,
    ):
        log = tmp_path / "prometheus.log"
        until("hubbub_ready==1", node, log)
        fired = until(alert("HubbubCertificateEnds", "firing"), node, log)
        assert fired["severity"] == "ticket"
        server.kill()
        until(alert("HubbubDown", "pending"), node, log)
