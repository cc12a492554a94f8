"""Two lengths of fuzzing: a few seconds among the tests, and as long as `make fuzz` gives it."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("fuzz", max_examples=50_000, deadline=None, suppress_health_check=SLOW)
settings.register_profile(
    "tests",
    max_examples=400,
    deadline=None,
    suppress_health_check=SLOW,
    # What a test run finds has to be found again by the next one.
    derandomize=True,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
)
PROFILE = settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "tests"))
