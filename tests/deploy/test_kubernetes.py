"""The manifests are what Kubernetes takes, and what they say to Hubbub is what Hubbub knows."""

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
from tests.e2e.server import Server
from tests.terminal.servers import free_port

FOLDER = ROOT / "deploy" / "kubernetes"
PATIENCE = 30.0
ONE, THREE = FOLDER / "hubbub.yaml", FOLDER / "cluster.yaml"
PAGE = ROOT / "docs" / "how-to" / "kubernetes.md"
HARDENED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
_AS_JSON = "import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)"


def parts_of(manifest: Path) -> dict[str, Any]:
    """Return a manifest's documents by kind and name."""
    program("kubernetes-validate")  # its environment has what reads YAML
    read = subprocess.run(
        [VENV / "bin" / "python", "-c", _AS_JSON],
        check=True,
        input=manifest.read_text(),
        stdout=subprocess.PIPE,
        text=True,
    )
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in json.loads(read.stdout)}


@pytest.fixture(scope="module", params=[ONE, THREE], ids=["one", "three"])
def manifest(request: pytest.FixtureRequest) -> Path:
    chosen: Path = request.param
    return chosen


@pytest.fixture(scope="module")
def parts(manifest: Path) -> dict[str, Any]:
    return parts_of(manifest)


@pytest.fixture(scope="module")
def pod(parts: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = parts["StatefulSet/hubbub"]["spec"]["template"]["spec"]
    return spec


def test_kubernetes_takes_it(manifest: Path) -> None:
    done(program("kubernetes-validate"), "--strict", "--no-warn", manifest)


def test_it_is_a_hardened_pod_in_a_namespace_that_demands_it(
    parts: dict[str, Any], pod: dict[str, Any]
) -> None:
    labels = parts["Namespace/hubbub"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in (*pod["containers"], *pod.get("initContainers", ())):
        assert container["securityContext"] == HARDENED
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
    people, watchers, *members = policy["ingress"]
    assert {port["port"] for port in people["ports"]} == {"ircs", "ssh"}
    assert [port["port"] for port in watchers["ports"]] == ["health"]
    assert "from" not in people
    assert watchers["from"]
    of_members = {port["port"] for rule in members for port in rule["ports"]}
    assert all(rule["from"] == [{"podSelector": {"matchLabels": labels}}] for rule in members)
    assert ports == {"ircs", "ssh", "health"} | of_members
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
    of_members = {6222, 7900} if "initContainers" in pod else set()
    assert opened | of_members == {port["containerPort"] for port in container["ports"]}
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert str(settings.data_dir) in mounts
    assert settings.tls.certificate is not None
    assert str(settings.tls.certificate.parent) in mounts
    assert pod["terminationGracePeriodSeconds"] > settings.stop.drain_seconds + 15


def test_what_is_to_be_changed_is_marked_as_the_page_says(manifest: Path) -> None:
    page = PAGE.read_text()
    marked = re.findall(r"^(.*?)\s+# <-$", manifest.read_text(), re.M)
    assert len(marked) == {ONE: 3, THREE: 4}[manifest]
    assert "`# <-`" in page
    assert shutil.which("kubectl") or "never run" in page


def test_three_nodes_are_on_three_machines_and_find_each_other() -> None:
    parts = parts_of(THREE)
    labels = {"app.kubernetes.io/name": "hubbub"}
    found = parts["StatefulSet/hubbub"]["spec"]
    assert found["replicas"] == 3
    assert found["podManagementPolicy"] == "Parallel"
    rules = found["template"]["spec"]["affinity"]["podAntiAffinity"]
    (demanded,) = rules["requiredDuringSchedulingIgnoredDuringExecution"]
    assert demanded["topologyKey"] == "kubernetes.io/hostname"
    assert demanded["labelSelector"]["matchLabels"] == labels
    assert parts["PodDisruptionBudget/hubbub"]["spec"]["maxUnavailable"] == 1
    names = parts["Service/hubbub-pods"]["spec"]
    assert names["clusterIP"] == "None"
    assert names["publishNotReadyAddresses"] is True
    assert {port["port"] for port in names["ports"]} == {8080, 6222, 7900}


def test_three_are_what_one_is_but_for_what_makes_them_three() -> None:
    one, three = parts_of(ONE), parts_of(THREE)
    assert one.keys() == three.keys()
    for same in ("Namespace/hubbub", "ConfigMap/settings", "Service/hubbub"):
        assert one[same] == three[same]
    pods = [each["StatefulSet/hubbub"]["spec"]["template"]["spec"] for each in (one, three)]
    (join,) = pods[1].pop("initContainers")
    containers = [pod.pop("containers")[0] for pod in pods]
    assert join["image"] == containers[1]["image"]
    assert join["volumeMounts"] == containers[1]["volumeMounts"]
    for pod in pods:
        del pod["affinity"], pod["terminationGracePeriodSeconds"]
    for container in containers:
        del container["ports"], container["resources"]
    assert pods[0] == pods[1]
    assert containers[0] == containers[1]


def test_the_first_makes_itself_a_member_and_another_waits_to_be_let_in(tmp_path: Path) -> None:
    (join,) = parts_of(THREE)["StatefulSet/hubbub"]["spec"]["template"]["spec"]["initContainers"]
    (text,) = join["args"]
    ports = {"route": free_port(), "join": free_port()}

    def begin(pod: str) -> subprocess.Popen[str]:
        directory = tmp_path / pod
        directory.mkdir()
        script = text.replace("/var/lib/hubbub", str(directory)).replace("$(hostname)", pod)
        options = "".join(f" --{name}-port {port}" for name, port in ports.items())
        script = script.replace('"$name.hubbub-pods"', f"127.0.0.1{options}")
        environment = {
            "PATH": f"{ROOT / '.venv/bin'}:/usr/bin:/bin",
            "HUBBUB_DATA_DIR": str(directory),
        }
        return subprocess.Popen([*join["command"], script], env=environment, text=True)

    with begin("hubbub-0") as first:
        assert first.wait(PATIENCE) == 0
    with Server(tmp_path / "hubbub-0"), begin("hubbub-1") as second:
        assert second.poll() is None
        directory = tmp_path / "hubbub-1"
        hubbub = ROOT / ".venv/bin/hubbub"
        token = done(hubbub, "cluster", "token", "--quiet", "--data", tmp_path / "hubbub-0")
        door = f"127.0.0.1:{ports['join']}"
        joined = (hubbub, "cluster", "join", door, "--name", "hubbub-1", "--data", directory)
        subprocess.run(joined, check=True, input=token, text=True)
        assert second.wait(PATIENCE) == 0
