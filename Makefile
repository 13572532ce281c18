# Every command a developer needs. `make` alone prints this list.
PYTHON ?= python3
PORT   ?= 8000
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help

.PHONY: help
help: ## Print the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Peerdesk needs Python 3.11 or newer; name one with: make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
	  || { echo "Python has no venv module here; on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q app migrations
	@touch $(READY)

.PHONY: setup
setup: $(READY) ## Make the virtual environment from the locked versions

.PHONY: run
run: $(READY) ## Serve a sample community (PORT=8000), and a product site that embeds it, one port above
	$(BIN)/peerdesk demo --if-empty
	$(BIN)/peerdesk serve --port $(PORT) --demo-site

.PHONY: test
test: $(READY) ## Run all tests (T=path for some of them)
	$(BIN)/python -m pytest $(T)

.PHONY: fuzz
fuzz: $(READY) ## Try the API's description for long, with another seed each time (FUZZ_SEED, FUZZ_EXAMPLES)
	for role in member admin; do \
	  FUZZ_ROLE=$$role FUZZ_PHASES=examples,coverage,fuzzing,stateful FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-30} \
	  FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} $(BIN)/python -m pytest -n0 -s tests/api/test_fuzzing.py || exit 1; \
	done

.PHONY: check
check: $(READY) ## Format, lint, types, import contracts, templates, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/peerdesk migrate --check

.PHONY: fix
fix: $(READY) ## Format and repair what the linters can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

LOCKING := uv pip compile pyproject.toml --group dev --extra tantivy --universal --python-version 3.11 \
  --generate-hashes --no-header --upgrade

.PHONY: lock
lock: $(READY) ## Lock the newest allowed versions anew (needs uv)
	$(LOCKING) --quiet --output-file requirements.lock

.PHONY: outdated
outdated: $(READY) ## Show what `make lock` would bring, and fail if it is anything (needs uv)
	@bash -c 'diff <(grep == requirements.lock) <($(LOCKING) 2>/dev/null | grep ==)'

.PHONY: clean
clean: ## Remove the virtual environment, data and caches
	rm -rf $(VENV) data dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
