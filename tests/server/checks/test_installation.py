"""All that is looked at before a start."""

from __future__ import annotations

import time
from pathlib import Path

from hubbub.server.checks.finding import Level
from hubbub.server.checks.installation import check_installation
from hubbub.settings import Address, DoorSettings, Settings


def test_a_new_installation_is_looked_at_and_left_as_it_is(tmp_path: Path) -> None:
    doors = DoorSettings(tls=(Address("127.0.0.1", 0),), plain=(), ssh=())
    settings = Settings(data_dir=tmp_path / "data", doors=doors)
    found = list(check_installation(settings, time.time()))
    subjects = {each.subject for each in found}
    expected = "server permissions keys disk descriptors mail proxies"
    assert subjects == {*expected.split(), "door tls"}
    assert all(each.level < Level.ERROR for each in found)
    assert not settings.data_dir.exists()
