"""Who watches for somebody hears that they are here once, and that they have gone."""

from __future__ import annotations

from hubbub.core.apply.presence import notice, presence
from hubbub.core.outcomes import Present
from tests.core.world_harness import Harness


def test_who_only_passes_by_is_noticed_when_it_comes_and_once(harness: Harness) -> None:
    script = harness.connect_as("ann", "ann", "hubbub/quiet").user
    assert presence(script, "ann", script.source) == []
    assert notice(script) == [Present("ann", script.source)]
    assert notice(script) == []
    assert presence(script, "ann", "") == [Present("ann", "")]
