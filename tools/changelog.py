"""Put the fragments of `changes/` together in CHANGELOG.md, at a release: `make changelog`.

Each change brings a file of its own, `changes/NAME.KIND.md`, with a list for users, so that several
people do not meet in one file. KIND is one of KINDS.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
KINDS: Final = ("added", "changed", "fixed", "security")
"""The headings of Keep a Changelog, in the order in which they stand."""
UNRELEASED: Final = "## [Unreleased]\n"


def kind_of(path: Path) -> str:
    """Return the kind of a fragment. Raise ValueError where its name tells none."""
    kind = path.suffixes[-2][1:] if len(path.suffixes) > 1 else ""
    if kind not in KINDS:
        raise ValueError(f"{path.name}: a fragment is called NAME.KIND.md, KIND one of {KINDS}")
    return kind


def put_together(changelog: str, fragments: dict[str, list[str]]) -> str:
    """Return a changelog with the texts of each kind below what is unreleased already."""
    before, mark, rest = changelog.partition(UNRELEASED)
    current, following, released = rest.partition("\n## [")
    for kind in KINDS:
        text = "\n".join(one.strip() for one in fragments.get(kind, ()))
        if not text:
            continue
        heading = f"### {kind.capitalize()}\n"
        if heading in current:
            head, _, tail = current.partition(heading)
            section, further, others = tail.partition("\n### ")
            current = f"{head}{heading}{section.rstrip()}\n{text}\n{further}{others}"
        else:
            current = f"{current.rstrip()}\n\n{heading}\n{text}\n"
    return before + mark + current + following + released


def main() -> None:
    """Write the changelog, and take the fragments away."""
    paths = sorted((ROOT / "changes").glob("*.md"))
    fragments: dict[str, list[str]] = {}
    for path in paths:
        fragments.setdefault(kind_of(path), []).append(path.read_text("utf-8"))
    changelog = ROOT / "CHANGELOG.md"
    changelog.write_text(put_together(changelog.read_text("utf-8"), fragments), "utf-8")
    for path in paths:
        path.unlink()


if __name__ == "__main__":
    main()
