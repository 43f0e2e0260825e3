# make run: environment, index of the shipped library, the page at http://localhost:8501
# make test: environment, lint, types, all tests

VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
INDEX = .run/index
PORT ?= 8501
export HF_HUB_OFFLINE = 1
export ANONYMIZED_TELEMETRY = False
export RAGBOT_EVAL_HISTORY ?= .run/history

# make eval: the suites of eval/ against their baselines; a fall blocks the release
# make cassettes: record the scripted chat model anew, after prompts or passages changed

# make bench: ragbot beside its peers, each in an environment of its own (1.5 to 3 GB each, linked;
# made once, kept in .run/bench/envs). BENCH="--pool DIR --library FILE --scale 1000 10000 100000"
# adds data; see bench/__main__.py. Sizes beyond 200,000 chunks are multiplied from 100,000.

.PHONY: run test lint types tests eval bench environment index constraints clean

run: environment index
	$(BIN)/ragbot ui --corpus corpus --index $(INDEX) --port $(PORT)

# exit code 1: some files stayed out, each with its line; the rest is served
index: environment
	$(BIN)/ragbot index --corpus corpus --index $(INDEX) || test $$? -eq 1

test: environment lint types tests eval

lint: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: environment
	$(BIN)/mypy

tests: environment
	$(BIN)/python -m pytest

eval: index
	$(BIN)/ragbot eval run --corpus corpus --index $(INDEX) --report .run/report
	$(BIN)/ragbot eval run --mode recorded --judge --corpus corpus --index $(INDEX) --report .run/recorded

cassettes: index
	RAGBOT_CORPUS=corpus RAGBOT_INDEX=$(INDEX) $(BIN)/python eval/scripted_model.py
	$(BIN)/ragbot eval run --mode recorded --judge --corpus corpus --index $(INDEX) --update-baseline

bench: environment
	$(BIN)/python -m bench $(BENCH)

environment:
	@$(PYTHON) tools/environment.py $(VENV) dev

# Resolve all versions anew; read what changed before you commit it.
constraints: environment
	$(BIN)/python tools/resolve.py

clean:
	rm -rf $(VENV) .run .mypy_cache .ruff_cache .pytest_cache
