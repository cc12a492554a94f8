"""The limit of open files, in a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys

RAISE = """
import resource
from hubbub.transport.descriptors import raise_descriptor_limit
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
print(raise_descriptor_limit(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


def test_raises_the_limit_as_far_as_it_may() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    done = subprocess.run(
        [sys.executable, "-c", RAISE], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == [str(hard), str(hard)]
