"""All that can be looked at of a running installation, from inside and outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hubbub.server.checks.descriptors import check_process
from hubbub.server.checks.finding import Finding
from hubbub.server.checks.installation import check_installation
from hubbub.server.checks.mail import check_mail_server
from hubbub.server.checks.places import running_server
from hubbub.server.checks.running.clock import check_clock, state
from hubbub.server.checks.running.inside import check_inside
from hubbub.server.checks.running.name import check_name
from hubbub.server.checks.running.reach import check_doors, check_from_outside
from hubbub.settings import Settings


def examine(settings: Settings, now: float, told: Mapping[str, str] | str) -> Iterator[Finding]:
    """Look at everything; `told` is what the server answered to STATUS, or why it did not.

    The doors are tried only where a server runs.
    """
    yield from check_inside(told)
    yield from check_installation(settings, now)
    yield check_clock(state())
    yield from check_name(settings)
    yield from check_mail_server(settings)
    running = running_server(settings.data_dir)
    if running:
        yield from check_doors(settings)
        yield from check_from_outside(settings)
        process = check_process(running)
        if process is not None:
            yield process
