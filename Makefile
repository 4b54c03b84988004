# `make run` executes the notebook, `make test` checks everything; both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test lab refresh bench results lint clean

run: $(READY)
	@$(BIN)/python tools/run_notebook.py

test: $(READY)
	@$(BIN)/python -m pytest

lab: $(READY)
	@$(BIN)/jupyter lab handwritten_classifier.ipynb

refresh: $(READY)
	@$(BIN)/python tools/run_notebook.py --refresh

bench: $(READY)
	@$(BIN)/python benchmarks/bench.py

results: $(READY)
	@$(BIN)/python benchmarks/results.py

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

clean:
	rm -rf build

# The mark is set last, so that an installation which broke off is taken up again.
$(READY): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed: call 'make PYTHON=/path/to/python3.11'." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV): a few minutes, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $(READY)
