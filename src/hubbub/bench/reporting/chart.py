"""Results as a picture: bars in SVG that can be read on light and on dark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape

from hubbub.bench.reporting.metrics import METRICS, Better, Figure
from hubbub.bench.reporting.results import Results

CHARTED: Final = (
    "b.plain.rate",
    "b.tls.rate",
    "a.plain.cpu",
    "a.tls.cpu",
    "c.plain.cpu",
    "c.tls.cpu",
    "latency.plain.p99",
    "latency.tls.p99",
    "connect.handshake",
    "connect.cpu",
    "memory.idle",
    "rejoin.time",
    "durable.plain.p99",
    "durable.tls.p99",
    "durable.plain.most",
    "durable.tls.most",
)
"""The metrics that the picture shows, in two columns."""

# Middling colours: each keeps a contrast of three or more to white and to black.
_COLOURS: Final = {
    "hubbub": "#d9620a",
    "ngircd": "#4a86d8",
    "inspircd": "#2f9a63",
    "ergo": "#8a5fc0",
}
_OTHER: Final = "#8a6fc0"
_PANEL_WIDTH: Final = 440
_GAP: Final = 36
_BAR: Final = 16
_LABEL: Final = 70
_NUMBER: Final = 90
_TOP: Final = 20

_STYLE: Final = """\
text { font: 12px system-ui, sans-serif; fill: #767676; }
.title { font-weight: 600; }
.axis { stroke: #767676; }
@media (prefers-color-scheme: dark) { text { fill: #c4c9d0; } }
@media (prefers-color-scheme: light) { text { fill: #3b4148; } }"""


def draw(results: Results) -> str:
    """Return an SVG with a small bar chart for each charted metric that was measured."""
    keys = [key for key in CHARTED if key in results.readings]
    height = 26 + len(results.servers) * (_BAR + 4) + 18
    rows = (len(keys) + 1) // 2
    width = 2 * _PANEL_WIDTH + _GAP
    total = _TOP + rows * height
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{total}" '
        f'viewBox="0 0 {width} {total}" role="img">',
        "<title>Benchmark of chat servers</title>",
        f"<style>\n{_STYLE}\n</style>",
    ]
    for index, key in enumerate(keys):
        x = (index % 2) * (_PANEL_WIDTH + _GAP)
        y = _TOP + (index // 2) * height
        parts += _panel(results, METRICS[key], x, y)
    parts.append("</svg>\n")
    return "\n".join(parts)


def _panel(results: Results, metric: Figure, x: int, y: int) -> Sequence[str]:
    medians = results.medians(metric.key)
    # Panels are not to be compared, each has a unit of its own: so each fills its width.
    most = max(medians.values()) or 1.0
    room = _PANEL_WIDTH - _LABEL - _NUMBER
    unit = f" ({metric.unit})" if metric.unit else ""
    wish = "more is better" if metric.better is Better.HIGHER else "less is better"
    parts = [
        f'<text class="title" x="{x}" y="{y + 4}">{escape(metric.title + unit)}</text>',
        f'<text x="{x}" y="{y + 18}" font-size="10">{wish}</text>',
    ]
    top = y + 26
    for number, server in enumerate(results.servers):
        middle = top + number * (_BAR + 4)
        parts.append(f'<text x="{x}" y="{middle + 12}">{escape(server)}</text>')
        if server not in medians:
            # Its place stays: the same server is in the same row of every panel.
            parts.append(f'<text x="{x + _LABEL + 6}" y="{middle + 12}">no value</text>')
            continue
        # What is next to nothing is still to be seen as something.
        length = max(1.0, medians[server] / most * room)
        parts += [
            f'<rect x="{x + _LABEL}" y="{middle}" width="{length:.1f}" height="{_BAR}" '
            f'fill="{_COLOURS.get(server, _OTHER)}"/>',
            f'<text x="{x + _LABEL + length + 6:.1f}" y="{middle + 12}">'
            f"{metric.show(medians[server])}</text>",
        ]
    bottom = top + len(results.servers) * (_BAR + 4) - 2
    parts.append(
        f'<line class="axis" x1="{x + _LABEL}" y1="{top - 2}" x2="{x + _LABEL}" y2="{bottom}"/>'
    )
    return parts
