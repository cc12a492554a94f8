"""How hard the property tests try: HYPOTHESIS_PROFILE=fuzz for longer than `make test` does."""

from __future__ import annotations

import os

from hypothesis import settings

# A machine that is busy with something else is no fault of what is tested.
settings.register_profile("test", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))
