"""What is mistyped on a bad day is refused before anything is done, and is never done for good.

No server runs: whatever would be asked of it ends with 1.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hubbub.cli.commands import app


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ban add eve --expires 12hours", "12h or 7d"),
        ("ban add eve --expires forever", "0 for good"),
        ("ban add eve spam --expires 1.5d", "12h or 7d"),
        ("invite add --expires tomorrow", "12h or 7d"),
        ("purge --by eve --since today --yes", "10m or 1h"),
        ("purge --by eve --since 0 --yes", "10m or 1h"),
        ("purge --by eve --since 1h --in lobby --yes", "begins with #"),
        ("purge --by eve --since 1h --in #a,b --yes", "begins with #"),
        ("switch guest off", "registrations or guests"),
        ("switch guests of", "on or off"),
        ("account revoke bob", "say what to revoke"),
    ],
)
def test_what_means_nothing_is_wrong_usage(tmp_path: Path, line: str, told: str) -> None:
    ran = CliRunner().invoke(app, [*line.split(), "--data", str(tmp_path)])
    assert ran.exit_code == 2, ran.output
    assert told in " ".join(ran.output.split())
    assert "no server runs" not in ran.output


@pytest.mark.parametrize(
    "line",
    [
        "ban add eve --expires 12h",
        "ban add eve --expires 0",
        "ban add eve",
        "invite add --expires 1d12h",
        "purge --by eve --since 10m --in #lobby --yes",
        "purge --by eve --since 1h",
        "switch",
        "switch GUESTS Off why",
    ],
)
def test_what_means_something_is_asked_of_the_server(tmp_path: Path, line: str) -> None:
    ran = CliRunner().invoke(app, [*line.split(), "--data", str(tmp_path)])
    assert ran.exit_code == 1, ran.output
    assert "no server runs" in ran.output
