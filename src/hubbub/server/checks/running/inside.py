"""What a running server says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from hubbub.node.monitoring.troubles import LOOK_AT, NOTHING
from hubbub.server.checks.finding import Finding, error, ok, warning
from hubbub.server.files import READY

_SUBJECT: Final = "server"


def check_inside(told: Mapping[str, str] | str) -> Iterator[Finding]:
    """Look at the lines of STATUS, or at why there are none."""
    if isinstance(told, str):
        yield error(_SUBJECT, told, "")
        return
    ready = told.get(READY, "")
    if ready != "yes":
        yield warning(
            _SUBJECT, f"newcomers are not served ({ready})", "wait, or see the next lines"
        )
    named = told.get(LOOK_AT, NOTHING)
    for name in [] if named == NOTHING else named.split():
        yield warning(f"its {name}", told.get(name, ""), "")
    yield ok(_SUBJECT, f"it answers: {told.get('versions', 'an older version')}")
