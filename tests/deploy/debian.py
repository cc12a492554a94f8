"""A Debian as it comes, and one that boots: made once, for the image's base and the machines."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Final

from tests.deploy.programs import VENV, program, root_needed

RELEASE: Final = "trixie"
"""The Debian of the image, and of the machines in which units and packages are tried."""
PYTHON: Final = "3.13"
"""Its Python."""
# What the image's first step would install is there already: nothing is downloaded twice.
BASE: Final = ("ca-certificates", "python3", "python3-venv")
AUTHORITIES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
"""Whom this machine believes: behind a proxy of a company's, packages come with its certificate."""
KEPT_SECONDS: Final = 86_400
BOOTED: Final = ("systemd-sysv", "dbus", "openssh-client", "cloud-init", "curl")


def done(*command: str | Path, folder: Path | None = None) -> str:
    """Run a command to its end; return what it printed. All of it is told where it fails."""
    run = subprocess.run(
        [str(word) for word in command],
        check=False,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert run.returncode == 0, f"{command}\n{run.stdout}"
    return run.stdout


def base() -> Path:
    """Make a new Debian, as the public image of its name is; return it as a tar archive.

    It is kept for a day beside the programs of these tests.
    """
    root_needed()
    archive = VENV / f"debian-{RELEASE}.tar"
    if archive.exists() and archive.stat().st_mtime > time.time() - KEPT_SECONDS:
        return archive
    upload = f"--customize-hook=upload {AUTHORITIES} {AUTHORITIES}"
    made = VENV / f"{os.getpid()}.tar"
    done(
        *(program("mmdebstrap", "mmdebstrap"), "--variant=minbase", f"--include={','.join(BASE)}"),
        *([upload] if AUTHORITIES.exists() else []),
        *(RELEASE, made),
    )
    return made.rename(archive)


def bootable(archive: Path, folder: Path) -> Path:
    """Unpack a Debian and install what it takes to boot; return its folder."""
    root = folder / "machine"
    root.mkdir()
    done("tar", "-C", root, "-xf", archive)
    # As this machine finds names: one without systemd-resolved has no other way.
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    # What is lost with this machine's power may be lost.
    (root / "etc/dpkg/dpkg.cfg.d/unsafe").write_text("force-unsafe-io\n")
    script = (
        "export DEBIAN_FRONTEND=noninteractive; apt-get update -qq && "
        f"apt-get install -qq -y --no-install-recommends {' '.join(BOOTED)}"
    )
    done("chroot", root, "sh", "-c", script)
    # Who tries a cloud's first start takes this away.
    (root / "etc/cloud/cloud-init.disabled").touch()
    return root
