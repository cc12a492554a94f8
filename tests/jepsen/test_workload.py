"""The workload and the checker, tried on one node that is killed under them."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.server import Server
from tests.jepsen.checker import violations
from tests.jepsen.operations import Outcome, Record
from tests.jepsen.workload import CHANNELS, Place, Speaker, eventually, history_of

KILLS = 3


def test_one_node_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", HUBBUB_CHANNELS__KEEP='["#jepsen-*"]')
    server.start()
    server.settings["HUBBUB_DOORS__PLAIN"] = f'["127.0.0.1:{server.ports["plain"]}"]'
    place = Place(0, ("127.0.0.1", server.ports["plain"]))
    speakers = [Speaker(f"s{number}", [place], 0.001) for number in range(3)]
    for speaker in speakers:
        speaker.start()

    def acknowledged() -> int:
        done = [each for s in speakers for each in s.operations if each.outcome is Outcome.OK]
        return len(done)

    for _ in range(KILLS):
        before = acknowledged()
        assert eventually(lambda before=before: acknowledged() > before + 60, 30)  # type: ignore[misc]
        server.kill()
        server.start()
    server.kill()
    with server:
        for speaker in speakers:
            speaker.stop()
        for speaker in speakers:
            speaker.join(30)
        assert [speaker.fault for speaker in speakers] == [""] * len(speakers)
        record = Record(
            [each for s in speakers for each in s.operations],
            [each for s in speakers for each in s.watches],
            histories={0: {channel: history_of(place, channel) for channel in CHANNELS}},
        )
    assert violations(record) == []
    assert acknowledged() > 60 * KILLS
