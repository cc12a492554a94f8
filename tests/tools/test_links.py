"""Every link of the documentation leads to something that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
LINK = re.compile(r"\[[^\]\[]+\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"^#+ +(.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_page_is_on_the_map() -> None:
    on_map = {
        (ROOT / "docs" / link.partition("#")[0]).resolve()
        for link in LINK.findall((ROOT / "docs" / "README.md").read_text(encoding="utf-8"))
    }
    pages = {page.resolve() for page in ROOT.glob("docs/**/*.md")}
    assert pages - on_map == {ROOT / "docs" / "README.md"}


def test_the_paths_that_contributors_are_sent_to_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:src|tests|tools|docs|\w+)/[\w./-]*)`", text))
    places = (ROOT, ROOT / "src" / "hubbub")
    rooms = {path.name for place in places for path in place.iterdir() if path.is_dir()}
    named = {path for path in named if path.partition("/")[0] in rooms and "NAME" not in path}
    assert len(named) > 50
    assert [path for path in sorted(named) if not any((at / path).exists() for at in places)] == []
