# What a newcomer, a developer and CI run. Every target makes the virtual environment that it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Half of a test's time is waiting: two for each of two cores.
TOGETHER := -n 4 --dist worksteal
# What tests write lies in memory where that has room: a disk that stalls for seconds is no failure of what they claim.
MEMORY := $(shell test "$$(df --output=avail /dev/shm 2>/dev/null | tail -1)" -gt 4000000 2>/dev/null && echo TMPDIR=/dev/shm)
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{printf "make %-12s %s\n", $$1, $$2}'

# The stamps hold what is installed; a second run needs no network.
$(VENV)/.run: requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the bot needs (once) ..."
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.test: requirements-test.txt $(VENV)/.run
	@echo "Installing what the tests need (once) ..."
	@$(PIP) install --require-hashes -r requirements-test.txt
	@touch $@

.venv-peers/.done: requirements-peers.txt
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	@echo "Installing the cloud vendor's command line (600 MB, once) ..."
	@.venv-peers/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-peers.txt
	@touch $@

.PHONY: demo
demo: $(VENV)/.run ## a local Slack and a local image API in the browser, with the real bot in it
	@$(BIN)/imagine sandbox $(ARGS)

.PHONY: once
once: $(VENV)/.run ## one whole job in the sandbox without a browser: make once TEXT="a fox in the rain"
	@$(BIN)/imagine sandbox --once "$(or $(TEXT),/imagine a fox in the rain --ar 16:9 --n 2)" --save out

.PHONY: test
test: $(VENV)/.test ## the tests (make test-sweep and make test-peers have more)
	@$(MEMORY) $(BIN)/python -m pytest -m "not peers and not sweep" $(TOGETHER) $(ARGS)

.PHONY: test-peers
test-peers: $(VENV)/.test .venv-peers/.done ## the vendor's own command line against the sandbox's image API
	@TCCLI=$(CURDIR)/.venv-peers/bin/tccli $(BIN)/python -m pytest tests/peers $(ARGS)

PURE := bot/errors.py,bot/job.py,bot/events.py,bot/lifecycle.py,bot/course.py,bot/lanes.py,bot/pace.py,bot/refill.py,bot/offers.py,bot/timetable.py,bot/forecast.py,bot/runtimes.py,bot/lognormal.py,bot/turns.py,bot/promise.py,bot/verbatim.py,bot/slash.py,bot/heard.py,bot/policy.py,\
bot/prompt.py,bot/flags.py,bot/values.py,bot/plain.py,bot/graphemes.py,bot/shapes.py,bot/styles.py,bot/spelling.py,bot/permutations.py,\
bot/form.py,bot/coach.py,bot/lineage.py,bot/terms.py,bot/stamp.py,bot/ballot.py,bot/bundle.py,bot/together.py,bot/price.py,\
bot/references.py,bot/spoken.py,bot/customs.py,bot/timeline.py,bot/request.py,bot/parsed.py
CORE := bot/runner.py,bot/inbox.py,bot/book.py,bot/crew.py,bot/steps.py,bot/driver.py,bot/submits.py,bot/looks.py,bot/health.py,bot/standing.py,bot/intake.py,bot/wakeups.py

.PHONY: test-sweep
test-sweep: $(VENV)/.test ## a death at every crash point, also where two are alike; five times as many random examples
	@$(MEMORY) $(BIN)/python -m pytest tests/chaos $(TOGETHER) $(ARGS)
	@$(MEMORY) EXAMPLES=many $(BIN)/python -m pytest $(TOGETHER) $$(grep -rl "from hypothesis" tests --include="test_*.py") $(ARGS)

.PHONY: coverage
coverage: $(VENV)/.test ## every branch of the pure rooms and of the runner must be reached by its own tests
	@$(BIN)/python -m coverage erase
	@EXAMPLES=many $(BIN)/python -m coverage run -m pytest tests/core tests/test_*.py $(ARGS)
	@$(BIN)/python -m coverage report --show-missing --fail-under=100 --include="$$(echo '$(PURE),$(CORE)' | tr -d ' ')"

.PHONY: bench
bench: $(VENV)/.test ## the product beside its limits and its peers (10 minutes); writes docs/performance.md
	@$(BIN)/python -m bench --write $(ARGS)

.PHONY: bench-quick
bench-quick: $(VENV)/.test ## the same in a minute, with more noise
	@$(BIN)/python -m bench --quick $(ARGS)

.PHONY: bench-scale
bench-scale: $(VENV)/.test ## 100 lanes, 1,000,000 jobs delivered, 100,000 waiting: figures, no goals (5 minutes, 4 GB)
	@$(BIN)/python -m bench.scale $(ARGS)

.PHONY: static
static: $(VENV)/.test ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: check
check: static test ## the static half and the tests; CI adds the sweep and the peers

.PHONY: format
format: $(VENV)/.test ## put the code into its form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

.PHONY: lock
lock: ## pin and hash the requirements anew from pyproject.toml
	@test -x .venv-lock/bin/uv || { $(PYTHON) -m venv .venv-lock && .venv-lock/bin/python -m pip --quiet install uv; }
	@.venv-lock/bin/uv pip compile $(LOCK) pyproject.toml --extra build --output-file requirements.txt
	@.venv-lock/bin/uv pip compile $(LOCK) pyproject.toml --extra build --extra test --output-file requirements-test.txt
	@.venv-lock/bin/uv pip compile $(LOCK) requirements-peers.in --output-file requirements-peers.txt

.PHONY: clean
clean: ## forget everything that was installed or made
	@rm -rf $(VENV) .venv-peers .venv-lock out data .mypy_cache .ruff_cache .hypothesis .import_linter_cache
