# Every habit has one entry. On Windows, or without make: `uv run dvc repro`, `uv run pytest`.
.DEFAULT_GOAL := help
.PHONY: help setup repro test lint bench ollama readme clean clean-all

VENV := $(CURDIR)/.venv/bin
export PATH := $(VENV):$(PATH)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## make the environment (.venv) from the lock file
	@sh scripts/setup.sh

repro: setup ## run what changed and say where the report is (OPEN=1 opens it)
	@python -m stages.plan --check
	@mkdir -p .overthink && touch .overthink/started
	@dvc repro; status=$$?; report="$(CURDIR)/reports/report.html"; \
	if [ $$status -ne 0 ] && [ ! "$$report" -nt .overthink/started ]; then \
		echo "The run stopped before its report; run the same command to go on"; exit $$status; \
	fi; \
	echo "The report is at $$report"; \
	if [ -n "$(OPEN)" ]; then python -m webbrowser "file://$$report"; fi; \
	exit $$status

test: setup ## run every test that this machine can run
	@python -m pytest -n 2

lint: setup ## check format, style, types and the lock file
	@ruff format --check . && ruff check . && mypy && uv lock --check --quiet

bench: setup ## measure what each performance claim rests on
	@for file in benchmarks/*.py; do echo "== $$file"; python "$$file" || exit 1; done

ollama: ## put an Ollama server into .tools/, for the tests that want a real one
	@sh scripts/ollama.sh

readme: setup ## put the last run's output and the report's picture into the README
	@python scripts/readme.py

clean: ## remove what runs have made; keeps the environment and the journal
	@git clean -fdXq -- data reports
	@rm -rf .dvc/cache .dvc/tmp .pytest_cache .mypy_cache .ruff_cache

clean-all: clean ## also remove the environment and the journal (.overthink)
	@rm -rf .overthink .venv .tools
