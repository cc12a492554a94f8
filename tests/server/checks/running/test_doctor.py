"""What is looked at besides what is looked at before a start."""

from __future__ import annotations

import time
from pathlib import Path

from hubbub.server.checks.finding import Level
from hubbub.server.checks.running.doctor import examine
from hubbub.settings import Settings


def test_where_no_server_runs_its_doors_are_not_come_to(tmp_path: Path) -> None:
    settings = Settings.model_validate({"data_dir": str(tmp_path), "doors": {"tls": []}})
    first, *rest = examine(settings, time.time(), "no server runs")
    assert (first.subject, first.level) == ("server", Level.ERROR)
    subjects = {each.subject for each in rest}
    assert {"permissions", "disk", "clock", "name"} <= subjects
    assert not any("lets people in" in each.what for each in rest)
