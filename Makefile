# One verb a job; `make help` lists them. Everything runs out of .venv.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
FAST_TESTS := -m "not slow"
# A process a core; each opens its own town, so more than a few would spend their time on that.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal
# Else the LightFM kernel is compiled for this very CPU and dies with SIGILL on another.
export LIGHTFM_NO_CFLAGS := 1
export MLFLOW_DISABLE_TELEMETRY := true
# LightFM and the linear algebra are faster and reproducible on one thread.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help
help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v=sys.version_info[:2]; sys.exit(None if (3,11)<=v<(3,14) else "Python 3.11 to 3.13 is needed, this is %d.%d: call make with PYTHON=python3.12 or the like" % v)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "The venv module is missing: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
	$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: install
install: $(STAMP) ## Install everything into .venv
	@true

.PHONY: browser
browser:
	@sh deploy/debian-packages.sh chromium fonts-noto-cjk libfaketime

.PHONY: run
run: install ## From nothing to two living homepages (CHECK=1: fetch them and stop)
	@$(BIN)/qianmian run $(if $(CHECK),--check)

.PHONY: check
check: install ## Format, lint, strict types, import contracts, no secret in any file
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --check --quiet serving/templates
	$(BIN)/python -m pytest --quiet tests/test_secrets.py

.PHONY: audit
audit: install ## Hold every locked package against known vulnerabilities (ADVISORIES=a copy of the PyPA database's vulns)
	@$(BIN)/python -m commands.dependency_audit $(if $(ADVISORIES),--advisories $(ADVISORIES))

.PHONY: format
format: install ## Put the code in its one format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --quiet .
	-$(BIN)/djlint --reformat --quiet serving/templates

.PHONY: test
test: install browser ## Every test
	$(PYTEST)

.PHONY: test-fast
test-fast: install browser ## The tests worth running at each change
	$(PYTEST) $(FAST_TESTS)

.PHONY: bench
bench: install browser ## All benchmarks in full; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks all --write docs/benchmarks.md

.PHONY: lock
lock: install ## Resolve the dependencies anew into a hash lock without addresses
	$(BIN)/uv pip compile pyproject.toml --group dev --group e2e --group bench --universal --generate-hashes \
	  --no-annotate --no-header --no-emit-index-url --output-file requirements.lock

.PHONY: clean
clean: ## Forget what was made at run time (var/)
	rm -rf var
