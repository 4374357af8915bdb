# Everything here works on a fresh clone with Python 3.11 or newer, git and make.

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 3000
INSTALLED := .venv/installed
CONFORMANCE := .venv-conformance/installed

.PHONY: demo test dev check goldens bench coverage-report compare conformance clean

demo: $(INSTALLED)  ## process the bundled example drops with the real chain of assets
	@$(BIN)/python -m trace_assets.demo

test: $(INSTALLED)  ## the project's tests; real logs join in when TRACE_ASSETS_CORPUS names a folder
	$(BIN)/python -m pytest -q -n auto

dev: $(INSTALLED)  ## start the Dagster UI and the sensor, on the instance that `make demo` uses
	@DAGSTER_HOME=$$($(BIN)/python -m trace_assets.defs.home) && export DAGSTER_HOME && \
	exec $(BIN)/dagster dev --host 127.0.0.1 --port $(PORT)

check: $(INSTALLED)  ## style, types, layers, and whether Dagster can load it all
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/dagster definitions validate

goldens: $(INSTALLED)  ## write the golden files anew; read the difference before you commit it
	$(BIN)/python -m pytest -q tests/formats tests/test_docs.py tests/test_docs_of_dataset.py --update-goldens

bench: $(INSTALLED) $(CONFORMANCE)  ## costs as ratios within one run
	TRACE_ASSETS_CONFORMANCE_PYTHON=$(CURDIR)/.venv-conformance/bin/python $(BIN)/python -m benchmarks.bench
	$(BIN)/python -m benchmarks.chain
	$(BIN)/python -m benchmarks.backfill
	$(BIN)/python -m benchmarks.formats
	$(BIN)/python -m benchmarks.reading

coverage-report: $(INSTALLED)  ## which scalars of the logs in TRACE_ASSETS_CORPUS are found again
	$(BIN)/python -m benchmarks.coverage

compare: $(INSTALLED)  ## which logs in TRACE_ASSETS_CORPUS say less than with the version BASE=<commit>
	$(BIN)/python -m benchmarks.compare $(BASE)

conformance: $(CONFORMANCE)  ## ours and the LatticeFlow SDK on the same traces
	.venv-conformance/bin/python -m pytest -q tests/conformance -m conformance

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; make PYTHON=... names one")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

$(CONFORMANCE): pyproject.toml constraints-conformance.txt
	test -x .venv-conformance/bin/python || $(PYTHON) -m venv .venv-conformance
	.venv-conformance/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-conformance.txt -e '.[conformance]' pytest hypothesis
	touch $@

clean:
	rm -rf .venv .venv-conformance data .dagster_state
