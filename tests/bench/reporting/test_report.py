"""Results become a table, a page, a picture and JSON."""

import json
from xml.etree import ElementTree as ET

import pytest

from hubbub.bench.disk import SyncTime
from hubbub.bench.reporting import chart, report
from hubbub.bench.reporting.results import Circumstances, Results, as_json

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def results() -> Results:
    made = Results(("hubbub", "ngircd", "inspircd"))
    for value in (3.0, 1.0, 2.0):
        made.add("hubbub", {"b.tls.rate": value * 1000, "memory.idle": value * 10})
    made.add("ngircd", {"b.tls.rate": 1600.0, "memory.idle": 14.0})
    made.fail("inspircd", "b-tls", "ended with 1: no | luck")
    return made


@pytest.fixture
def circumstances() -> Circumstances:
    return Circumstances(
        when="today",
        machine="one",
        system="Linux",
        versions={"hubbub": "0"},
        pinning="pinned",
        cipher="TLSv1.3",
        sync=SyncTime(0.001, 0.002, "ext4"),
        repeats=3,
        sizes={"members": 500},
        quick=False,
    )


def test_rows_hold_medians_and_the_ratio_to_the_best(results: Results) -> None:
    assert report.value_rows(results) == [
        ["(b) 500 members, 20 senders, TLS: deliveries (/s)", "2,000", "1,600", "failed", "1.25"],
        ["Memory per idle TLS client (kB)", "20.0", "14.0", "-", "1.43"],
    ]


def test_a_failure_of_our_own_is_a_target_not_reached(results: Results) -> None:
    results.fail("hubbub", "rejoin", "ended with 1")
    found = {verdict.metric.key: verdict for verdict in results.verdicts()}
    assert (found["rejoin.time"].found, found["rejoin.time"].reached) == ("failed", False)
    assert found["connect.cpu"].reached is None


def test_text_is_aligned() -> None:
    assert report.as_text(["", "ab"], [["row", "1"]]) == "     ab\n-------\nrow   1"


def test_the_page_states_targets_failures_and_the_sync(
    results: Results, circumstances: Circumstances
) -> None:
    page = report.as_markdown(results, circumstances, "latest.svg")
    assert "| 1.25 times (2,000 to 1,600 /s) | reached |" in page
    assert "not measured" in page
    assert "- b-tls, inspircd: failed: ended with 1: no \\| luck" in page
    assert "median 1.00 ms, p99 2.00 ms" in page
    assert "![The results as a chart](latest.svg)" in page


def test_json_holds_every_reading(results: Results, circumstances: Circumstances) -> None:
    document = json.loads(json.dumps(as_json(results, circumstances)))
    assert document["metrics"]["b.tls.rate"]["readings"]["hubbub"] == [3000.0, 1000.0, 2000.0]
    assert document["metrics"]["b.tls.rate"]["medians"]["hubbub"] == 2000.0
    assert document["failures"] == {"b-tls": {"inspircd": "ended with 1: no | luck"}}


def test_the_picture_has_a_bar_for_each_value(results: Results) -> None:
    root = ET.fromstring(chart.draw(results))  # noqa: S314
    widths = [float(bar.attrib["width"]) for bar in root.iter(f"{SVG}rect")]
    assert len(widths) == 4
    assert widths[1] == pytest.approx(widths[0] * 0.8, abs=0.1)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts.count("no value") == 2
