"""Run the benchmark: python -m hubbub.bench."""

from hubbub.bench.command import main

raise SystemExit(main())
