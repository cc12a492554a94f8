"""The metrics as Prometheus reads them."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from hubbub.node.monitoring.exposition import CONTENT_TYPE, Exposition
from hubbub.node.monitoring.metrics import METRICS
from tests.node.monitoring.test_metrics import Measured


async def test_every_metric_is_there_with_its_kind_and_help() -> None:
    node = Measured()
    await node.guest("ann")
    text = Exposition(node.parts).render().decode()
    found = {family.name: family for family in text_string_to_metric_families(text)}
    for metric in METRICS:
        # Of a counter the name in a sample has `_total` behind it, that of the family has not.
        family = found[metric.full_name.removesuffix("_total")]
        assert (family.type, family.documentation) == (metric.kind, metric.help)
        assert all(sorted(sample.labels) == sorted(metric.labels) for sample in family.samples) or (
            metric.kind == "histogram"
        )
    assert CONTENT_TYPE.startswith("text/plain")


async def test_what_is_expected_of_every_process_is_there_too() -> None:
    text = Exposition(Measured().parts).render().decode()
    assert "\nprocess_resident_memory_bytes " in text


async def test_buckets_add_up_to_the_count() -> None:
    node = Measured()
    ann = await node.guest("ann")
    await ann.ask("JOIN #a", "PRIVMSG #a :x")
    text = Exposition(node.parts).render().decode()
    for family in text_string_to_metric_families(text):
        if family.type != "histogram":
            continue
        buckets = [s.value for s in family.samples if s.name.endswith("_bucket")]
        (count,) = [s.value for s in family.samples if s.name.endswith("_count")]
        assert buckets == sorted(buckets)
        assert buckets[-1] == count
