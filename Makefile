# Two commands, each complete on a fresh machine: `make reproduce` and `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CORES ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)

# Tests run in as many processes; each takes up to 1 GB.
TESTERS := $(shell [ $(CORES) -gt 8 ] && echo 8 || echo $(CORES))

# One BLAS thread: n = 31 needs no more, and results must not depend on thread order.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.PHONY: reproduce package test install docs lock clean

reproduce: install
	$(BIN)/snakemake --cores $(CORES) --logger shuyi
	@$(BIN)/python tools/say_answer.py

# An archive of the finished run for a data editor; `shuyi verify` checks it.
package: reproduce
	$(BIN)/shuyi package

# One table with what it needs, printed with the checks behind it: make table8
table%: install
	$(BIN)/snakemake --cores $(CORES) --quiet rules host -- $@
	@$(BIN)/python tools/show_table.py $@

test: install
	$(BIN)/python -m pytest $(if $(filter-out 1,$(TESTERS)),-n $(TESTERS) --dist loadfile --no-loadscope-reorder --benchmark-disable)

# Rewrites environment.yml, config/README.md, and the list of tables, answer and pictures of README.md.
docs: install
	$(BIN)/python tools/generate.py

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "shuyi needs Python 3.11 or newer; found " + sys.version.split()[0] + ". Name another interpreter: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv $(VENV)
	@echo "Installing $$(grep -c '==' requirements.lock) packages into $(VENV); this takes one to two minutes."
	$(BIN)/python -m pip install --progress-bar off --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $(STAMP)

# Maintainers only: needs `uv` on the PATH. Then copy the versions to environment.yml (a test compares them).
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
		--fork-strategy fewest --generate-hashes --no-annotate --no-header --quiet --output-file requirements.lock

clean:
	rm -rf results
