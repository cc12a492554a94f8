"""What was found is kept, with what failed and where it was."""

import json
import re

from hubbub.bench.reporting.results import Circumstances, Results, as_json, describe_machine, now


def test_json_holds_every_reading(results: Results, circumstances: Circumstances) -> None:
    document = json.loads(json.dumps(as_json(results, circumstances)))
    assert document["metrics"]["b.tls.rate"]["readings"]["hubbub"] == [3000.0, 1000.0, 2000.0]
    assert document["metrics"]["b.tls.rate"]["medians"]["hubbub"] == 2000.0
    assert document["failures"] == {"b-tls": {"inspircd": "ended with 1: no | luck"}}


def test_a_server_that_never_succeeded_is_not_tried_again(results: Results) -> None:
    assert results.hopeless("inspircd", "b-tls")
    results.fail("ngircd", "b-tls", "once")
    # It has succeeded before: it may again.
    assert not results.hopeless("ngircd", "b-tls")
    assert not results.hopeless("inspircd", "idle")


def test_what_was_measured_comes_in_the_usual_order(results: Results) -> None:
    results.add("hubbub", {"a.plain.rate": 1.0})
    assert results.measured() == ["a.plain.rate", "b.tls.rate", "memory.idle"]
    assert results.medians("connect.cpu") == {}


def test_only_what_was_reached_is_told_as_that(
    results: Results, circumstances: Circumstances
) -> None:
    targets = as_json(results, circumstances)["targets"]
    assert isinstance(targets, list)
    found = {target["metric"]: target["reached"] for target in targets}
    assert (found["b.tls.rate"], found["memory.idle"], found["ssh.idle"]) == (True, False, None)


def test_the_machine_is_told_with_its_processors() -> None:
    machine, system = describe_machine()
    assert re.search(r", [1-9]\d* CPUs$", machine)
    assert ", Python 3." in system
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", now())
