"""The template makes what it says, as far as an imitation can show, and its first start works."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import textwrap
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from tests.deploy.debian import done
from tests.deploy.machine import Machine, booted
from tests.deploy.programs import ROOT, VENV, program, root_needed
from tests.deploy.talk import history, says
from tests.e2e.irc_client import Client

pytestmark = pytest.mark.timeout(300)
TEMPLATE: Final = ROOT / "deploy" / "aws" / "single.yaml"
METADATA: Final = "169.254.169.254"
GIVEN: Final = {
    "AdminCidr": "192.0.2.7/32",
    "ServerName": "chat.example.org",
    "Package": "https://packages.example.org/hubbub.deb",
    "PackageSha256": "0" * 64,
}


def said(*arguments: str) -> Any:
    """Ask what has the cloud's libraries."""
    program("cfn-lint")
    asked = (VENV / "bin" / "python", "-W", "ignore", ROOT / "tests/deploy/aws_stack.py")
    run = subprocess.run([*asked, *arguments], check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """Return the template, its short forms written out."""
    found: dict[str, Any] = said(str(TEMPLATE))
    return found


@pytest.fixture(scope="module")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    return {name: each["Properties"] for name, each in template["Resources"].items()}


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    """Return what came of it in an imitation of the cloud."""
    found: dict[str, Any] = said(str(TEMPLATE), json.dumps(GIVEN))
    return found


def test_the_template_is_one() -> None:
    done(program("cfn-lint"), TEMPLATE)


def test_the_firewall_lets_in_who_it_says(resources: dict[str, Any]) -> None:
    rules = resources["Firewall"]["SecurityGroupIngress"]
    assert {rule["IpProtocol"] for rule in rules} == {"tcp"}
    assert all(rule["FromPort"] == rule["ToPort"] for rule in rules)
    everybody = {r["FromPort"] for r in rules if "0.0.0.0/0" in r.values() or "::/0" in r.values()}
    assert everybody == {6697, 2222, 80}
    (administration,) = (rule for rule in rules if rule["FromPort"] == 22)
    assert administration["CidrIp"] == {"Ref": "AdminCidr"}
    assert {rule["IpProtocol"] for rule in resources["Firewall"]["SecurityGroupEgress"]} == {"-1"}


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "10.0.0.0/8", "everywhere", "192.0.2.7"])
def test_administration_is_for_few(template: dict[str, Any], cidr: str) -> None:
    allowed = template["Parameters"]["AdminCidr"]["AllowedPattern"]
    assert re.fullmatch(allowed, GIVEN["AdminCidr"])
    assert not re.fullmatch(allowed, cidr)


def test_the_journal_outlives_the_machine(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    volume = template["Resources"]["Volume"]
    assert volume["DeletionPolicy"] == volume["UpdateReplacePolicy"] == "Snapshot"
    assert resources["Volume"]["Encrypted"] is True
    (system,) = resources["Machine"]["BlockDeviceMappings"]
    assert system["Ebs"]["Encrypted"] is True
    assert resources["Attachment"]["VolumeId"] == {"Ref": "Volume"}


def test_keys_of_the_role_are_only_for_who_asks_on_the_machine(resources: dict[str, Any]) -> None:
    assert resources["Machine"]["MetadataOptions"] == {
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
        "HttpEndpoint": "enabled",
    }
    (policy,) = resources["Role"]["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == "ssm:GetParametersByPath"
    assert statement["Resource"]["Fn::Sub"].endswith(":parameter/hubbub/${AWS::StackName}")


def test_its_parts_belong_together(stack: dict[str, Any]) -> None:
    assert stack["status"] == "CREATE_COMPLETE"
    machine = stack["machine"]
    assert machine["KeyName"] == "admin"
    (address,) = stack["addresses"]
    (record,) = stack["records"]
    assert record["Name"].rstrip(".") == "chat.example.org"
    assert record["ResourceRecords"] == [{"Value": address["PublicIp"]}]
    assert stack["outputs"]["Administration"] == f"ssh admin@{address['PublicIp']}"
    (journal,) = (v for v in stack["volumes"] if v["Attachments"][0]["Device"] == "/dev/sdh")
    assert journal["AvailabilityZone"] == machine["Placement"]["AvailabilityZone"]
    (settings,) = stack["parameters"]
    assert settings["Name"] == "/hubbub/chat/hubbub.toml"
    assert 'name = "chat.example.org"' in settings["Value"]


def test_cloud_init_understands_the_first_start(stack: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "user-data").write_text(stack["user_data"])
    done(program("cloud-init", "cloud-init"), "schema", "--config-file", tmp_path / "user-data")
    assert len(stack["user_data"]) < 16_384, "the cloud takes no more"


def script(user_data: str, path: str) -> str:
    """Return a file that the first start writes."""
    found = re.search(
        rf"^  - path: {path}\n(?:    permissions: .*\n)?    content: \|\n((?:      .*\n|\n)+)",
        user_data,
        re.M,
    )
    assert found is not None, user_data
    return textwrap.dedent(found.group(1))


def test_a_file_system_is_made_once(stack: dict[str, Any], tmp_path: Path) -> None:
    root_needed()
    here = script(stack["user_data"], "/usr/local/sbin/hubbub-volume")
    disk = tmp_path / "disk"
    with disk.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    device = done("losetup", "--find", "--show", disk).strip()
    try:
        (tmp_path / "machine.conf").write_text(f"DEVICE={device}\n")
        (tmp_path / "fstab").touch()
        volume = tmp_path / "hubbub-volume"
        volume.write_text(
            here.replace("/etc/hubbub-machine.conf", str(tmp_path / "machine.conf"))
            .replace("/etc/fstab", str(tmp_path / "fstab"))
            .replace("/var/lib/private", str(tmp_path / "private"))
        )
        private = tmp_path / "private" / "hubbub"
        for step in (f"touch {private}/journal", f"test -e {private}/journal"):
            # The mount ends with its namespace, as the machine's with the machine.
            run = f"bash {volume} && {step} && bash {volume}"
            done("unshare", "--mount", "--propagation", "private", "bash", "-euc", run)
        assert (tmp_path / "fstab").read_text().count("LABEL=hubbub") == 1
    finally:
        done("losetup", "--detach", device)


@pytest.mark.parametrize(
    ("disks", "taken"),
    [
        ("/dev/nvme0n1 disk Amazon Elastic Block Store", ""),
        ("/dev/nvme1n1 disk Amazon EC2 NVMe Instance Storage", ""),
        ("/dev/nvme2n1 disk Amazon Elastic Block Store", "/dev/nvme2n1"),
        ("/dev/xvdh disk", "/dev/xvdh"),
    ],
)
def test_it_takes_no_disk_that_is_in_use_or_goes_with_the_machine(
    stack: dict[str, Any], tmp_path: Path, disks: str, taken: str
) -> None:
    here = script(stack["user_data"], "/usr/local/sbin/hubbub-volume")
    (function,) = re.findall(r"^find_device\(\) \{\n.*?^\}\n", here, re.M | re.S)
    lsblk = tmp_path / "lsblk"
    # What the real one says of a disk with a partition that is mounted, and of one with nothing.
    lsblk.write_text(
        textwrap.dedent(f"""\
            #!/bin/bash
            case "$*" in
              *--nodeps*) echo '{disks}' ;;
              *NAME*nvme0n1) printf 'nvme0n1\\nnvme0n1p1\\n' ;;
              *NAME*) echo disk ;;
              *MOUNTPOINT*nvme0n1) printf '\\n/\\n' ;;
              *MOUNTPOINT*) echo ;;
            esac
            """)
    )
    lsblk.chmod(0o755)
    run = f"set -euo pipefail; PATH={tmp_path}:$PATH; {function}\nfind_device || true"
    assert done("bash", "-c", run).strip() == taken


class Cloud(BaseHTTPRequestHandler):
    """Answer a machine as the cloud does: keys for who has a token, settings for who signs."""

    parameters: tuple[dict[str, str], ...] = ()
    keys: Final = {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "a-secret", "Token": "a-token"}

    def do_PUT(self) -> None:
        self._say("token-of-the-machine" if self.path == "/latest/api/token" else None)

    def do_GET(self) -> None:
        roles = "/latest/meta-data/iam/security-credentials/"
        if self.headers["X-aws-ec2-metadata-token"] != "token-of-the-machine":
            self._say(None)
        else:
            self._say({roles: "role", f"{roles}role": json.dumps(self.keys)}.get(self.path))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        signed = self.headers["Authorization"].startswith(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"
        )
        right = (
            signed
            and "/eu-central-1/ssm/aws4_request" in self.headers["Authorization"]
            and self.headers["X-Amz-Security-Token"] == "a-token"
            and self.headers["X-Amz-Target"] == "AmazonSSM.GetParametersByPath"
            and asked["Path"] == "/hubbub/chat"
            and asked["WithDecryption"]
        )
        # One on a page, so that the others have to be asked for.
        number = int(asked.get("NextToken", 0))
        page: dict[str, Any] = {"Parameters": [self.parameters[number]]}
        if number + 1 < len(self.parameters):
            page["NextToken"] = str(number + 1)
        self._say(json.dumps(page) if right else None)

    def _say(self, text: str | None) -> None:
        self.send_response(200 if text is not None else 403)
        self.end_headers()
        self.wfile.write((text or "").encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing of each request."""


@pytest.fixture(scope="module")
def machine(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with booted(root, tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture(scope="module")
def cloud(machine: Machine, stack: dict[str, Any]) -> Iterator[None]:
    """Have the machine's network lead to a cloud."""
    done(
        *("nsenter", "--net", f"--target={machine.leader}", "ip", "address", "add"),
        *(f"{METADATA}/32", "dev", "lo"),
    )
    (settings,) = stack["parameters"]
    text = settings["Value"].replace('access = "invite"', 'access = "open"')
    Cloud.parameters = (
        {"Name": "/hubbub/chat/credentials/mail", "Value": "a secret of the mail server"},
        {"Name": "/hubbub/chat/hubbub.toml", "Value": text},
        {"Name": "/hubbub/chat/../../etc/passwd", "Value": "nobody"},
    )
    server = machine.in_its_network(lambda: ThreadingHTTPServer((METADATA, 80), Cloud))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def test_from_the_first_start_until_somebody_talks(
    machine: Machine, cloud: None, stack: dict[str, Any], packages: tuple[Path, Path]
) -> None:
    package = packages[0]
    shutil.copy(package, machine.path("/root/hubbub.deb"))
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    user_data = (
        stack["user_data"]
        .replace("https://ssm.eu-central-1.amazonaws.com", f"http://{METADATA}/")
        .replace(f"PACKAGE={GIVEN['Package']}", "PACKAGE=file:///root/hubbub.deb")
        .replace(f"PACKAGE_SHA256={GIVEN['PackageSha256']}", f"PACKAGE_SHA256={digest}")
    )
    # The volume is tried by itself: what a machine in a container has for a disk is a mount.
    machine("mkdir", "-p", "-m", "0700", "/var/lib/private/hubbub")
    machine("mount", "-t", "tmpfs", "tmpfs", "/var/lib/private/hubbub")
    machine.write("/var/lib/cloud/seed/nocloud/user-data", user_data)
    machine.write("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: i-1\n")
    machine("rm", "/etc/cloud/cloud-init.disabled")
    for stage in (["init", "--local"], ["init"], ["modules", "--mode=config"]):
        machine("cloud-init", *stage)
    machine("cloud-init", "modules", "--mode=final")

    def door() -> Client:
        return machine.in_its_network(lambda: Client(6697, tls=True))

    says(door, "from the cloud")
    assert "from the cloud" in history(door)
    assert machine("cat", "/etc/hubbub/credentials/mail") == "a secret of the mail server"
    for path, mode in (("credentials/mail", "600 root"), ("hubbub.toml", "640 hubbub-settings")):
        assert machine("stat", "-c", "%a %G", f"/etc/hubbub/{path}") == mode
    assert "root:" in machine("cat", "/etc/passwd")
    assert "a-secret" not in machine("cat", "/var/log/cloud-init-output.log")


def test_what_is_set_anew_is_taken_up(machine: Machine, cloud: None) -> None:
    pid = machine.property("hubbub.service", "MainPID")
    mail, settings, strange = Cloud.parameters
    Cloud.parameters = (mail, {**settings, "Value": 'motd = "anew"\n' + settings["Value"]}, strange)
    assert "settings: hubbub.toml" in machine("/usr/local/sbin/hubbub-settings")
    assert machine("head", "-n", "1", "/etc/hubbub/hubbub.toml") == 'motd = "anew"'
    assert machine.property("hubbub.service", "MainPID") == pid


def test_another_package_is_not_installed(machine: Machine, cloud: None) -> None:
    machine.write("/root/hubbub.deb", "something else")
    refused = machine.run("/usr/local/sbin/hubbub-setup")
    assert refused.returncode != 0
    assert "FAILED" in refused.stdout
    assert machine.property("hubbub.service", "ActiveState") == "active"
