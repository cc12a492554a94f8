"""How long the texts may be that people write about themselves and channels, in bytes of UTF-8."""

from __future__ import annotations

from typing import Final

TOPIC_BYTES: Final = 390
KICK_BYTES: Final = 390
"""The reason of a KICK, and whatever else one gives as a reason for an act on somebody."""
QUIT_BYTES: Final = 390
AWAY_BYTES: Final = 200
REALNAME_BYTES: Final = 150
KEY_BYTES: Final = 23
"""The key of a channel (+k)."""
DRAIN_SECONDS: Final = 86_400
"""The longest time for which a server that is to stop may be made to wait for who is here."""
