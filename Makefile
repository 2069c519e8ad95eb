# Two commands: `make up` tells the story on this machine, `make test` is everything a change must pass.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Worker processes of the test run; two cores are enough.
WORKERS ?= 2

.PHONY: up test lint types imports tests docs clean

up: $(BIN)/mailwright
	@$(BIN)/mailwright demo

test: lint types imports tests

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

imports: $(VENV)/.dev
	$(BIN)/lint-imports

tests: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) -ra

# The environment comes from the lock, hashes checked; a changed lock makes it anew.
$(VENV)/.run: requirements.txt
	@$(PYTHON) -I -c 'import sys; sys.exit("Mailwright needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -I -m venv $(VENV)
	@echo "Installing from the lock (about a minute the first time) ..."
	@$(BIN)/python -I -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# The command itself: it runs what stands in this folder, from wherever it is called, and nothing of the folder
# it is called in (-P: `python -m` would put that one first).
$(BIN)/mailwright: $(VENV)/.run Makefile
	@printf '#!/bin/sh\nPYTHONPATH="%s" PYTHONSAFEPATH=1 exec "%s/python" -P -m mailwright "$$@"\n' \
	  '$(CURDIR)' '$(CURDIR)/$(BIN)' > $@
	@chmod +x $@

$(VENV)/.dev: requirements-dev.txt $(BIN)/mailwright
	@$(BIN)/python -I -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# The documentation site, both languages, in build/site; any dead link ends it.
PAGES := README.md README.zh-CN.md CONTRIBUTING.md SECURITY.md CHANGELOG.md LICENSE Pulumi.yaml docs examples schemas
docs: build/docs-venv/.done
	@rm -rf build/pages build/site && mkdir -p build/pages/bench
	@cp -R $(PAGES) build/pages/ && cp bench/README.md build/pages/bench/
	build/docs-venv/bin/mkdocs build --strict

build/docs-venv/.done: requirements-docs.txt
	@$(PYTHON) -m venv build/docs-venv
	@build/docs-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.txt
	@touch $@

clean:
	rm -rf $(VENV) build/docs-venv build/pages build/site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
