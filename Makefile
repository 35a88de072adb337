# One word for each task of a day; `make help` lists them. Needs Python 3.11 to 3.13 and nothing else; what needs more
# says so.

# The interpreter that .venv is made with: the newest that fits, or PYTHON=/path/to/python.
PYTHON ?=
# More arguments for the command of a target: make test ARGS="-k replay".
ARGS ?=
# The folder of labelled headlines that `make train` learns from.
DATA ?= $(NEWSWIRE_SHARED_DATA)
# Label files, or a folder of them, for `make eval`.
LABELS ?=
# A checkout of https://github.com/pypa/advisory-database, for `make audit` without an open network.
ADVISORIES ?=
# The Apache Kafka that `make lock` pins: by default the one that is pinned now.
KAFKA ?=

# Processes that test at a time. One more than there are processors, since live tests wait a good deal; 5 at most.
TESTERS := $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); expr $$(( n < 4 ? n : 4 )) + 1)

VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(VENV)/.packages
INSTALLED := $(VENV)/.installed
TRAINING := $(VENV)/.training
CONTRACTS := .cache/contracts/node_modules/.package-lock.json
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

UV := .cache/uv/bin/uv
AUDIT := .cache/audit/bin/pip-audit
PEERS := tests/benchmarks/peers/requirements
LOCKS := requirements.lock requirements-dev.lock requirements-train.lock requirements-build.lock $(PEERS).lock
# $(call need,PROGRAM,PACKAGE): say how to get a program of one of Debian's packages where it is missing.
need = command -v $(1) >/dev/null || { echo "$(1) is not there; Debian has it: apt-get install $(2)" >&2; exit 1; }
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(ARGS)

.DELETE_ON_ERROR:
.PHONY: help install demo broker test chaos schemas test-contracts test-alerts test-dashboards test-consumers test-compose rules lint format bench eval labels-named train dashboards lock audit clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED) ## make .venv with everything in it; does nothing when it is up to date

demo: $(INSTALLED) ## send the seed headlines through a local Apache Kafka and show what comes out
	@$(BIN)/newswire demo $(ARGS)

broker: $(INSTALLED) ## run a local Apache Kafka in the foreground
	@$(BIN)/newswire broker $(ARGS)

test: $(INSTALLED) ## run all tests, the live ones on brokers of their own
	@$(BIN)/python -m pytest --numprocesses $(TESTERS) $(ARGS)

chaos: $(INSTALLED) ## make all faults, and judge each by what came out; the last ones again: ARGS="--last-failed"
	@$(BIN)/python -m pytest --numprocesses 2 --chaos tests/reliability $(ARGS)

schemas: $(INSTALLED) ## check that released schemas are as they were and new ones keep the rules; ARGS=--release
	@$(BIN)/python -m tests.contracts $(ARGS)

test-contracts: $(INSTALLED) $(CONTRACTS) ## read schemas/ with AsyncAPI's own parser and Kaitai's own compiler
	@$(BIN)/python -m pytest tests/contracts $(ARGS)

test-alerts: $(INSTALLED) ## make faults on live workers and see a real Prometheus raise the alerts
	@$(call need,prometheus,prometheus)
	@$(BIN)/python -m pytest --numprocesses 2 tests/operations/test_alerts.py $(ARGS)

rules: ## check, lint and test the rules of Prometheus
	@$(call need,promtool,prometheus)
	@promtool check config --lint=all --lint-fatal deploy/prometheus/prometheus.yml
	@promtool test rules deploy/prometheus/tests/*.yml

test-dashboards: $(INSTALLED) ## run every query of the dashboards on a real Prometheus (Debian: apt install prometheus)
	@$(BIN)/python -m pytest tests/operations/test_dashboards.py $(ARGS)

test-consumers: $(INSTALLED) ## run the programs of deploy/consumers on live streams (Debian: kcat, postgresql)
	@$(call need,kcat,kcat)
	@PATH="$$PATH:$$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')"; $(call need,initdb,postgresql)
	@$(BIN)/python -m pytest tests/consumers $(ARGS)

test-compose: $(INSTALLED) ## start everything by docker-compose.yml, on images made here; needs Docker and root
	@$(BIN)/python -m pytest -p no:randomly --durations 10 tests/compose $(ARGS)

lint: $(INSTALLED) ## check style, formatting and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: $(INSTALLED) ## bring the code into its format
	@$(BIN)/ruff check --fix-only
	@$(BIN)/ruff format

bench: $(INSTALLED) ## measure throughput, latency and costs, beside plain Faust; 10 minutes. ARGS=--help says what else
	@$(BIN)/python -m tests.benchmarks.run $(ARGS)

labels-named:
	@test -n "$(LABELS)" || { echo "name label files, or a folder of them: make eval LABELS=FOLDER" >&2; exit 2; }

eval: labels-named $(INSTALLED) ## measure verdicts and topics on label files: make eval LABELS=FOLDER; ARGS="--errors 20"
	@$(BIN)/newswire evaluate $(LABELS) $(ARGS)

train: $(INSTALLED) $(TRAINING) ## train the router and the matcher anew: make train DATA=FOLDER
	@test -d "$(DATA)" || { echo "name the folder of labelled headlines: make train DATA=FOLDER" >&2; exit 2; }
	@$(BIN)/python -m worker.route.train --data "$(DATA)"
	@$(BIN)/python -m worker.deduplicate.match.train --pairs "$(DATA)/pairs_train.tsv"

dashboards: $(INSTALLED) ## write the JSON of the Grafana dashboards anew
	@$(BIN)/python deploy/grafana/build.py

lock: $(INSTALLED) ## pin packages and Kafka's jars anew; ARGS=--upgrade for newer ones, KAFKA=4.x.y
	@test -x $(UV) || { $(BIN)/python -m venv .cache/uv && .cache/uv/bin/pip install --quiet uv==0.13.9; }
	@$(COMPILE) pyproject.toml --output-file requirements.lock
	@$(COMPILE) pyproject.toml --extra local --extra deep --group dev --constraints requirements.lock \
		--output-file requirements-dev.lock
	@$(COMPILE) pyproject.toml --extra train --constraints requirements-dev.lock \
		--output-file requirements-train.lock
	@$(COMPILE) --group build --constraints requirements-dev.lock --output-file requirements-build.lock
	@# Only what both import: a peer's library may hold another package back.
	@sed -nE 's/^((aiokafka|jsonschema-rs|msgspec|numpy|orjson)==[^ ]+).*/\1/p' \
		requirements.lock >.cache/peers-constraints.txt
	@$(COMPILE) $(PEERS).txt --constraints .cache/peers-constraints.txt --output-file $(PEERS).lock
	@$(BIN)/python -m worker.broker.pin $(KAFKA)

# --strict: without it pip-audit passes over what it can not look up, and calls that well.
audit: $(INSTALLED) ## look for known vulnerabilities of all locked packages; without network: ADVISORIES=FOLDER
	@if [ -n "$(ADVISORIES)" ]; then $(BIN)/python deploy/audit.py "$(ADVISORIES)" $(LOCKS); else \
		test -x $(AUDIT) || { $(BIN)/python -m venv .cache/audit && \
			.cache/audit/bin/pip install --quiet pip-audit==2.10.1; } || exit; \
		$(AUDIT) --strict --disable-pip --require-hashes $(LOCKS:%=--requirement %) $(ARGS); \
	fi

clean: ## remove .venv and all caches of this folder
	@rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	@find worker tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(PACKAGES): requirements-dev.lock
	@found=; for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
		if $$python -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
			>/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "newswire needs Python 3.11, 3.12 or 3.13 with its modules venv and ensurepip, and none of" >&2; \
		echo "$(or $(PYTHON),python3.13 python3.12 python3.11 python3) is one. Install it (Debian: with python3-venv), or" >&2; \
		echo "name it: make install PYTHON=/path/to/python3.13" >&2; exit 1; \
	fi; \
	echo "Making $(VENV) with $$($$found --version); the first time this downloads about 150 MB"; \
	$$found -m venv --clear $(VENV)
	@$(PIP) --require-hashes -r $<
	@touch $@

$(INSTALLED): $(PACKAGES) pyproject.toml
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(CONTRACTS): tests/contracts/package-lock.json
	@$(call need,node,nodejs npm)
	@$(call need,npm,nodejs npm)
	@mkdir -p .cache/contracts
	@cp tests/contracts/package.json tests/contracts/package-lock.json .cache/contracts
	@npm ci --prefix .cache/contracts --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(TRAINING): $(PACKAGES) requirements-train.lock
	@$(PIP) --require-hashes -r requirements-train.lock
	@touch $@
