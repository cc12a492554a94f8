"""Three nodes behind HAProxy: whichever stops or dies, nobody misses a message."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.deploy.docker import PATIENCE, PUBLIC_NAME, Docker
from tests.deploy.following import Listener, Talker, came_in, told
from tests.deploy.programs import ROOT, program
from tests.deploy.talk import somebody
from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.terminal.servers import free_port

pytestmark = pytest.mark.timeout(600)
CLUSTER: Final = ROOT / "deploy" / "cluster"
NODES: Final = "abc"
MANUAL: Final = ROOT / "docs/how-to/docker.md"
_SETTINGS: Final = """
HUBBUB_ACCESS=open
HUBBUB_CHANNELS__KEEP=#lobby
HUBBUB_LIMITS__FLOOD=false
IP_ADDRESS=127.0.0.1
DRAIN_SECONDS=10
"""
# As the public image of that name is: Debian's own HAProxy, which is of the same release.
_BALANCER: Final = f"""
FROM {PUBLIC_NAME}
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends haproxy
USER haproxy
"""


# As a Network Load Balancer says it: with a checksum, and by which endpoint somebody came.
_AS_AWS: Final = (
    "send-proxy-v2 proxy-v2-options crc32c set-proxy-v2-tlv-fmt(0xEA) %[str(vpce-08d2)]"
)


class Site:
    """The folder of three nodes, as somebody has it who begins there."""

    def __init__(self, docker: Docker, folder: Path) -> None:
        self.docker, self.folder = docker, folder
        self.tls, self.ssh = free_port(), free_port()
        for name in ("compose.yaml", "haproxy.cfg", "begin"):
            shutil.copy(CLUSTER / name, folder)
        balancer = (folder / "haproxy.cfg").read_text()
        tls, _, by_ssh = balancer.partition("listen ssh")
        by_ssh = by_ssh.replace(
            ":2222\n    server", f":2222\n    default-server {_AS_AWS}\n    server", 1
        )
        (folder / "haproxy.cfg").write_text(f"{tls}listen ssh{by_ssh}")
        ports = f"PORT={self.tls}\nSSH_PORT={self.ssh}\n"
        (folder / ".env").write_text(_SETTINGS + ports)
        self.environment = {**docker.environment, "COMPOSE": program("docker-compose")}

    def run(self, *command: str) -> str:
        """Run a command there; return what it printed. All is told where it fails."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def __call__(self, *command: str) -> str:
        """Run a command of Compose."""
        return self.run(self.environment["COMPOSE"], *command)

    def client(self) -> Client:
        """Connect through the balancer."""
        return Client(self.tls, tls=True)

    def container(self, node: str) -> str:
        """Return Docker's name for a node."""
        return f"hubbub-cluster-{node}-1"

    def at(self, node: str) -> Callable[[], Client]:
        """Return what connects to a node itself, which only this machine can."""
        form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        address = self.docker("inspect", "--format", form, self.container(node))
        return lambda: Client(6697, tls=True, host=address)

    def until_healthy(self) -> None:
        """Wait until each node is ready, as the balancer asks."""
        form, end = "{{.State.Health.Status}}", time.monotonic() + PATIENCE
        names = [self.container(node) for node in NODES]
        while self.docker("inspect", "--format", form, *names).split() != ["healthy"] * 3:
            assert time.monotonic() < end, self("ps", "--all") + self("logs", "--tail=20")
            time.sleep(0.2)


@pytest.fixture(scope="module")
def site(docker: Docker, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Begin it, as the page says."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "Dockerfile").write_text(_BALANCER)
    docker("build", "--network", "host", "--tag", "haproxy:3.0", folder)
    running = Site(docker, folder)
    try:
        running.run("./begin")
        yield running
    finally:
        running("down", "--volumes", "--timeout=5")


def test_people_talk_through_haproxy_by_tls_and_ssh(site: Site) -> None:
    assert "3 of 3" in site("exec", "--no-TTY", "b", "hubbub", "cluster", "status")
    with somebody(site.client, "ann") as ann, somebody(site.client, "bob") as bob:
        done = ssh.run(site.ssh, "post", "#lobby", input="by ssh\n")
        assert done.returncode == 0, done.stderr
        for each in (ann, bob):
            assert each.until("PRIVMSG").params == ("#lobby", "by ssh")


def test_a_node_is_told_for_whom_haproxy_connects(site: Site) -> None:
    with somebody(site.client, "ann") as ann, somebody(site.at("a"), "direct") as direct:
        hosts = []
        for nick in ("ann", "direct"):
            direct.send(f"WHOIS {nick}")
            hosts.append(direct.until("311").params[3])
        ann.leave()
    # This machine is the gateway of their network, to the balancer and to the node.
    assert hosts[0] == hosts[1]


def test_begun_once_it_is_not_begun_again(site: Site) -> None:
    before = site("ps", "--quiet", "a", "b", "c")
    assert "3 of 3" in site.run("./begin")
    assert site("ps", "--quiet", "a", "b", "c") == before


def test_nobody_misses_a_message_whichever_stops_or_dies(site: Site) -> None:
    with Listener(site.client) as listener:
        with Talker(site.client) as talker:
            talker.goes_on()
            _update(site, talker)
            _kill_a_node(site, talker)
            _kill_a_log(site, talker)
        listener.hears(talker.confirmed)
    assert talker.came > 1, "no node on which somebody talked was stopped"
    site.until_healthy()
    histories = []
    for node in NODES:
        with came_in(site.at(node)) as client:
            histories.append({each.tags["msgid"]: each.params[-1] for each in told(client, "")})
    assert histories[0] == histories[1] == histories[2]
    assert talker.confirmed.items() <= histories[0].items()
    lines = [text for text in histories[0].values() if text.startswith("line")]
    assert len(lines) == len(set(lines)), "something was kept twice"


def _update(site: Site, talker: Talker) -> None:
    """Make each node anew, one after the other, as the page says."""
    found = re.search(
        r"^    (for node in a b c.*(?:\n      .*)*\n    done)$", MANUAL.read_text(), re.M
    )
    assert found is not None
    loop = found.group(1).replace("docker compose", site.environment["COMPOSE"])
    before = set(site("ps", "--quiet", *NODES).split())
    site.run("sh", "-euc", loop.replace("--detach", "--detach --force-recreate"))
    assert not before & set(site("ps", "--quiet", *NODES).split())
    talker.goes_on()


def _kill_a_node(site: Site, talker: Talker) -> None:
    """Kill one as a machine dies: its server, and its part of the log with it."""
    site.docker("kill", site.container("b"))
    talker.goes_on()
    talker.goes_on()
    site("up", "--detach", "--no-build", "b")
    site.until_healthy()


def _kill_a_log(site: Site, talker: Talker) -> None:
    """Kill a nats-server; its node starts it again."""
    lines = site.docker("top", site.container("c"), "-o", "pid,args").splitlines()
    (pid,) = (int(line.split()[0]) for line in lines if "nats-server.conf" in line)
    os.kill(pid, signal.SIGKILL)
    talker.goes_on()
