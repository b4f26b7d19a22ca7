# Every target makes what it needs, from nothing: a Python 3.11 or newer, and this file.
#
#   make demo     agents recorded, replayed, tested, gated, broken and scored, in a minute; writes agentops-demo/
#   make test     all tests
#   make check    formatting, lint, types, import contracts, architecture
#   make static   the same without the tests of architecture, which are part of `make test`
#   make bench    measure against peers; writes build/bench.json
#   make lock     resolve requirements*.txt again (UPGRADE=--upgrade for newer releases)
#   make clean    forget the environment and everything built, agentops-demo/ too
#
# PYTHON=python3.13 chooses the interpreter; UV= installs with pip even where uv is there;
# TESTS=tests/replay narrows `make test`; PYTEST_ARGS=-x replaces its `-n 2`.
# Written for GNU make 3.81, the one that macOS ships.

SHELL := /bin/sh
.NOTPARALLEL:
.SUFFIXES:
.DEFAULT_GOAL := help
.PHONY: help demo test check static bench lock clean

PYTHON ?=
VENV ?= .venv
# The redirection makes old makes use a shell, which is where `command` lives.
UV ?= $(shell command -v uv 2>/dev/null)
PYTEST_ARGS ?= -n 2
TESTS ?=
DEMO_ARGS ?=
BENCH_ARGS ?=
UPGRADE ?=

BIN := $(VENV)/bin

# Stamps carry a checksum of what was installed, and from where: a change installs again, a second run does not.
key = $(shell { cat $(1) pyproject.toml 2>/dev/null; pwd; } | cksum | cut -d ' ' -f 1)
DEV := $(VENV)/.dev-$(call key,requirements-dev.txt)
RUN := $(or $(wildcard $(DEV)),$(VENV)/.run-$(call key,requirements.txt))
MADE := $(if $(PYTHON),$(VENV)/.made-$(notdir $(PYTHON)),$(or $(firstword $(wildcard $(VENV)/.made-*)),$(VENV)/.made-default))

with_pip = $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check
ifeq ($(strip $(UV)),)
python_needs = import ensurepip, sys, venv
install = $(with_pip) $(1)
else
# uv needs no pip in the environment; pip is there for where uv cannot reach an index and pip can.
python_needs = import sys, venv
install = $(UV) pip install --quiet --python $(BIN)/python $(1) || { echo "uv could not; with pip:"; $(with_pip) $(1); }
endif

help:
	@sed -n 's/^#   \(make .*\)/\1/p' Makefile

demo: $(RUN)
	@$(BIN)/agentops-eval demo $(DEMO_ARGS)

test: $(DEV)
	$(BIN)/python -m pytest $(PYTEST_ARGS) $(TESTS)

check: static
	$(BIN)/python -m pytest tests/architecture

static: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEV)
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

$(MADE):
	@python=; for candidate in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	  if "$$candidate" -c '$(python_needs); sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	  then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "No Python 3.11 or newer with its venv module among: $(or $(PYTHON),python3 python3.11 and newer)."; \
	  echo "Debian and Ubuntu: apt-get install python3-venv.  Or name one: make PYTHON=/path/to/python3"; \
	  exit 1; \
	fi >&2; \
	echo "Making $(VENV) with $$("$$python" --version)"; \
	pip=$$("$$python" -c 'import ensurepip' 2>/dev/null || echo --without-pip); \
	"$$python" -m venv --clear $$pip $(VENV) && touch $@

$(VENV)/.run-%: $(MADE)
	@echo "Installing what the demo runs on (once)"
	@$(call install,--require-hashes -r requirements.txt)
	@$(call install,--no-deps --no-build-isolation -e .)
	@touch $@

$(VENV)/.dev-%: $(MADE)
	@echo "Installing what the tests and checks need (once)"
	@$(call install,--require-hashes -r requirements-dev.txt)
	@$(call install,--no-deps --no-build-isolation -e .)
	@touch $@

# One resolution for Python 3.11 to 3.14 on every platform; requirements.txt is a part of it.
# No index line is written, so that the files hold on any mirror: the hashes say what is meant.
compile = $(or $(UV),$(BIN)/uv) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-emit-index-url --no-emit-find-links $(UPGRADE) pyproject.toml
titled = { echo "\# Resolved by 'make lock' from pyproject.toml. Do not edit."; cat build/lock.txt; } > $(1)

lock: $(if $(strip $(UV)),,$(MADE))
	$(if $(strip $(UV)),,@$(call install,uv))
	@mkdir -p build
	@cp requirements-dev.txt build/lock.txt 2>/dev/null || true
	$(compile) --extra dev --output-file build/lock.txt
	@$(call titled,requirements-dev.txt)
	@rm build/lock.txt
	@printf 'hatchling\neditables\n' > build/lock.in
	$(compile) build/lock.in --extra demo --constraint requirements-dev.txt --output-file build/lock.txt
	@$(call titled,requirements.txt)
	@rm build/lock.txt build/lock.in

clean:
	rm -rf $(VENV) agentops-demo build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find agentops_eval pytest_plugin tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
