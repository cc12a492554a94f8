"""The template of three zones makes what it says, and its machines come together."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import pytest

from hubbub.settings.load import load_settings
from tests.deploy.debian import done
from tests.deploy.machine import POWER_OFF, Machine, booted
from tests.deploy.programs import ROOT, program
from tests.deploy.talk import history, says
from tests.deploy.test_aws import GIVEN, said, script
from tests.deploy.test_aws import TEMPLATE as SINGLE
from tests.e2e.irc_client import Client

pytestmark = pytest.mark.timeout(300)
TEMPLATE: Final = ROOT / "deploy" / "aws" / "cluster.yaml"
ZONES: Final = "ABC"
MAIL: Final = """
[mail]
host = "mail.example.org"
sender = "chat@example.org"
user = "chat"
password_file = "/run/credentials/hubbub.service/secret_mail"
"""
COPY: Final = """\
#!/bin/sh
install -m 0640 -g hubbub-settings /root/hubbub.toml /etc/hubbub/
install -m 0600 /root/mail /etc/hubbub/credentials/
"""
PSEUDO: Final = {
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "chat",
    "AWS::URLSuffix": "amazonaws.com",
    **GIVEN,
}


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """Return the template, its short forms written out."""
    found: dict[str, Any] = said(str(TEMPLATE))
    return found


@pytest.fixture(scope="module")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    return {name: each.get("Properties", {}) for name, each in template["Resources"].items()}


def filled(text: dict[str, Any]) -> str:
    """Return a text with what the cloud puts into it."""
    body: str = text["Fn::Sub"]
    return re.sub(r"\$\{([A-Za-z:]+[A-Za-z0-9]*)\}", _value, body)


def _value(found: re.Match[str]) -> str:
    return PSEUDO.get(found[1], found[0])


@pytest.fixture(scope="module")
def user_data(resources: dict[str, Any]) -> str:
    return filled(resources["Start"]["LaunchTemplateData"]["UserData"]["Fn::Base64"])


def test_the_template_is_one() -> None:
    done(program("cfn-lint"), TEMPLATE)


def test_three_machines_are_in_three_zones_each_with_a_volume_that_outlives_it(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    addresses = set()
    for number, zone in enumerate(ZONES):
        here = {"Fn::Select": [number, {"Fn::GetAZs": ""}]}
        assert resources[f"Subnet{zone}"]["AvailabilityZone"] == here
        assert resources[f"Volume{zone}"]["AvailabilityZone"] == here
        assert resources[f"Volume{zone}"]["Encrypted"] is True
        volume = template["Resources"][f"Volume{zone}"]
        assert volume["DeletionPolicy"] == volume["UpdateReplacePolicy"] == "Snapshot"
        attached = resources[f"Attachment{zone}"]
        assert attached["VolumeId"] == {"Ref": f"Volume{zone}"}
        assert attached["InstanceId"] == {"Ref": f"Machine{zone}"}
        (network,) = resources[f"Machine{zone}"]["NetworkInterfaces"]
        assert network["SubnetId"] == {"Ref": f"Subnet{zone}"}
        assert network["GroupSet"] == [{"Ref": "Firewall"}]
        subnet = resources[f"Subnet{zone}"]["CidrBlock"].removesuffix("0/24")
        assert network["PrivateIpAddress"].startswith(subnet)
        addresses.add(network["PrivateIpAddress"])
    assert len(addresses) == 3
    kinds = {each["Type"] for each in template["Resources"].values()}
    assert "AWS::AutoScaling::AutoScalingGroup" not in kinds


def test_its_parts_belong_together() -> None:
    stack = said(str(TEMPLATE), json.dumps(GIVEN))
    assert stack["status"] == "CREATE_COMPLETE"
    machines = {each["InstanceId"] for each in stack["machines"]}
    journals = [v for v in stack["volumes"] if v["Attachments"][0]["Device"] == "/dev/sdh"]
    # In which zones they are the imitation drops: for that the template is asked.
    assert {v["Attachments"][0]["InstanceId"] for v in journals} == machines
    assert len(journals) == len(machines) == 3
    (settings,) = stack["parameters"]
    assert settings["Name"] == "/hubbub/chat/hubbub.toml"


def test_people_reach_the_balancer_only(resources: dict[str, Any]) -> None:
    everybody = {
        (name, rule["FromPort"])
        for name in ("BalancerFirewall", "Firewall")
        for rule in resources[name]["SecurityGroupIngress"]
        if rule.get("CidrIp") == "0.0.0.0/0" or "CidrIpv6" in rule
    }
    assert everybody == {("BalancerFirewall", 6697), ("BalancerFirewall", 2222)}
    by_balancer = {
        rule["FromPort"]
        for rule in resources["Firewall"]["SecurityGroupIngress"]
        if rule.get("SourceSecurityGroupId") == {"Ref": "BalancerFirewall"}
    }
    assert by_balancer == {6697, 2222, 8080}
    (administration,) = (
        rule for rule in resources["Firewall"]["SecurityGroupIngress"] if "CidrIp" in rule
    )
    assert (administration["FromPort"], administration["CidrIp"]) == (22, {"Ref": "AdminCidr"})
    out = {rule["FromPort"] for rule in resources["BalancerFirewall"]["SecurityGroupEgress"]}
    assert out == by_balancer


@pytest.mark.parametrize(("name", "port"), [("FirewallOfOrder", 6222), ("FirewallOfJoining", 7900)])
def test_members_reach_members(resources: dict[str, Any], name: str, port: int) -> None:
    rule = resources[name]
    assert rule["FromPort"] == rule["ToPort"] == port
    assert rule["GroupId"] == rule["SourceSecurityGroupId"] == {"Ref": "Firewall"}


@pytest.mark.parametrize(("name", "port"), [("Tls", 6697), ("Ssh", 2222)])
def test_the_balancer_asks_who_is_ready_and_says_for_whom_it_connects(
    resources: dict[str, Any], name: str, port: int
) -> None:
    targets = resources[f"{name}Targets"]
    assert (targets["Protocol"], targets["Port"]) == ("TCP", port)
    assert targets["Targets"] == [{"Id": {"Ref": f"Machine{zone}"}} for zone in ZONES]
    assert (targets["HealthCheckProtocol"], targets["HealthCheckPort"]) == ("HTTP", "8080")
    assert targets["HealthCheckPath"] == "/ready"
    said = {each["Key"]: each["Value"] for each in targets["TargetGroupAttributes"]}
    assert said["preserve_client_ip.enabled"] == "false"
    assert said["proxy_protocol_v2.enabled"] == "true"
    # A machine that drains is not ready, and its people are not to be cut off.
    assert said["target_health_state.unhealthy.connection_termination.enabled"] == "false"
    (action,) = resources[f"{name}Door"]["DefaultActions"]
    assert action["TargetGroupArn"] == {"Ref": f"{name}Targets"}
    assert resources[f"{name}Door"]["Port"] == port
    assert resources["Balancer"]["Type"] == "network"
    assert resources["Balancer"]["Subnets"] == [{"Ref": f"Subnet{zone}"} for zone in ZONES]


def test_the_server_believes_the_balancer_s_subnets_and_nobody_else(
    resources: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "hubbub.toml").write_text(filled(resources["Settings"]["Value"]))
    doors = load_settings(tmp_path / "hubbub.toml", None, {}, tmp_path).doors
    subnets = {resources[f"Subnet{zone}"]["CidrBlock"] for zone in ZONES}
    assert {str(each) for each in doors.proxies} == subnets
    opened = {door.port for door in (*doors.tls, *doors.ssh, *doors.plain, *doors.health)}
    assert opened == {6697, 2222, 8080}


def test_keys_of_the_role_are_only_for_who_asks_on_the_machine(resources: dict[str, Any]) -> None:
    start = resources["Start"]["LaunchTemplateData"]
    assert start["MetadataOptions"]["HttpTokens"] == "required"
    assert start["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    (system,) = start["BlockDeviceMappings"]
    assert system["Ebs"]["Encrypted"] is True
    for zone in ZONES:
        machine = resources[f"Machine{zone}"]
        assert machine["LaunchTemplate"]["LaunchTemplateId"] == {"Ref": "Start"}
        assert machine["IamInstanceProfile"] == {"Ref": "Profile"}


def test_cloud_init_understands_the_first_start(user_data: str, tmp_path: Path) -> None:
    (tmp_path / "user-data").write_text(user_data)
    done(program("cloud-init", "cloud-init"), "schema", "--config-file", tmp_path / "user-data")
    assert len(user_data) < 16_384, "the cloud takes no more"


def test_what_is_tried_of_one_machine_is_the_same_here(user_data: str) -> None:
    one = said(str(SINGLE))["Resources"]["Machine"]["Properties"]["UserData"]["Fn::Base64"]
    for name in ("hubbub-volume", "hubbub-settings"):
        path = f"/usr/local/sbin/{name}"
        assert script(user_data, path) == script(filled(one), path)


@pytest.fixture(scope="module")
def machines(
    root: Path,
    packages: tuple[Path, Path],
    user_data: str,
    resources: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[list[Machine]]:
    """Boot a machine a zone, with what the first start writes there; they reach each other."""
    settings = filled(resources["Settings"]["Value"]).replace('"invite"', '"open"') + MAIL
    digest = hashlib.sha256(packages[0].read_bytes()).hexdigest()
    given = user_data.replace(GIVEN["Package"], "file:///root/hubbub.deb")
    given = given.replace(GIVEN["PackageSha256"], digest)
    with ExitStack() as running, ThreadPoolExecutor(len(ZONES)) as pool:
        folders = [tmp_path_factory.mktemp(f"zone-{zone.lower()}") for zone in ZONES]
        booting = [booted(root, folder) for folder in folders]
        found = list(pool.map(running.enter_context, booting))
        _connect(found)
        for machine in found:
            shutil.copy(packages[0], machine.path("/root/hubbub.deb"))
            machine.write("/etc/hubbub-machine.conf", script(given, "/etc/hubbub-machine.conf"))
            for name in ("hubbub-setup", "hubbub-member"):
                path = f"/usr/local/sbin/{name}"
                machine.write(path, script(given, path), 0o755)
            # What fetches these, and what mounts the volume, is tried with one machine.
            machine.write("/root/hubbub.toml", settings)
            machine.write("/root/mail", "a secret", 0o600)
            machine.write("/usr/local/sbin/hubbub-settings", COPY, 0o755)
            machine.write("/usr/local/sbin/hubbub-volume", "#!/bin/sh\n", 0o755)
            machine("mkdir", "-p", "-m", "0700", "/var/lib/private/hubbub")
            machine("mount", "-t", "tmpfs", "tmpfs", "/var/lib/private/hubbub")
        said = list(pool.map(lambda machine: machine("hubbub-setup"), found))
        assert ["waits for a token" in words for words in said] == [False, True, True]
        yield found
        # All at once: each takes some seconds.
        for machine in found:
            os.kill(machine.leader, POWER_OFF)


def _connect(machines: list[Machine]) -> None:
    """Give the machines the addresses that they have in their network."""
    first = machines[0]

    def ip(machine: Machine, *words: str) -> None:
        done("nsenter", "--net", f"--target={machine.leader}", "ip", *words)

    ip(first, "link", "add", "zones", "type", "bridge")
    ip(first, "address", "add", "10.77.1.10/16", "dev", "zones")
    ip(first, "link", "set", "zones", "up")
    for number, machine in enumerate(machines[1:], 2):
        port = f"zone{number}"
        peer = ("type", "veth", "peer", "name", "zones", "netns", str(machine.leader))
        ip(first, "link", "add", port, "master", "zones", *peer)
        ip(first, "link", "set", port, "up")
        ip(machine, "address", "add", f"10.77.{number}.10/16", "dev", "zones")
        ip(machine, "link", "set", "zones", "up")


def _door(machine: Machine) -> Callable[[], Client]:
    return lambda: machine.in_its_network(lambda: Client(6697, tls=True))


def _until_ready(machine: Machine) -> None:
    """Wait until the server says to systemd that it serves."""
    asked = ("systemctl", "is-active", "hubbub")
    machine.until(lambda: machine.run(*asked).stdout.strip() == "active", "hubbub")


def test_machines_wait_to_be_let_in_and_are_one_server_then(machines: list[Machine]) -> None:
    first, *others = machines
    _until_ready(first)
    for machine in others:
        token = first("hubbub-admin", "cluster", "token", "--quiet")
        machine("hubbub-member", text=token)
    first("systemctl", "restart", "hubbub")
    doors = [_door(machine) for machine in machines]
    for machine in machines:
        _until_ready(machine)
    says(doors[0], "from zone a")
    assert history(doors[2]) == ["from zone a"]
    status = others[0]("hubbub-admin", "cluster", "status")
    assert "3 of 3 servers are there" in status
    for machine in machines:
        user = machine("stat", "-c", "%u", "/var/lib/private/hubbub")
        strange = ("find", "/var/lib/private/hubbub", "-not", "-uid", user)
        assert machine(*strange) == "", "the service cannot read this"
