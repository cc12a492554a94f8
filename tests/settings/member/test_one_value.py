"""A setting by itself: what is typed is what a file would hold, or is refused as in one."""

from __future__ import annotations

import pytest

from hubbub.settings import SettingsError
from hubbub.settings.member.one_value import checked_value


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("channels.per_account", "20", "20"),
        ("network", "Example", "Example"),
        ("description", '"Two words"', "Two words"),
        ("description", "Two words", "Two words"),
        ("limits.flood", "false", "false"),
        ("channels.keep", '["#lobby", "#team"]', "#lobby #team"),
    ],
)
def test_it_is_written_as_in_a_file_or_without_quotes(name: str, text: str, value: str) -> None:
    assert checked_value(name, text) == value


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("channels.per_account", "many", "channels.per_account must be a whole number"),
        ("channels.per_acount", "5", "is no setting"),
        ("nonsense", "5", "is no setting"),
        ("", "5", "is no setting"),
        ("password", "x", "is a secret"),
        ("mail.password", "x", "is a secret"),
        ("operators.root.password", "x", "is a secret"),
        ("channels.per_account", "5\nnetwork = 7", "channels.per_account must be"),
    ],
)
def test_what_a_file_may_not_hold_is_refused(name: str, text: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        checked_value(name, text)
