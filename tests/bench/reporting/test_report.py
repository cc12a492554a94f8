"""Results become a table and a page."""

from hubbub.bench.reporting import report
from hubbub.bench.reporting.results import Circumstances, Results


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
