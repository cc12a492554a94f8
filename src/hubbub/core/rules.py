"""The version of the rules: what apply does, as a fact of the World.

A World goes by the rules that its journal says (`World.rules`), whatever the program knows beside
them: so every node, of whichever version, makes the same of the same records, and a journal that
lived under older rules comes true as it did. See docs/decisions/one-order.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hubbub.core.records.accounts import AccountErased
from hubbub.core.records.base import Record
from hubbub.core.records.messages import Edited
from hubbub.core.records.metadata import BufferSet
from hubbub.core.records.nodes import (
    Forgotten,
    NodeAdmitted,
    NodeDraining,
    NodeLeft,
    NodeLost,
    NodeStopped,
    RetentionSet,
    RulesRaised,
    SettingsSet,
)
from hubbub.core.records.registered_channels import ChannelRetentionSet

FIRST_RULES: Final = 6
"""The rules of journals in which no record says so."""
RULES: Final = 8
"""The newest rules that this program knows; a new version is for whatever would make a journal come
true otherwise, and is asked for by `World.rules`, under a name as those below."""
FENCED: Final = 7
"""From here on what a node's earlier start has left on the way counts no more when it comes."""
SPARING: Final = 7
"""From here on other patterns of what is kept can spare what those before kept."""
STAYING: Final = 7
"""From here on a stay ends when all agree that it has been too long, not when one node says so."""
AGREED: Final = 8
"""From here on the World knows what runs on its nodes, and newer rules wait for all members, also
for those that are not up."""

CATCHING_UP: Final = 8
"""From here on there are records of what an account wants of its conversations, and of edits."""

SINCE: Final[Mapping[type[Record], int]] = {
    NodeStopped: 7,
    RulesRaised: 6,
    RetentionSet: 7,
    NodeLost: 8,
    NodeAdmitted: 8,
    NodeDraining: 8,
    NodeLeft: 8,
    SettingsSet: 8,
    Forgotten: 8,
    BufferSet: CATCHING_UP,
    Edited: CATCHING_UP,
    AccountErased: 8,
    ChannelRetentionSet: 8,
}
"""Under which rules there are records of these kinds at the earliest: before, they are void."""


def unknown(rules: int) -> str:
    """Say what is to be done where a journal goes by newer rules than this program knows."""
    return f"it goes by rules {rules}, and this hubbub knows {RULES}; run the newer one"
