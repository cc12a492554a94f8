"""The image, built unchanged and run as one hardens it."""

from __future__ import annotations

from tests.deploy.docker import Docker


def test_it_says_its_version(docker: Docker, image: str) -> None:
    assert docker("run", "--rm", image, "--version").startswith("hubbub ")
