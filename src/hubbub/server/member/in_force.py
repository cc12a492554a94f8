"""The settings that a node goes by: those of its file, and in a cluster what holds for all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hubbub.core.policy.shared import SHARED
from hubbub.core.world.world import World
from hubbub.node.life import Introduction, Shared
from hubbub.server.from_settings import shared_of
from hubbub.server.member.shared_settings import differing, following, shared_values
from hubbub.settings import Settings

SHARED_SETTINGS = "shared settings"
"""Under which name it is told where a node's file says something else than holds."""
_NOBODY = Introduction()


class InForce:
    """Follow the World in what all nodes share, from a start on and whenever that changes.

    A node alone goes by its file. `settings` are those to go by.
    """

    def __init__(
        self, file: Settings, world: World, is_member: bool, own: Introduction = _NOBODY
    ) -> None:
        self._file, self._world = file, world
        self._is_member, self._own = is_member, own
        self._followed: dict[str, str] = {}
        self._bad: tuple[str, ...] = ()
        self.settings = self._follow()

    def read(self, file: Settings) -> Settings:
        """Take up a file that was read again; return what to go by."""
        self._file = file
        self.settings = self._follow()
        return self.settings

    def look(self, take: Callable[[Settings, bool], None]) -> None:
        """Have the settings taken up if what all nodes share has changed.

        With them goes whether somebody has said so, for all: what was not there before a node's
        file has brought in, and that ends nothing.
        """
        if not self._is_member or self._world.settings == self._followed:
            return
        before = self._followed
        self.settings = self._follow()
        take(self.settings, any(self._followed.get(name) != before[name] for name in before))

    def shared(self) -> Shared:
        """Return what becomes records."""
        shared = shared_of(self.settings)
        if not self._is_member:
            return shared
        # What nobody has settled yet this file does.
        return replace(shared, settings=shared_values(self.settings), introduction=self._own)

    def troubles(self) -> dict[str, str]:
        """Return where this node's file says something else than holds, and what it cannot take."""
        if not self._is_member:
            return {}
        words = []
        if other := differing(self._file, self._known()):
            words.append(
                f"the settings of this node's own say otherwise of {', '.join(other)}: all nodes go"
                " by what `hubbub cluster set` has said; say the same in the file"
            )
        if self._bad:
            words.append(
                f"this program cannot take what holds for all of {', '.join(self._bad)}, and goes "
                "by its file in that; run the newest program on all nodes, or set that anew"
            )
        return {SHARED_SETTINGS: "; ".join(words)} if words else {}

    def _known(self) -> dict[str, str]:
        return {name: text for name, text in self._world.settings.items() if name in SHARED}

    def _follow(self) -> Settings:
        if not self._is_member:
            return self._file
        self._followed = dict(self._world.settings)
        settings, self._bad = following(self._file, self._followed)
        return settings
