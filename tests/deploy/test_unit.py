"""The service as the Debian package brings it, in a machine that has booted."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.machine import Machine, booted
from tests.deploy.programs import ROOT
from tests.deploy.talk import Door, history, says, somebody
from tests.e2e import ssh
from tests.e2e.irc_client import Client

pytestmark = pytest.mark.timeout(600)
UNIT = "hubbub.service"
SETTINGS = """
name = "chat.example.org"
network = "Example"
access = "open"
motd = "the first day"

[doors]
tls = ["0.0.0.0:6697", "[::]:6697"]
ssh = ["0.0.0.0:2222"]
plain = []

[ssh]
host_keys = ["/run/credentials/hubbub.service/secret_ssh_host_key"]
"""
# As long as a test may wait for it.
WATCHED_CLOSELY = "[Service]\nWatchdogSec=2\nRestartSec=0.2\n"


@pytest.fixture(scope="module")
def machine(
    root: Path, packages: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """Boot a machine, install the package, and write settings, as the manual says."""
    with booted(root, tmp_path_factory.mktemp("machine")) as running:
        for package in packages:
            shutil.copy(package, running.path(f"/root/{package.name}"))
        running("apt-get", "install", "--yes", f"/root/{packages[0].name}")
        running.write("/etc/hubbub/hubbub.toml", SETTINGS, 0o640)
        running("ssh-keygen", "-q", "-N", "", "-f", "/etc/hubbub/credentials/ssh_host_key")
        running.write(f"/etc/systemd/system/{UNIT}.d/test.conf", WATCHED_CLOSELY)
        running("systemctl", "daemon-reload")
        yield running


@pytest.fixture
def service(machine: Machine) -> Machine:
    """Have the service run."""
    machine("systemctl", "start", UNIT)
    return machine


def door(machine: Machine) -> Door:
    """Return what connects by TLS, in the machine's own network."""
    return lambda: machine.in_its_network(lambda: Client(6697, tls=True))


def test_systemd_understands_every_line(machine: Machine) -> None:
    for unit in (UNIT, "hubbub-backup.service", "hubbub-backup.timer"):
        assert machine("systemd-analyze", "verify", f"/usr/lib/systemd/system/{unit}") == ""


def test_it_may_do_little(machine: Machine) -> None:
    manual = (ROOT / "docs/how-to/systemd.md").read_text()
    told = re.search(r"`systemd-analyze security hubbub` says ([0-9.]+)", manual)
    assert told is not None
    most = int(float(told.group(1)) * 10)
    assert most <= 20
    machine("systemd-analyze", "security", f"--threshold={most}", UNIT)


def test_a_start_returns_when_it_serves(service: Machine) -> None:
    with somebody(door(service), "ann"):
        assert service.property(UNIT, "StatusText").startswith("ready")
    assert service.property(UNIT, "NRestarts") == "0"


def test_each_line_of_its_log_is_an_object(service: Machine) -> None:
    said = service("journalctl", "--unit", UNIT, "--identifier=hubbub", "--output=cat")
    lines = [json.loads(line) for line in said.splitlines()]
    assert {"ok", "warning"} & {line.get("level") for line in lines if "findings" in line}
    assert "ready" in {line.get("event") for line in lines}


def test_it_is_nobody_and_reads_what_it_has_to(service: Machine) -> None:
    pid = service.property(UNIT, "MainPID")
    user = service("stat", "-c", "%u", f"/proc/{pid}")
    assert int(user) >= 61184
    assert service("stat", "-c", "%u %a", "/var/lib/private/hubbub") == f"{user} 700"
    assert (
        service("stat", "-c", "%U %G %a", "/etc/hubbub/hubbub.toml") == "root hubbub-settings 640"
    )


def test_ssh_shows_the_key_that_root_alone_can_read(service: Machine) -> None:
    keys = "/etc/hubbub/credentials"
    assert service("stat", "-c", "%U %a", keys) == "root 700"
    own = service("cat", f"{keys}/ssh_host_key.pub").split()[:2]
    shown = service("ssh-keyscan", "-p", "2222", "127.0.0.1").splitlines()
    assert [line.split()[1:] for line in shown if not line.startswith("#")] == [own]


def test_somebody_talks_by_tls_and_ssh(service: Machine) -> None:
    with somebody(door(service), "ann") as ann:
        command = [
            "nsenter",
            "--net",
            f"--target={service.leader}",
            *ssh.command(2222, "post", "#lobby"),
        ]
        done = subprocess.run(
            command, input="by ssh\n", text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert ann.until("PRIVMSG").params == ("#lobby", "by ssh")


def test_a_reload_takes_up_the_settings(service: Machine) -> None:
    pid = service.property(UNIT, "MainPID")
    changed = SETTINGS.replace("the first day", "the second day")
    service.write("/etc/hubbub/hubbub.toml", changed, 0o640)
    service("systemctl", "reload", UNIT)
    with somebody(door(service), "ann") as ann:
        assert any("the second day" in m.params[-1] for m in ann.seen if m.command == "372")
    assert service.property(UNIT, "MainPID") == pid


def test_a_reload_of_what_is_refused_fails_and_changes_nothing(service: Machine) -> None:
    service.write("/etc/hubbub/hubbub.toml", SETTINGS.replace("motd =", "modt ="), 0o640)
    done = service.run("systemctl", "reload", UNIT)
    assert done.returncode != 0
    assert "modt" in service("journalctl", "--unit", UNIT, "--lines=10")
    with somebody(door(service), "ann"):
        assert service.property(UNIT, "ActiveState") == "active"
    service.write("/etc/hubbub/hubbub.toml", SETTINGS, 0o640)
    service("systemctl", "reload", UNIT)


def test_who_hangs_is_killed_and_comes_back(service: Machine) -> None:
    says(door(service), "before it hung")
    service("systemctl", "kill", "--kill-whom=main", "--signal=STOP", UNIT)
    service.until(lambda: service.property(UNIT, "NRestarts") == "1", UNIT)
    service.until(lambda: service.property(UNIT, "ActiveState") == "active", UNIT)
    assert "Watchdog timeout" in service("journalctl", "--unit", UNIT, "--grep=Watchdog")
    assert "before it hung" in history(door(service))


def test_it_stops_in_good_order(service: Machine) -> None:
    says(door(service), "before it stopped")
    service("systemctl", "stop", UNIT)
    assert service.property(UNIT, "Result") == "success"
    assert service.property(UNIT, "ExecMainStatus") == "0"
    service("systemctl", "start", UNIT)
    assert "before it stopped" in history(door(service))


def test_settings_that_have_to_be_mended_are_not_tried_again(machine: Machine) -> None:
    machine("systemctl", "stop", UNIT)
    machine.write("/etc/hubbub/hubbub.toml", SETTINGS.replace('access = "open"', ""), 0o640)
    assert machine.run("systemctl", "start", UNIT).returncode != 0
    assert machine.property(UNIT, "ExecMainStatus") == "2"
    assert machine.property(UNIT, "ActiveState") == "failed"
    assert "access" in machine("journalctl", "--unit", UNIT, "--lines=5")
    machine.write("/etc/hubbub/hubbub.toml", SETTINGS, 0o640)


def test_a_full_disk_is_waited_for(machine: Machine) -> None:
    machine("systemctl", "stop", UNIT)
    machine("mount", "-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs", "/var/lib/private/hubbub")
    machine.run("dd", "if=/dev/zero", "of=/var/lib/private/hubbub/rubbish", "bs=64k")
    machine("systemctl", "start", "--no-block", UNIT)
    machine.until(lambda: int(machine.property(UNIT, "NRestarts")) >= 2, UNIT)
    assert machine.property(UNIT, "ActiveState") == "activating"
    machine("rm", "/var/lib/private/hubbub/rubbish")
    machine.until(lambda: machine.property(UNIT, "ActiveState") == "active", UNIT)
    machine("systemctl", "stop", UNIT)
    machine("umount", "/var/lib/private/hubbub")


def test_the_operator_asks_it(service: Machine) -> None:
    # Without HOME, and from wherever one is.
    assert "ready" in service("hubbub-admin", "health")
    service("hubbub-admin", "status")
    # As the manual tells the first owner to find it; the log has no place for it.
    code = service("cat", "/var/lib/hubbub/owner-code").split()[-1]
    assert code not in service("journalctl", "--unit", UNIT)


def test_data_of_a_server_that_was_installed_by_hand_come_along(service: Machine) -> None:
    says(door(service), "by hand")
    service("systemctl", "stop", UNIT)
    service("rm", "/var/lib/hubbub")
    service("mv", "/var/lib/private/hubbub", "/var/lib/hubbub")
    service("useradd", "--system", "--user-group", "hubbub")
    service("chown", "-R", "hubbub:hubbub", "/var/lib/hubbub")
    service("systemctl", "start", UNIT)
    assert "by hand" in history(door(service))
    service("systemctl", "stop", UNIT)
    service("userdel", "hubbub")
    service("systemctl", "start", UNIT)
    assert "by hand" in history(door(service))
    assert service("stat", "-c", "%U", "/var/lib/private/hubbub/journal.sqlite") == "UNKNOWN"


def test_a_backup_brings_back_what_was_said_and_set(service: Machine) -> None:
    says(door(service), "before the backup")
    shown = service("ssh-keyscan", "-p", "2222", "127.0.0.1")
    service("systemctl", "start", "hubbub-backup.service")
    says(door(service), "after the backup")
    archive = service("sh", "-c", "ls /var/backups/hubbub/hubbub-*.tar.gz")
    assert service("stat", "-c", "%U %a", archive) == "root 600"
    assert service("tar", "-xzOf", archive, "version") == service("hubbub", "version")
    service("systemctl", "stop", UNIT)
    # As on another machine, where nothing is but the package.
    service("rm", "-r", "/etc/hubbub/credentials/ssh_host_key", "/etc/hubbub/hubbub.toml")
    service("rm", "-r", "/var/lib/private/hubbub", "/var/lib/hubbub")
    service("tar", "-xpzf", archive, "-C", "/", "etc/hubbub")
    service("hubbub-restore", archive)
    service("systemctl", "start", UNIT)
    service("hubbub-admin", "check", "--quiet")
    told = history(door(service))
    assert "before the backup" in told
    assert "after the backup" not in told
    assert service("ssh-keyscan", "-p", "2222", "127.0.0.1").splitlines() == shown.splitlines()
    assert (
        service("stat", "-c", "%U %G %a", "/etc/hubbub/hubbub.toml") == "root hubbub-settings 640"
    )


def test_an_upgrade_keeps_what_was_said_and_set(
    service: Machine, packages: tuple[Path, Path]
) -> None:
    says(door(service), "before the upgrade")
    pid = service.property(UNIT, "MainPID")
    service("apt-get", "install", "--yes", f"/root/{packages[1].name}")
    assert service("dpkg-query", "--show", "--showformat=${Version}", "hubbub").startswith(
        "0.1.0-2"
    )
    assert service.property(UNIT, "MainPID") != pid
    assert "before the upgrade" in history(door(service))


def test_the_way_back_keeps_it_too(service: Machine, packages: tuple[Path, Path]) -> None:
    says(door(service), "before the way back")
    older = f"/root/{packages[0].name}"
    service("apt-get", "install", "--yes", "--allow-downgrades", older)
    version = service("dpkg-query", "--show", "--showformat=${Version}", "hubbub")
    assert version.startswith("0.1.0-1")
    assert "before the way back" in history(door(service))


def test_who_removes_it_keeps_the_data(service: Machine) -> None:
    service("systemctl", "enable", UNIT)
    service("apt-get", "purge", "--yes", "hubbub")
    assert service.run("systemctl", "is-active", UNIT).stdout.strip() == "inactive"
    assert not service.path("/usr/lib/hubbub").exists()
    service("test", "-e", "/var/lib/private/hubbub/journal.sqlite")
