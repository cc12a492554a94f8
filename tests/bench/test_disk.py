"""The time of a sync is measured in the folder that is asked about."""

from pathlib import Path

from hubbub.bench.disk import filesystem, measure_sync


def test_measures_and_leaves_nothing_behind(tmp_path: Path) -> None:
    found = measure_sync(tmp_path, times=5)
    assert 0 < found.median <= found.p99
    assert list(tmp_path.iterdir()) == []


def test_names_the_file_system() -> None:
    assert filesystem(Path("/proc/self")) == "proc"
