"""The Dockerfile, without running it: what the linter says of it, and what is locked."""

from __future__ import annotations

import re
import subprocess

from tests.deploy.programs import ROOT, program

DOCKERFILE = ROOT / "Dockerfile"


def test_the_linter_finds_nothing() -> None:
    done = subprocess.run(
        [program("hadolint"), DOCKERFILE], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_package_of_an_index_is_named_by_its_hash() -> None:
    lines = DOCKERFILE.read_text().replace("\\\n", " ")
    installs = re.findall(r"pip (?:--python \S+ )?install ([^&\n]*)", lines)
    assert len(installs) == 3
    for words in installs:
        assert "--no-deps" in words
        assert "--require-hashes" in words or "--no-index" in words
