"""All checks of what is written down and lies on the disk; no server need run, and none is made."""

from __future__ import annotations

from collections.abc import Iterator

from hubbub.server.checks.descriptors import check_descriptors
from hubbub.server.checks.disk import check_disk
from hubbub.server.checks.finding import Finding, ok
from hubbub.server.checks.keys import check_keys, secrets_of
from hubbub.server.checks.mail import check_mail
from hubbub.server.checks.permissions import check_permissions, is_open
from hubbub.server.checks.places import check_places, running_server
from hubbub.server.checks.proxies import check_proxies
from hubbub.settings import Settings


def check_installation(settings: Settings, now: float) -> Iterator[Finding]:
    """Look whether a server with these settings would start, and serve; nothing is changed."""
    running = running_server(settings.data_dir)
    whether = f"runs, process {running}" if running else "does not run"
    yield ok("server", f"{settings.name} {whether}; data in {settings.data_dir}")
    yield from check_permissions(settings.data_dir, *secrets_of(settings))
    if is_open(settings.data_dir):
        yield from check_keys(settings, now)
    yield from check_places(settings, running)
    yield check_disk(settings.data_dir)
    yield check_descriptors()
    yield from check_mail(settings)
    yield from check_proxies(settings)
