"""The image, built unchanged and run as one hardens it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.deploy.container import SSH, Container
from tests.deploy.docker import PATIENCE, PUBLIC_NAME, Docker
from tests.deploy.talk import history, says, somebody
from tests.e2e import ssh

pytestmark = pytest.mark.timeout(600)
MEGABYTES = 150
"""How large may be what stands above Debian and its Python."""
STOP_SECONDS = 2.0


@pytest.fixture
def container(docker: Docker, image: str) -> Iterator[Container]:
    """Run a server with the least rights."""
    with Container(docker, image, HUBBUB_ACCESS="open") as running:
        yield running


def test_without_a_word_on_who_may_come_it_says_so_and_ends(docker: Docker, image: str) -> None:
    done = docker.run("run", "--rm", "--network", "none", image)
    assert done.returncode == 2
    assert "access" in done.stderr


def test_it_is_small_and_holds_no_installer(
    docker: Docker, image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    size, base = (
        int(docker("image", "inspect", "--format", "{{.Size}}", name))
        for name in (image, PUBLIC_NAME)
    )
    with capsys.disabled():
        print(f"\nimage: {(size - base) / 1e6:.0f} MB above Debian with Python")  # noqa: T201
    assert size - base < MEGABYTES * 1e6
    there = docker(
        "run", "--rm", "--network", "none", "--entrypoint", "ls", image, "/opt/hubbub/bin"
    )
    assert "hubbub" in there.split()
    assert "pip" not in there


def test_people_talk_from_outside_by_tls_and_ssh(
    container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    with somebody(container.client, "ann") as ann:
        done = ssh.run(container.port(SSH), "post", "#lobby", input="by ssh\n")
        assert done.returncode == 0, done.stderr
        assert ann.until("PRIVMSG").params == ("#lobby", "by ssh")


def test_it_says_how_it_does(container: Container) -> None:
    deadline = time.monotonic() + PATIENCE
    while container.inspect()["State"]["Health"]["Status"] != "healthy":
        assert time.monotonic() < deadline, container.inspect()["State"]["Health"]
        time.sleep(0.2)


def test_it_stops_at_once_and_in_good_order(docker: Docker, container: Container) -> None:
    says(container.client, "before it stopped")
    begun = time.monotonic()
    docker("stop", container.name)
    assert time.monotonic() - begun < STOP_SECONDS
    assert container.inspect()["State"]["ExitCode"] == 0
    container.start()
    assert history(container.client) == ["before it stopped"]


def test_what_was_said_is_there_after_a_kill(
    docker: Docker, container: Container, capsys: pytest.CaptureFixture[str]
) -> None:
    says(container.client, "before it was killed")
    docker("kill", container.name)
    seconds = container.start()
    with capsys.disabled():
        print(f"\ncontainer: {seconds:.2f} s from `docker start` to the first user")  # noqa: T201
    assert history(container.client) == ["before it was killed"]


def test_it_runs_as_any_number(docker: Docker, image: str) -> None:
    with Container(docker, image, user="54321", HUBBUB_ACCESS="open") as container:
        says(container.client, "who am I")
        assert history(container.client) == ["who am I"]
