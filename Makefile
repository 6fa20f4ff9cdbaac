# Every routine task of the project is a target; `make help` lists them.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
TF ?= cpu
# The topics of `make demo`; `make demo TOPICS=` takes all ten and some minutes.
TOPICS ?= 01-perceptron 05-backprop
VENV := .venv
BIN := $(VENV)/bin
export TF_CPP_MIN_LOG_LEVEL ?= 3
export TF_ENABLE_ONEDNN_OPTS ?= 0
# Programs that the code finds on the path come from the environment (nbgrader starts alembic).
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help environment demo test test-hub test-fast release lint format lock digits thresholds audit doctor lab hub hub-pictures pictures results gallery bench bench-cluster crowd first-plot repeats attacks dirty similar clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

environment: ## Make .venv with the pinned versions (TF=gpu for CUDA); other targets do it when needed
	@$(PYTHON) tools/setup_env.py --extras $(TF),grading,dev

demo: environment ## Release the topics, make a class, grade it, show the scores (build/demo/)
	@$(BIN)/autograder demo $(TOPICS)

test: environment ## Run all tests except test-hub
	@$(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder --ignore tests/deploy/jupyterhub/test_hub.py $(ARGS)

test-hub: environment ## Test a hub in a real browser (ten minutes, on an otherwise idle machine)
	@$(BIN)/python -m pytest tests/deploy/jupyterhub/test_hub.py $(ARGS)

test-fast: environment ## Run the fast tests (no whole notebooks, no class, no browser)
	@$(BIN)/python -m pytest -n auto --dist loadscope -m "not slow and not browser" $(ARGS)

release: environment ## Make assignments/ from solutions/
	@$(BIN)/autograder release

lint: environment ## Check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: environment ## Fix what the linter can fix
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: environment ## Resolve the dependencies again into constraints.txt (UPGRADE=1 for newer versions)
	@$(BIN)/python tools/lock.py $(if $(UPGRADE),--upgrade)

digits: environment ## Make datasets/digits.npz again from its source
	@$(BIN)/uv run --quiet --python $(BIN)/python --script datasets/make_digits.py

thresholds: environment ## Measure the thresholds of accuracy tests over many seeds (docs/thresholds.md)
	@$(BIN)/python -m benchmarks.evidence.thresholds $(ARGS)

audit: environment ## Test the tests of all topics: variants, mutants, whole submissions (build/audit/)
	@$(BIN)/autograder audit --figures build/audit --json build/audit/audit.json $(ARGS)

results: environment ## Run the notebooks on the digits and on MNIST, write docs/results.md (NNKIT_MNIST=FILE)
	@$(BIN)/python -m benchmarks.evidence.results $(ARGS)

gallery: environment ## Take the figures of docs/gallery.md from the solved notebooks
	@$(BIN)/python tools/gallery.py $(ARGS)

bench: environment ## Time plain nbgrader, the exam and the floor on one class (build/bench/grading.json)
	@$(BIN)/python benchmarks/speed/grading.py $(ARGS)

bench-cluster: environment ## Measure grading on Dask workers, and model larger clusters (build/bench/cluster.json)
	@$(BIN)/python -m benchmarks.speed.cluster $(ARGS)

crowd: environment ## Grade a thousand NumPy submissions in one run; measure memory and the writer's time
	@$(BIN)/python -m benchmarks.speed.crowd $(ARGS)

repeats: environment ## Grade one class twenty times and compare (ARGS=--busy: on a quiet and a busy machine)
	@$(BIN)/python -m benchmarks.quality.repeats $(ARGS)

first-plot: environment ## Time a notebook's first plot, cold and warm kernels (ARGS=--browser: also in JupyterLab)
	@$(BIN)/python benchmarks/speed/first_plot.py $(ARGS)

attacks: environment ## Show the gain of attacks on the grading, under nbgrader and in the exam
	@$(BIN)/python benchmarks/quality/attacks.py $(ARGS)

similar: environment ## Show found copies and false accusations in made-up classes
	@$(BIN)/python -m benchmarks.quality.similar $(ARGS)

dirty: environment ## Show the scores of and remarks on broken and tampered submissions
	@$(BIN)/python -m benchmarks.quality.dirty $(ARGS)

doctor: environment ## Show what this machine can and can't do, and how to fix it
	@$(BIN)/autograder doctor

lab: environment ## Open the student notebooks in JupyterLab
	@$(BIN)/jupyter lab assignments

hub: environment ## Start a demonstration JupyterHub on this machine (build/hub/; ARGS='--port 8100')
	@$(BIN)/python deploy/jupyterhub/demo/hub.py $(ARGS)

hub-pictures: environment ## Take the pictures of docs/hub/ again, during the hub's tests
	@HUB_PICTURES=docs/hub $(BIN)/python -m pytest -q tests/deploy/jupyterhub/test_hub.py $(ARGS)

pictures: environment ## Take the README's pictures again (needs Chromium)
	@$(BIN)/python tools/pictures.py

clean: ## Remove everything that is built, except the environment
	rm -rf build .pytest_cache .ruff_cache .hypothesis
