# The two commands of a newcomer are `make run` and `make test`; `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Tests run side by side (tests/conftest.py); `make test TESTS=tests/web/test_sign_in.py PYTEST=-x` runs just that one.
TESTS ?=
# `make mutation` takes a sample of every area, TARGETS= some areas (tests/mutation/targets.py), ALL=1 every mutant.
TARGETS ?=
ALL ?=
PYTEST ?= $(if $(TESTS),,-n auto --maxprocesses 8 --dist worksteal)
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: help run test check bench road mutation tck assets lock clean
.DEFAULT_GOAL := help

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(BIN)/banli: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "需要 Python 3.11 以上，例如 make run PYTHON=python3.12。 Python 3.11 or later is needed."; exit 1; }
	@echo "建立 Python 环境 .venv …… making the environment"
	@test -x $(BIN)/python && $(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || { \
	  rm -rf $(VENV); echo "缺少 venv；Debian、Ubuntu 上请先 apt-get install python3-venv。 The venv module is missing."; exit 1; }
	@echo "安装锁定的依赖，约一分钟 …… installing locked packages, about a minute"
	@$(call timed,$(PIP) --require-hashes -r requirements.lock && $(PIP) --no-deps --no-build-isolation -e .)
	@touch $@

$(VENV)/.dev: $(BIN)/banli requirements-dev.lock
	@echo "安装测试和检查的工具，约一分钟 …… installing the locked tools for tests and checks, about a minute"
	@$(call timed,$(PIP) --require-hashes -r requirements-dev.lock)
	@touch $@

define timed
started=$$(date +%s); { $(1); } || { \
  echo "没有装成，原因见上；多半是连不上软件源，可用 pip 的设置（如 PIP_INDEX_URL）另指一个，再运行一次。"; \
  echo "Installing failed, the reason is above. If it is the network, pip's own settings apply (PIP_INDEX_URL)."; \
  exit 1; }; echo "  $$(( $$(date +%s) - started )) s"
endef

assets: $(BIN)/banli ## build the browser assets (does nothing when nothing changed)
	@$(BIN)/python -m webapp.assets.build

run: $(BIN)/banli assets ## set up what is missing and start the demo bureau
	@exec env BANLI_DEMO="$${BANLI_DEMO:-1}" $(BIN)/banli run

test: $(VENV)/.dev assets ## everything: unit, engine, scenarios, both databases, web, browser
	@$(BIN)/python -m pytest $(PYTEST) $(TESTS)

check: $(VENV)/.dev ## the linters
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint --lint --quiet webapp/templates
	@$(BIN)/deptry .
	@$(BIN)/banli check

bench: $(VENV)/.dev assets ## print the figures, measured now; AGAINST=CHECKOUT compares with another build
	@$(BIN)/python -m tests.bench $(if $(AGAINST),--against $(AGAINST))

road: $(VENV)/.dev ## print how many modules one submit passes through, before and now
	@$(BIN)/python -m tests.road

mutation: $(VENV)/.dev ## change the code in small ways and see the tests notice (TARGETS="people limits", ALL=1)
	@$(BIN)/python -m tests.mutation $(TARGETS) $(if $(ALL),--all)

tck: $(VENV)/.dev ## hold FEEL against a checkout of the public repository dmn-tck/tck: make tck SUITE=path
	@$(BIN)/python -m tests.tck "$(SUITE)"

lock: ## write the lock files anew (needs uv)
	@uv pip compile --quiet --universal --no-annotate --no-emit-index-url --generate-hashes --custom-compile-command "make lock" pyproject.toml --group build -o requirements.lock
	@uv pip compile --quiet --universal --no-annotate --no-emit-index-url --generate-hashes --custom-compile-command "make lock" -c requirements.lock --group test --group lint -o requirements-dev.lock

clean: ## remove what can be made again; keeps var/
	@rm -rf $(VENV) webapp/static/dist webapp/assets/node_modules *.egg-info
