# make demo    from nothing to a database and three exports
# make test    the whole suite
# make check   everything that CI runs: style, types, imports, tests, documentation
# make data    data/references.csv again, from the chapter it was read from
# make score   how well chapters and printed citations are read: make score CORPORA=DIR
# make record  the cassettes of NCBI again, from NCBI itself: needs a network and REFBASE_EMAIL
# make peers   into .peers: the programs of others that `make bench` compares with
# make bench   what it costs, as ratios: make bench BENCH_RECORDS=100000
# make fuzz    every reader against files bred to break it: make fuzz FUZZ_SECONDS=60
# make clean   away with all that was made

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# A folder of real files to run against: make check CORPORA=DIR
CORPORA ?=
# On all cores; the tests that are left go to whoever is idle
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal $(if $(CORPORA),--corpora=$(CORPORA))
# The first Python that is new enough; make PYTHON=... names another
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
REFBASE := $(BIN)/refbase --db refbase.db
CITATION_JS := @citation-js/core@0.8.2 @citation-js/plugin-bibtex@0.8.2 \
	@citation-js/plugin-csl@0.8.2 @citation-js/plugin-ris@0.8.2

.PHONY: demo test check lint types imports data docs record score peers bench fuzz clean

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

# Asks NCBI, and keeps what it answers for the tests of those who have no network
record: $(VENV)/.test
	@test -n "$$REFBASE_EMAIL" || { echo "NCBI wants to know who asks: set REFBASE_EMAIL"; exit 2; }
	NCBI_RECORD=all $(PYTEST) tests/test_ncbi_cassettes.py

score: $(VENV)/.test
	$(BIN)/python tools/score.py $(CORPORA)/livertox
	$(BIN)/python tools/citation_styles.py $(CORPORA)

# None of them is needed for anything else: the bench skips what is not there
peers: $(BIN)/python
	$(BIN)/python -m venv .peers/venv
	.peers/venv/bin/python -m pip --disable-pip-version-check install --quiet -r tools/peers/requirements.txt
	npm install --silent --no-audit --no-fund --prefix .peers $(CITATION_JS)

bench: $(VENV)/.test
	$(BIN)/python tools/bench.py

# Ten minutes each unless told otherwise. What breaks a reader is kept in .fuzz/crashes
FUZZ_SECONDS ?= 600
fuzz: $(VENV)/.test
	$(PIP) -e '.[fuzz]'
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python tools/fuzz.py

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
