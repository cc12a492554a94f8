"""Writing a node's metrics as Prometheus reads them, and what it expects of every process.

The library takes longer to load than a server to start, so import this only where somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from hubbub.histogram import Histogram
from hubbub.node.monitoring.metrics import METRICS, Look, Metric, Parts

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
"""What is written, as HTTP names it."""


class Exposition:
    """Write the metrics of one node."""

    def __init__(self, parts: Parts) -> None:
        """Be ready to ask these parts."""
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_NodeCollector(parts))
        # Descriptors, memory, CPU, start: by the names that all programs have them by.
        ProcessCollector(registry=self._registry)

    def render(self) -> bytes:
        """Return all metrics as they are now."""
        return generate_latest(self._registry)


class _NodeCollector(Collector):
    """Ask the parts of a node."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Family]:
        """Yield each metric with its values."""
        look = Look(self._parts)
        for metric in METRICS:
            yield _family(metric, look)


def _family(metric: Metric, look: Look) -> Family:
    found = metric.read(look)
    name, help = metric.full_name, metric.help
    if isinstance(found, Histogram):
        ends = [*map(floatToGoString, found.bounds), "+Inf"]
        buckets = list(zip(ends, accumulate(found.counts), strict=True))
        return HistogramMetricFamily(name, help, buckets=buckets, sum_value=found.sum)
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(name, help, labels=metric.labels)
    series = {(): found} if isinstance(found, int | float) else found
    for labels, value in series.items():
        family.add_metric(labels, value)
    return family
