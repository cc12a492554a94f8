"""The manifest is one that Kubernetes takes, and what it says to Hubbub is what Hubbub knows."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hubbub.settings.load import load_settings
from tests.deploy.debian import done
from tests.deploy.programs import ROOT, VENV, program

MANIFEST = ROOT / "deploy" / "kubernetes" / "hubbub.yaml"
_AS_JSON = "import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)"


@pytest.fixture(scope="module")
def parts() -> dict[str, Any]:
    """Return the manifest's documents by kind and name."""
    program("kubernetes-validate")  # its environment has what reads YAML
    read = subprocess.run(
        [VENV / "bin" / "python", "-c", _AS_JSON],
        check=True,
        input=MANIFEST.read_text(),
        stdout=subprocess.PIPE,
        text=True,
    )
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in json.loads(read.stdout)}


@pytest.fixture(scope="module")
def pod(parts: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = parts["StatefulSet/hubbub"]["spec"]["template"]["spec"]
    return spec


def test_kubernetes_takes_it() -> None:
    done(program("kubernetes-validate"), "--strict", "--no-warn", MANIFEST)


def test_it_is_a_hardened_pod_in_a_namespace_that_demands_it(
    parts: dict[str, Any], pod: dict[str, Any]
) -> None:
    labels = parts["Namespace/hubbub"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["enableServiceLinks"] is False
    assert pod["automountServiceAccountToken"] is False


def test_live_and_ready_are_asked_apart(pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/live"
    assert container["startupProbe"]["httpGet"]["path"] == "/live"
    assert container["readinessProbe"]["httpGet"]["path"] == "/ready"


def test_all_that_is_named_is_there(parts: dict[str, Any], pod: dict[str, Any]) -> None:
    (container,) = pod["containers"]
    labels = parts["StatefulSet/hubbub"]["spec"]["template"]["metadata"]["labels"]
    ports = {port["name"] for port in container["ports"]}
    for service in ("Service/hubbub", "Service/hubbub-pods"):
        assert parts[service]["spec"]["selector"] == labels
    targets = {port["targetPort"] for port in parts["Service/hubbub"]["spec"]["ports"]}
    assert targets == {"ircs", "ssh"}
    policy = parts["NetworkPolicy/hubbub"]["spec"]
    assert policy["podSelector"]["matchLabels"] == labels
    people, watchers = policy["ingress"]
    assert {port["port"] for port in people["ports"]} == {"ircs", "ssh"}
    assert [port["port"] for port in watchers["ports"]] == ["health"]
    assert "from" not in people
    assert watchers["from"]
    assert ports == {"ircs", "ssh", "health"}
    assert parts["PodDisruptionBudget/hubbub"]["spec"]["selector"]["matchLabels"] == labels
    mounts = {mount["name"] for mount in container["volumeMounts"]}
    claims = parts["StatefulSet/hubbub"]["spec"]["volumeClaimTemplates"]
    volumes = {each["name"] for each in pod["volumes"]}
    assert mounts == volumes | {claim["metadata"]["name"] for claim in claims}


def test_hubbub_reads_its_settings(
    parts: dict[str, Any], pod: dict[str, Any], tmp_path: Path
) -> None:
    (container,) = pod["containers"]
    text = parts["ConfigMap/settings"]["data"]["hubbub.toml"]
    (tmp_path / "hubbub.toml").write_text(text)
    settings = load_settings(tmp_path / "hubbub.toml", None, {}, tmp_path)
    doors = settings.doors
    opened = {door.port for door in (*doors.tls, *doors.ssh, *doors.health)}
    assert opened == {port["containerPort"] for port in container["ports"]}
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert str(settings.data_dir) in mounts
    assert settings.tls.certificate is not None
    assert str(settings.tls.certificate.parent) in mounts
    assert pod["terminationGracePeriodSeconds"] > settings.stop.drain_seconds + 15


def test_what_is_to_be_changed_is_marked_as_the_page_says() -> None:
    page = (ROOT / "docs" / "how-to" / "kubernetes.md").read_text()
    marked = re.findall(r"^(.*?)\s+# <-$", MANIFEST.read_text(), re.M)
    assert len(marked) == 3
    assert "`# <-`" in page
    assert shutil.which("kubectl") or "never run" in page
