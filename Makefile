# The two commands of a newcomer are `make run` and `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: help run test check bench mutation assets lock clean
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(BIN)/banli: requirements.lock pyproject.toml
	@echo "[1/3] making the environment (.venv) and installing locked dependencies ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(BIN)/banli requirements-dev.lock
	@echo "[2/3] installing the locked tools for tests and checks ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

assets: $(BIN)/banli ## build the browser assets (does nothing when nothing changed)
	@$(BIN)/python -m webapp.assets.build

run: $(BIN)/banli assets ## set up what is missing and start the demo bureau
	@BANLI_DEMO=$${BANLI_DEMO:-1} $(BIN)/banli run

test: $(VENV)/.dev assets ## everything: unit, engine, scenarios, both databases, web, browser
	@$(BIN)/python -m pytest

check: $(VENV)/.dev ## the linters
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint --lint --quiet webapp/templates
	@$(BIN)/deptry .
	@$(BIN)/banli check

bench: $(VENV)/.dev assets ## print the figures of the README, measured now
	@$(BIN)/python -m tests.bench

mutation: $(VENV)/.dev ## change the clock module in every way and see the tests notice
	@$(BIN)/python -m tests.mutation

lock: ## write the lock files anew (needs uv)
	@uv pip compile --quiet --universal --no-annotate --no-emit-index-url --generate-hashes --custom-compile-command "make lock" pyproject.toml --group build -o requirements.lock
	@uv pip compile --quiet --universal --no-annotate --no-emit-index-url --generate-hashes --custom-compile-command "make lock" -c requirements.lock --group test --group lint -o requirements-dev.lock

clean: ## remove what can be made again; keeps var/
	@rm -rf $(VENV) webapp/static/dist webapp/assets/node_modules *.egg-info
