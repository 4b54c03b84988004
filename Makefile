# `make run` executes the notebook, `make test` checks everything; both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test lab refresh bench results photos weights lint clean

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

# How well pictures are read, under named conditions, and whole pages.
photos: $(READY)
	@$(BIN)/python benchmarks/photos.py
	@$(BIN)/python benchmarks/pages.py

# The networks that predict.py uses, made again.
weights: $(READY)
	@$(BIN)/python train.py --model mlp-photos --source mnist --out weights/mlp.pt
	@$(BIN)/python train.py --model cnn-photos --source mnist --out weights/cnn.pt

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
