"""Fragments of changes become a changelog."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.changelog import ROOT, kind_of, put_together

CHANGELOG = """# Changelog

## [Unreleased]

### Added

- One.

### Fixed

- Two.

## [1.0]

### Fixed

- Three.
"""


def test_each_kind_has_its_place() -> None:
    found = put_together(CHANGELOG, {"fixed": ["- A.\n", "- B.\n"], "security": ["- C.\n"]})
    assert found == CHANGELOG.replace("- Two.\n", "- Two.\n- A.\n- B.\n\n### Security\n\n- C.\n")


def test_what_stands_between_others_stays_there() -> None:
    found = put_together(CHANGELOG, {"added": ["- A.\n"]})
    assert found == CHANGELOG.replace("- One.\n", "- One.\n- A.\n")


def test_a_kind_of_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"NAME\.KIND\.md"):
        kind_of(Path("changes/doors.md"))


def test_every_fragment_tells_its_kind_and_is_a_list() -> None:
    for path in (ROOT / "changes").glob("*.md"):
        kind_of(path)
        assert path.read_text("utf-8").startswith("- "), path
