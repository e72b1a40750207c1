# make demo    from nothing to a database and three exports
# make test    the whole suite
# make check   everything that CI runs: style, types, imports, tests, documentation
# make data    data/references.csv again, from the chapter it was read from
# make score   how well chapters are read: make score CORPORA=DIR
# make bench   what it costs, as ratios
# make clean   away with all that was made

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# A folder of real files to run against: make check CORPORA=DIR
CORPORA ?=
PYTEST := $(BIN)/python -m pytest $(if $(CORPORA),--corpora=$(CORPORA))
# The first Python that is new enough; make PYTHON=... names another
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
REFBASE := $(BIN)/refbase --db refbase.db

.PHONY: demo test check lint types imports data docs score bench clean

demo: $(VENV)/.runtime
	@echo "== The annotated bibliography of LiverTox \"Baclofen\" goes into refbase.db"
	@$(REFBASE) import data/references.csv
	@echo "== What is in it"
	@$(REFBASE) list --bibliography Baclofen
	@echo "== Three files for LaTeX, EndNote and Zotero"
	@$(REFBASE) export --bibliography Baclofen -o exports/baclofen.bib
	@$(REFBASE) export --bibliography Baclofen -o exports/baclofen.ris
	@$(REFBASE) export --bibliography Baclofen -o exports/baclofen.json
	@echo "== Try next"
	@echo "   $(REFBASE) show russo2004liver"
	@echo "   $(REFBASE) list --year 2000.. --missing pmcid"
	@echo "   $(REFBASE) export --format biblatex | less"
	@echo "   $(BIN)/refbase --help"

test: $(VENV)/.test
	$(PYTEST)

check: lint types imports test

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports --no-cache

data: $(VENV)/.runtime
	$(BIN)/refbase convert corpora/livertox/baclofen.txt data/references.csv

# The generated parts of the documentation, and the expected output of its examples
docs: $(VENV)/.test
	$(PYTEST) --update tests/test_docs.py

score: $(VENV)/.test
	$(BIN)/python tools/score.py $(CORPORA)/livertox

bench: $(VENV)/.test
	$(BIN)/python tools/bench.py

clean:
	rm -rf $(VENV) refbase.db refbase.db-wal refbase.db-shm exports/baclofen.* \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "refbase needs Python 3.11 or newer"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "no virtual environment: on Debian and Ubuntu, apt install python3-venv"; exit 2; }

$(VENV)/.runtime: pyproject.toml | $(BIN)/python
	$(PIP) -e .
	@touch $@

# The readers of others, on what we write, are wanted but not needed: their tests skip
$(VENV)/.test: pyproject.toml | $(BIN)/python
	$(PIP) -e '.[test]'
	@$(PIP) -e '.[oracles]' || echo "not all of the programs to test against could be installed"
	@touch $@ $(VENV)/.runtime

$(VENV)/.dev: $(VENV)/.test
	$(PIP) -e '.[dev]'
	@touch $@
