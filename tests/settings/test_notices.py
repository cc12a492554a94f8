"""What was noticed while settings were read is said as soon as there is a log."""

from __future__ import annotations

import structlog
from structlog.testing import capture_logs

from hubbub.settings import Notice, Settings


def test_each_is_said_with_its_fields() -> None:
    notices = (Notice("info", "seen", {"where": "here"}), Notice("warning", "exposed"))
    with capture_logs() as lines:
        for notice in Settings().noticing(notices[:1]).noticing(notices[1:]).notices:
            notice.tell(structlog.get_logger("hubbub"))
    assert lines == [
        {"log_level": "info", "event": "seen", "where": "here"},
        {"log_level": "warning", "event": "exposed"},
    ]


def test_they_stay_when_a_setting_is_replaced() -> None:
    settings = Settings().noticing([Notice("info", "seen")])
    assert settings.model_copy(update={"network": "Other"}).notices == settings.notices
