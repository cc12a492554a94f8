"""Results as text: a table for the terminal, a Markdown page."""

from __future__ import annotations

from collections.abc import Sequence

from hubbub.bench.reporting.metrics import METRICS, Better, Verdict, best_of
from hubbub.bench.reporting.results import OWN, Circumstances, Results

_STATE = {True: "reached", False: "NOT reached", None: "not measured"}


def value_rows(results: Results) -> list[list[str]]:
    """Return a row for each metric: title, a cell for each server, Hubbub to the best other."""
    rows: list[list[str]] = []
    for key in results.measured():
        metric = METRICS[key]
        medians = results.medians(key)
        failures = results.failures.get(metric.scenario, {})
        cells = [
            metric.show(medians[server])
            if server in medians
            else "failed"
            if server in failures
            else "-"
            for server in results.servers
        ]
        own = medians.pop(OWN, None)
        best = best_of(metric, medians)
        ratio = ""
        if own is not None and best and metric.better is not Better.NEITHER:
            ratio = f"{own / best:.2f}"
        unit = f" ({metric.unit})" if metric.unit else ""
        rows.append([metric.title + unit, *cells, ratio])
    return rows


def value_heading(results: Results) -> list[str]:
    """Return the names of the columns of `value_rows`."""
    return ["", *results.servers, f"{OWN} / best other"]


def verdict_rows(verdicts: Sequence[Verdict]) -> list[list[str]]:
    """Return a row for each target: what, wanted, found, whether it was reached."""
    return [
        [verdict.metric.title, verdict.wanted, verdict.found, _STATE[verdict.reached]]
        for verdict in verdicts
    ]


def failure_lines(results: Results) -> list[str]:
    """Return a line for each scenario in which a server failed, though perhaps not each time."""
    return [
        f"{scenario}, {server}: failed: {reason}"
        for scenario, servers in results.failures.items()
        for server, reason in servers.items()
    ]


def as_text(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table for the terminal; all columns but the first are aligned right."""
    table = [heading, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(heading))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
    lines.insert(1, "-" * max(len(line) for line in lines))
    return "\n".join(lines)


def as_markdown(results: Results, circumstances: Circumstances, chart: str) -> str:
    """Return the page; `chart` is the file name of the picture."""
    parts = [
        "# Benchmark results",
        "",
        "Written by `make bench`; see [how it is measured](../README.md).",
        "",
        *_circumstances(results, circumstances),
        "",
        f"![The results as a chart]({chart})",
        "",
        *([] if circumstances.quick else _targets(results)),
        "## Values",
        "",
        f"Medians of {circumstances.repeats}.",
        "",
        *_markdown(value_heading(results), value_rows(results)),
        "",
    ]
    failures = failure_lines(results)
    if failures:
        parts += ["## Failures", "", *(f"- {_escape(line)}" for line in failures), ""]
    return "\n".join(parts)


def _targets(results: Results) -> list[str]:
    table = _markdown(["what", "wanted", "found", ""], verdict_rows(results.verdicts()))
    return ["## Targets", "", *table, ""]


def _circumstances(results: Results, circumstances: Circumstances) -> list[str]:
    sync = circumstances.sync
    lines = [
        f"- {circumstances.when}; {circumstances.machine}; {circumstances.system}",
        *(f"- {name}: {version}" for name, version in circumstances.versions.items()),
        f"- {circumstances.pinning}",
        f"- TLS: {circumstances.cipher}",
        f"- one fdatasync of a 4 KiB append on {sync.filesystem}: median "
        f"{sync.median * 1e3:.2f} ms, p99 {sync.p99 * 1e3:.2f} ms",
        f"- other processes used {results.others_busy:.0%} of the machine meanwhile",
    ]
    if circumstances.quick:
        lines.insert(0, "- **A quick run: everything is small, and nothing can be compared.**")
    return lines


def _markdown(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [
        "| " + " | ".join(heading) + " |",
        "|---|" + "---:|" * (len(heading) - 1),
    ]
    lines += ["| " + " | ".join(_escape(cell) for cell in row) + " |" for row in rows]
    return lines


def _escape(cell: str) -> str:
    return cell.replace("|", "\\|").replace("\n", " ")
