"""What an operator may set, where it is read from, and what is refused.

`load_settings` is the way in; everything it can object to is a `SettingsError`, whose text is one
line that names the setting and how to mend it.
"""

from hubbub.settings.address import Address
from hubbub.settings.error import NotNow, SettingsError
from hubbub.settings.limits import Limits
from hubbub.settings.load import (
    data_dir_place,
    find_data_dir,
    load_settings,
    restart_needed,
    wants_json,
)
from hubbub.settings.member.one_value import checked_value
from hubbub.settings.model import Admin, Channels, DoorSettings, Log, Settings, Tls
from hubbub.settings.notices import Notice
from hubbub.settings.sources import working_directory

__all__ = [
    "Address",
    "Admin",
    "Channels",
    "DoorSettings",
    "Limits",
    "Log",
    "NotNow",
    "Notice",
    "Settings",
    "SettingsError",
    "Tls",
    "checked_value",
    "data_dir_place",
    "find_data_dir",
    "load_settings",
    "restart_needed",
    "wants_json",
    "working_directory",
]
