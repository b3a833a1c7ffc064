# Two commands for people: `make run` and `make test`. Each sets up what it needs the first time.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev

.PHONY: run test test-all stress bench lint format package test-package test-install clean

run: $(READY)
	@scripts/run.sh $(BIN)

test: lint
	$(BIN)/python -m pytest -m "not slow"

test-all: lint
	$(BIN)/python -m pytest

# faults, broken and hostile files, hours of use: a table of what was tried and what was lost
stress: $(READY_DEV)
	$(BIN)/python scripts/stress $(STRESS)

# how fast, beside other programs: tables, in some minutes; the others come from the registry
bench: $(READY)
	$(BIN)/python scripts/bench $(BENCH)

lint: $(READY_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

format: $(READY_DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# the executable, in dist/ (docs/PACKAGING.md); VARIANT=cuda for graphics cards, DEB=--deb
package:
	$(PYTHON) packaging/build.py --variant $(or $(VARIANT),cpu) $(DEB)

test-package:
	$(PYTHON) packaging/check.py

# what `pip install .` gives in an empty environment; takes some gigabytes for that time
test-install: $(READY_DEV)
	$(BIN)/python -m pytest -m install tests/packaging/test_pip_install.py

$(READY): pyproject.toml constraints.txt scripts/setup.sh
	@scripts/setup.sh $(PYTHON) $(VENV) .
	@touch $@

$(READY_DEV): $(READY)
	@scripts/setup.sh $(PYTHON) $(VENV) .[dev]
	@touch $@

clean:
	rm -rf $(VENV) build dist output .pytest_cache .mypy_cache .ruff_cache
