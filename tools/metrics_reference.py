"""The page docs/reference/metrics.md, from what a node measures."""

from hubbub.node.monitoring.metrics import METRICS

PROCESS = {
    "process_cpu_seconds_total": ("counter", "CPU time, user and system."),
    "process_max_fds": ("gauge", "How many descriptors the process may have."),
    "process_open_fds": ("gauge", "How many it has; each connection is one."),
    "process_resident_memory_bytes": ("gauge", "Memory that it holds."),
    "process_start_time_seconds": ("gauge", "When it started, since 1970."),
    "process_virtual_memory_bytes": ("gauge", "Memory that it has asked for."),
}
"""What the library tells of any process on Linux, by Prometheus' own names."""

_HEAD = """\
# Metrics

<!-- Written by `make docs` from node/monitoring/metrics.py; change the descriptions there. -->

What `/metrics` of the [health door](../how-to/watching.md#health-and-metrics) says, in Prometheus'
text format. Counters begin at 0 with each start. All series of a metric are there from the start.
No label is a nick, a channel, an account or an address, and no secret is among the values.

| metric | type | labels | |
| --- | --- | --- | --- |
"""


def metrics() -> str:
    """Return the whole page, as Markdown."""
    rows = [
        f"| `{each.full_name}` | {each.kind} | {_quoted(each.labels)} | {each.help} |\n"
        for each in METRICS
    ]
    rows += [f"| `{name}` | {kind} | | {text} |\n" for name, (kind, text) in PROCESS.items()]
    return _HEAD + "".join(rows)


def _quoted(labels: tuple[str, ...]) -> str:
    return ", ".join(f"`{each}`" for each in labels)
