# `make run` executes the notebook, `make test` checks everything; both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_TO_CHANGE := $(VENV)/.ready-to-change
READY_TO_SERVE := $(VENV)/.ready-to-serve

.PHONY: run test lab page serve refresh bench claims results photos weights lint static hooks clean

run: $(READY)
	@$(BIN)/python -m tools.run_notebook

# By two processes: while one waits for a browser or a notebook, the other goes on.
test: $(READY_TO_CHANGE)
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

# A copy without outputs, which is yours; `make lab LAB=--no-browser` hands options to JupyterLab.
lab: $(READY)
	@$(BIN)/python -m tools.lab $(LAB)

# The tutorial as a web page, from the notebook as it is committed.
page: $(READY)
	@$(BIN)/python -m page

# The reader as a service; `make serve SERVE="--port 9000"` hands options to serve.py.
serve: $(READY_TO_SERVE)
	@$(BIN)/python serve.py $(SERVE)

refresh: $(READY)
	@$(BIN)/python -m tools.run_notebook --refresh

# Which claims of the notebook hold under many seeds and instruction sets; an hour, CLAIMS=--quick ten minutes.
claims: $(READY)
	@$(BIN)/python -m tools.claims $(CLAIMS)

bench: $(READY_TO_SERVE)
	@$(BIN)/python -m benchmarks speed
	@$(BIN)/python -m benchmarks service

results: $(READY)
	@$(BIN)/python -m benchmarks ladder

# How well single digits, lines and pages are read, under named conditions.
photos: $(READY)
	@$(BIN)/python -m benchmarks photographs
	@$(BIN)/python -m benchmarks numbers

# The networks that read, made again, and the files that the reader loads.
weights: $(READY_TO_CHANGE)
	@$(BIN)/python train.py --model mlp-photos --source mnist --out weights/mlp.pt
	@$(BIN)/python train.py --model cnn-photos --source mnist --out weights/cnn.pt
	@$(BIN)/python train.py --model line --source mnist --out weights/line.pt
	@$(BIN)/python -m trainer.export weights/cnn.pt handreader/weights/digits.onnx
	@$(BIN)/python -m trainer.export weights/line.pt handreader/weights/lines.onnx

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache

# The notebook as it is committed, not executed.
static: $(READY)
	@$(BIN)/python -m pytest tests/test_notebook.py tests/test_notebook_story.py

# Check each commit before it is made.
hooks: $(READY_TO_CHANGE)
	@$(BIN)/pre-commit install

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

$(READY_TO_SERVE): $(READY) requirements-serve.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-serve.txt
	@touch $(READY_TO_SERVE)

$(READY_TO_CHANGE): $(READY) requirements-dev.txt requirements-serve.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(READY_TO_CHANGE)
