"""Results become a picture."""

from xml.etree import ElementTree as ET

import pytest

from hubbub.bench.reporting import chart
from hubbub.bench.reporting.results import Results

SVG = "{http://www.w3.org/2000/svg}"


def test_the_picture_has_a_bar_for_each_value(results: Results) -> None:
    root = ET.fromstring(chart.draw(results))  # noqa: S314
    widths = [float(bar.attrib["width"]) for bar in root.iter(f"{SVG}rect")]
    assert len(widths) == 4
    assert widths[1] == pytest.approx(widths[0] * 0.8, abs=0.1)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert texts.count("no value") == 2


def test_what_cannot_be_seen_is_a_bar_all_the_same(results: Results) -> None:
    results.add("inspircd", {"memory.idle": 0.001})
    root = ET.fromstring(chart.draw(results))  # noqa: S314
    assert min(float(bar.attrib["width"]) for bar in root.iter(f"{SVG}rect")) == 1.0


def test_names_are_text_and_no_markup() -> None:
    results = Results(("<b>&",))
    results.add("<b>&", {"memory.idle": 1.0})
    root = ET.fromstring(chart.draw(results))  # noqa: S314
    assert "<b>&" in [text.text for text in root.iter(f"{SVG}text")]


def test_of_nothing_there_is_an_empty_picture() -> None:
    root = ET.fromstring(chart.draw(Results(("hubbub",))))  # noqa: S314
    assert list(root.iter(f"{SVG}rect")) == []
