# Each target works on a machine with git, make, and Python 3.11 or newer with venv.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
SOAK   ?= 1
# Half of a screen test's time is waiting, so there are more workers than cores; who is done takes from the others.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 2) * 3 // 2)')

.PHONY: demo test quick check bench soak interop catalogues docs clean
.DEFAULT_GOAL := demo

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Partagenda needs Python 3.11 or newer; try: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(STAMP)  ## opens the app on the sandbox; without a terminal, runs the whole story and prints each step
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/partagenda demo; else $(BIN)/partagenda demo --check; fi

test: $(STAMP)  ## the whole suite
	$(BIN)/python -m compileall -q core tui  # once here, not in each process that a test starts: those write none
	PYTHONDONTWRITEBYTECODE=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

quick: $(STAMP)  ## the part that one runs before each commit: no servers, no screens
	$(BIN)/python -m pytest -n auto -m 'not slow and not interop' tests/architecture tests/core \
		--ignore=tests/core/backends --ignore=tests/core/sandbox

check: $(STAMP)  ## format, lint, types, arrows between the packages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)  ## ours and the peers' times in the same run
	$(BIN)/python tests/bench/run.py

soak: $(STAMP)  ## the random tests with the numbers of the contract, about an hour; SOAK=0.02 takes a fiftieth of them
	PARTAGENDA_SOAK=$(SOAK) $(BIN)/python -m pytest -n auto -m soak

interop: $(STAMP)  ## installs and runs the independent clients
	$(BIN)/python tests/interop/run.py

catalogues: $(STAMP)  ## collects the English strings and compiles the French ones
	$(BIN)/python tests/catalogues.py

docs: $(STAMP)  ## the page of keys and the pictures
	$(BIN)/python docs/keys.py
	$(BIN)/python docs/pictures.py

clean:
	rm -rf $(VENV) .bench build dist
