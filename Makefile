# Everything a person does with this project. `make` alone lists it.
# Every target that needs Python makes .venv first, from the locked versions with their hashes.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The first that is new enough and complete, unless one is named: make test PYTHON=python3.13
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
	{ echo $$python; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?=
TWIN := src/hubbub/_compiled
COMPILED_TESTS := tests/test_twin.py tests/irc tests/core/world tests/core/apply tests/core/test_*.py \
	tests/node tests/journal/sqlite tests/journal/archive/test_filling.py tests/transport/test_stream.py \
	tests/transport/test_sending.py tests/fuzz/test_hub.py tests/e2e/test_kill.py \
	tests/e2e/test_slow_reader.py tests/packaging/test_compiled.py

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo 'Options of the command behind a target: make chat ARGS="--nick ann"'

# Who has asked for the compiled twin once keeps it, also when the sources are newer.
.PHONY: install
install: $(VENV)/run ## Install what a server and a client need, into .venv.
	@if test -e $(TWIN); then $(MAKE) --no-print-directory compiled; fi

.PHONY: serve
serve: $(VENV)/run ## Run a server on this machine: TLS 6697, SSH 2222, plain 6667.
	@exec $(BIN)/hubbub serve $(ARGS)

.PHONY: chat
chat: $(VENV)/run ## Talk: join #lobby of the server on this machine.
	@exec $(BIN)/hubbub chat $(ARGS)

# A twin that is there already is made anew: one that is not of these sources would not run.
.PHONY: compiled
compiled: $(VENV)/compile ## Build the hot path as machine code, for this checkout; needs gcc and a minute.
	@$(BIN)/python -m tools.compiled_twin
	@$(BIN)/hubbub version

.PHONY: wheel
wheel: $(VENV)/compile ## Build a wheel with that in it, for this machine's Python, into dist/.
	@HUBBUB_COMPILED=1 $(PIP) wheel --no-deps --no-build-isolation --no-index --wheel-dir dist .

# Files go to as many processes as there are processors; what a file shares is made once.
PARALLEL := --numprocesses auto --dist loadfile
WHOLE := --ignore=tests/clients --ignore=tests/deploy $(PARALLEL)
.PHONY: test
test: $(VENV)/dev ## Run the tests, but for those that need many foreign programs.
	@PURE_PYTHON=1 $(BIN)/python -m pytest $(if $(findstring tests,$(ARGS)),,$(WHOLE)) $(ARGS)

# What is compiled, the World with all its rules, and what must never be lost; COMPILED_TESTS=tests for
# all that `make test` runs.
.PHONY: test-compiled
test-compiled: $(VENV)/dev compiled ## Run those tests on the compiled twin that can tell it from the pure one.
	@HUBBUB_TEST_COMPILED=1 $(BIN)/python -m pytest $(if $(findstring tests,$(ARGS)),,$(COMPILED_TESTS) $(WHOLE)) $(ARGS)

.PHONY: test-clients
test-clients: $(VENV)/dev $(VENV)/clients ## Run the tests against chat programs that others wrote.
	@$(BIN)/python -m pytest tests/clients $(ARGS)

.PHONY: test-deploy
test-deploy: $(VENV)/dev $(VENV)/deploy ## Run the tests of what is in deploy/, as root: in containers.
	@$(BIN)/python -m pytest $(if $(findstring tests/,$(ARGS)),,tests/deploy) $(ARGS)

.PHONY: deb
deb: $(VENV)/dev ## Make a Debian package in dist/, for this release; ARGS="--release trixie".
	@$(BIN)/python -m tools.debian_package $(ARGS)

.PHONY: check
check: $(VENV)/dev ## Check style, types and who imports whom.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: $(VENV)/dev ## Put the code into the one format.
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format
	$(BIN)/ruff check

.PHONY: measure
measure: $(VENV)/dev ## Show the figures of the code; ARGS=--check fails where a limit is exceeded.
	@$(BIN)/python -m tools.measure $(ARGS)

.PHONY: coverage
coverage: $(VENV)/dev ## Show what of each module its own tests reach; ARGS=irc for a part.
	@$(BIN)/python -m tools.measure_coverage $(ARGS)

.PHONY: bench
bench: $(VENV)/dev ## Measure against ngircd and InspIRCd; needs some minutes.
	@exec $(BIN)/hubbub bench $(ARGS)

.PHONY: jepsen
jepsen: $(VENV)/dev ## Break a cluster of three in every way there is, and check it; an hour, as root.
	@exec $(BIN)/python -m tests.jepsen --page docs/topics/faults.md $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/dev ## Feed the server random input for longer than `make test` does.
	@HYPOTHESIS_PROFILE=fuzz $(BIN)/python -m pytest tests/fuzz --timeout=3600 $(ARGS)

# The suite is no part of this project: git clone https://github.com/progval/irctest
.PHONY: conformance
conformance: $(VENV)/dev ## Run the conformance suite in IRCTEST=path/to/its/checkout.
	@test -d '$(IRCTEST)/irctest/server_tests' || \
	  { echo 'Say where the suite is: make conformance IRCTEST=path/to/irctest' >&2; exit 1; }
	@cd '$(IRCTEST)' && PYTHONPATH='$(CURDIR)/tests/conformance' '$(CURDIR)/$(BIN)/python' -m pytest \
	  irctest/server_tests --controller=hubbub_controller --timeout 60 -n 2 -q -p no:cacheprovider \
	  -m 'not implementation-specific and not deprecated' $(ARGS)

.PHONY: docs
docs: $(VENV)/dev ## Write docs/reference (settings, commands, errors, ...) from the code.
	@$(BIN)/python -m tools.reference

.PHONY: changelog
changelog: $(VENV)/dev ## Put the fragments of changes/ together in CHANGELOG.md, for a release.
	@$(BIN)/python -m tools.changelog

.PHONY: record-rules
record-rules: $(VENV)/dev ## Record what the newest rules make of a long log: once, at a release with new rules.
	@$(BIN)/python -m tests.replay.recording $(ARGS)

# Each names every package with its hashes, extras kept; all have the versions of dev.lock.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--no-strip-extras --generate-hashes --custom-compile-command 'make lock' $(ARGS)

.PHONY: lock
lock: $(VENV)/dev ## Lock the newest allowed versions (ARGS=--upgrade) with their hashes.
	$(LOCK) --group run --group cluster --group build --group dev --output-file locks/dev.lock
	for group in run cluster build compile keyring clients clients-build deploy; do \
	  $(LOCK) --group $$group --constraints locks/dev.lock --output-file locks/$$group.lock; \
	done

.PHONY: clean
clean: ## Remove what can be made again: .venv and caches. Data of servers stays.
	rm -rf $(VENV) $(VENV)-clients $(VENV)-deploy tests/clients/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist .coverage $(TWIN)
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# The locked packages and nothing else, then this project on top, editable, and a look whether all
# fits together. Nothing is resolved: what was released since must not be able to change an install.
define install
	@$(PIP) install --require-hashes --no-deps $(addprefix --requirement locks/,$(1))
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@$(PIP) check >&2
endef

$(VENV)/run: locks/run.lock locks/build.lock pyproject.toml | $(VENV)/python
	$(call install,run.lock build.lock)
	@touch $@

# The types that a compiler goes by come from what a server needs.
$(VENV)/compile: locks/compile.lock $(VENV)/run
	@$(PIP) install --require-hashes --no-deps --requirement locks/compile.lock
	@touch $@

$(VENV)/dev: locks/dev.lock pyproject.toml | $(VENV)/python
	$(call install,dev.lock)
	@touch $@ $(VENV)/run

# Others' clients, apart from ours: what they need must not change what we have.
$(VENV)/clients: locks/clients.lock locks/clients-build.lock tests/clients/package-lock.json | $(VENV)/python
	@test -x $(VENV)-clients/bin/python || $(PYTHON) -m venv $(VENV)-clients
	@$(VENV)-clients/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes \
	  --no-deps --only-binary :all: --requirement locks/clients-build.lock
	@$(VENV)-clients/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes \
	  --no-deps --no-build-isolation --requirement locks/clients.lock
	@if command -v npm >/dev/null; then npm ci --silent --no-audit --no-fund --prefix tests/clients; fi
	@touch $@

# What checks deploy/, and runs what is there.
$(VENV)/deploy: locks/deploy.lock | $(VENV)/python
	@test -x $(VENV)-deploy/bin/python || $(PYTHON) -m venv $(VENV)-deploy
	@$(VENV)-deploy/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes \
	  --no-deps --no-compile --only-binary :all: --requirement locks/deploy.lock
	@touch $@

$(VENV)/python:
	@[ -n '$(PYTHON)' ] || { echo 'Python 3.11 or later, with venv, is missing.' \
	  'Debian: sudo apt install python3 python3-venv' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$$($(PYTHON) --version) is too old: Hubbub needs 3.11 or later (make PYTHON=...)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo 'Python lacks venv. Debian: sudo apt install python3-venv' >&2; exit 1; }
	@echo 'Installing into $(VENV) ...'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@touch $@
