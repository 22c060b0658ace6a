# dondoc: `make run` sets everything up and does the main job, `make test` sets up and passes the tests.
# Needed: Python 3.11 or newer with its venv module, and the package index of your choice. Nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PROTOS := $(shell find proto -name '*.proto')
T ?=
J ?= 2
DATA ?= .dondoc
N ?= 16300

help: ## This list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.packages: requirements.lock
	@test -n "$(PYTHON)" || { echo "dondoc needs Python 3.11 or newer with its venv module (on Debian: apt install python3-venv)."; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# Build requirements are in the environment already, so neither isolation nor an index is needed here.
$(VENV)/.installed: $(VENV)/.packages pyproject.toml proto/generate.py $(PROTOS)
	@echo "Generating messages from proto/ and installing dondoc …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-build-isolation --no-deps -e .
	@touch $@

setup: $(VENV)/.installed ## Environment with all packages, messages generated

run: setup ## Start the house, play the demonstration, print its summary
	@$(BIN)/dondoc play --data $(DATA)

test: setup ## All tests (T=path runs some, J=1 one after the other)
	@$(BIN)/python -m pytest $(if $(filter-out 1,$(J)),-n $(J) --dist loadfile) $(T)

explore: setup ## The properties of the unit tests with other examples than those that `test` repeats
	@$(BIN)/python -m pytest -n $(J) --hypothesis-profile=explore tests/unit

lint: setup ## ruff, mypy --strict, import contracts, buf
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/buf lint gen/image.binpb --config proto/buf.yaml

format: setup ## Bring the code into its form
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

proto: setup ## Generate the messages again
	@$(BIN)/python proto/generate.py

requirements: setup ## docs/requirements.md from the markers of the tests that ran and passed
	@$(BIN)/python -m pytest -n $(J) --dist loadfile --requirements=docs/requirements.md

mutants: setup ## Plant mistakes in the limits, one after the other: a test of the same rule must find each
	@$(BIN)/python -m tests.mutants --jobs $(J)

bench: setup ## The claims of benchmarks/, each beside the limit measured in the same run
	@$(BIN)/python -m benchmarks.forward
	@$(BIN)/python -m benchmarks.sweep

bench-years: setup ## Three years of a province with a calendar edit (N=1000 for fewer tasks; 16300 take long)
	@$(BIN)/python -m benchmarks.years --tasks $(N)

lock: setup ## Pin all packages again, with hashes
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --all-extras --output-file requirements.lock pyproject.toml

clean: ## Remove environment, generated messages and the data of the demonstration
	@rm -rf $(VENV) gen $(DATA) .mypy_cache .ruff_cache .pytest_cache

# Suites that need more than Python: they fetch what they need, and say clearly what is missing.
-include deploy/keycloak.mk deploy/deploy.mk

.PHONY: help setup run test explore lint format proto requirements mutants bench bench-years lock clean
