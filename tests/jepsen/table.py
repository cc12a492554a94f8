"""What campaigns came to, as a table of a page."""

from __future__ import annotations

from collections.abc import Sequence

from tests.jepsen.campaign import Findings
from tests.jepsen.operations import Outcome

BEGIN, END = "<!-- begin: tests.jepsen -->", "<!-- end: tests.jepsen -->"
HEADS = (
    "fault",
    "times",
    "acknowledged",
    "refused",
    "unknown",
    "wrong",
    "silence: median, worst",
    "wanted",
    "healed: median, worst",
)


def table(found: Sequence[Findings]) -> str:
    """Return a table in Markdown, with a row of sums at its end where there are several."""
    rows = [HEADS, ("---",) * len(HEADS), *map(_row, found)]
    if len(found) > 1:
        faults = sum(one.faults for one in found)
        counts = [sum(one.outcomes[each] for one in found) for each in Outcome]
        wrong = sum(len(one.wrong) for one in found)
        rows.append(("**all**", *(f"{each:,}" for each in (faults, *counts, wrong)), "", "", ""))
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _row(one: Findings) -> tuple[str, ...]:
    counts = (one.faults, *(one.outcomes[each] for each in Outcome), len(one.wrong))
    wanted = f"{one.budget:g} s"
    return (
        one.name,
        *(f"{each:,}" for each in counts),
        _seconds(one.silences),
        wanted,
        _seconds(one.healings),
    )


def _seconds(values: Sequence[float]) -> str:
    if not values:
        return "-"
    ranked = sorted(values)
    return f"{ranked[len(ranked) // 2]:.1f}, {ranked[-1]:.1f} s"


def put_into(page: str, rows: str) -> str:
    """Return a page with a table between its two marks."""
    before, rest = page.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n\n{rows}\n\n{END}{after}"
