# Two commands matter: `make demo` and `make test`. Both set up .venv on first use and use it again afterwards.
# Override with e.g. `make test VENV=/tmp/venv PYTHON=python3.13`.

SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# What the environment is made from: a changed dependency or kernel sets it up again.
SOURCES := pyproject.toml setup.py sim/pyproject.toml $(wildcard native/*.pyx native/*.pxd)

.DEFAULT_GOAL := help
.PHONY: help setup demo demo-long demos test fuzz mutation fieldbus bench bench-regression bench-loop study picture docs reference tutorial schema clean \
        kernels-checked kernels-sanitized

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.stamp-run ## make the environment, compile the kernels, install cellctl and the simulated line

demo: $(VENV)/.stamp-run ## run the simulated coating line and close one loop (about 90 s)
	$(BIN)/cellctl demo

demo-long: $(VENV)/.stamp-run ## the demo until its correction is PROVEN: taken back, needed, made again (about 7 minutes)
	$(BIN)/cellctl demo --long --out out/demo-long

demos: $(VENV)/.stamp-run ## run the demo ten times and list the times (about 15 minutes)
	$(BIN)/cellctl demo --times 10

test: $(VENV)/.stamp-test ## lint, types, layers, tests
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist worksteal tests/commands tests/unit tests/docs
	$(BIN)/pytest tests/system tests/faults

fuzz: $(VENV)/.stamp-test ## feed a million broken frames to each Modbus decoder, and check 100,000 broken cells (20 minutes)
	$(BIN)/python -m tests.fuzz.modbus
	$(BIN)/python -m tests.fuzz.configuration

mutation: $(VENV)/.stamp-test ## all branches of the guard run; put faults into it and count those that its tests notice (10 minutes)
	$(BIN)/pytest -q tests/unit/guard --cov=cellctl.guard --cov=cellctl.model.guarding --cov-branch --cov-fail-under=100
	$(BIN)/python -m tests.mutation.guard

kernels-checked: $(VENV)/.stamp-test ## compile the kernels with every index checked and run their tests (1 minute)
	.ci/kernels checked $(BIN)

kernels-sanitized: $(VENV)/.stamp-test ## the same with AddressSanitizer and UndefinedBehaviorSanitizer (1 minute)
	.ci/kernels sanitized $(BIN)

fieldbus: $(VENV)/.stamp-bench ## measure the way to the plant and back, into out/fieldbus.json (about 45 minutes)
	$(BIN)/python -m benchmarks.fieldbus

bench: $(VENV)/.stamp-bench ## run the benchmarks one after the other
	@mkdir -p benchmarks/results
	@status=0; for file in benchmarks/[a-z]*.py; do \
	    echo "== $$file"; $(BIN)/python -m "benchmarks.$$(basename "$$file" .py)" || status=1; \
	done; exit $$status

bench-regression: $(VENV)/.stamp-bench ## time every kernel; fails where its median is half as long again as the last time here
	$(BIN)/pytest -q benchmarks/regression --benchmark-only --benchmark-disable-gc --benchmark-warmup=on \
	    --benchmark-timer=time.thread_time --benchmark-storage=benchmarks/results/regression --benchmark-autosave \
	    $$(ls benchmarks/results/regression/*/*.json > /dev/null 2>&1 && echo --benchmark-compare --benchmark-compare-fail=median:50%)

bench-loop: $(VENV)/.stamp-run ## measure exposure to set-point in force, 1000 moves
	$(BIN)/cellctl bench-loop

study: $(VENV)/.stamp-study ## how often the verdicts are right, and how much the cell helps (up to 30 minutes)
	@mkdir -p benchmarks/results
	$(BIN)/python benchmarks/lockstep.py
	$(BIN)/cellctl study

picture: $(VENV)/.stamp-run ## draw the pictures of README and guide: the view of the last demo, and pages of a report
	$(BIN)/python -m cellctl.hmi out/demo/view.json docs/images/live-view.svg
	$(BIN)/python -m docs.generating.pictures

docs: reference ## build the guide into docs/site
	$(BIN)/zensical build --strict -f docs/zensical.toml

reference: $(VENV)/.stamp-test ## write docs/reference anew, after a change of a setting, a command, a message or an error code
	$(BIN)/python docs/generate.py

tutorial: ## follow the developer's tutorial word for word, from git clone on (about 3 minutes)
	rm -rf out/tutorial && mkdir -p out/tutorial
	CELLCTL_GIT=$(CURDIR) $(PYTHON) tests/docs/session.py out/tutorial docs/index.md docs/tutorial/developer.md

schema: $(VENV)/.stamp-run ## write configs/cell.schema.json anew, after a change of a section or of a plugin's settings
	$(BIN)/cellctl schema --shipped --out configs/cell.schema.json

clean: ## remove the environment and what was built (runs under out/ are evidence and stay)
	rm -rf $(VENV) build dist *.egg-info sim/*.egg-info .mypy_cache .ruff_cache .pytest_cache
	rm -rf cellctl/_native/*.so cellctl/_native/avx2

$(VENV)/.stamp-run: $(SOURCES)
	@$(call set_up,-e '.[report]')
	@touch $@

$(VENV)/.stamp-test: $(SOURCES)
	@$(call set_up,-e '.[dev]')
	@touch $(VENV)/.stamp-run $@

$(VENV)/.stamp-study: $(VENV)/.stamp-run
	@'$(BIN)/python' -m pip install --quiet --disable-pip-version-check -e './sim[study]'
	@touch $@

$(VENV)/.stamp-bench: $(VENV)/.stamp-test
	@'$(BIN)/python' -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	@touch $@

# setuptools and wheel first: those that come with an older Python cannot build an editable install.
define set_up
set -e; \
sh .ci/prerequisites '$(PYTHON)'; \
echo "setting up $(VENV) (a few minutes the first time)"; \
'$(PYTHON)' -m venv '$(VENV)'; \
'$(BIN)/python' -m pip install --quiet --disable-pip-version-check --upgrade pip setuptools wheel; \
'$(BIN)/python' -m pip install --quiet --disable-pip-version-check $(1) -e ./sim
endef
