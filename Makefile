# make demo   plays the main story        make test   sets up and runs the tests
# make check  lint, types, import rules   make soak SEEDS=2000   the simulator, any number of seeds
# make bench  figures as ratios           make locales   compiles the catalogues
# make guards each rule switched off, its tests must fail
# make walk   every screen in every size and language, hostile records past every screen; minutes
# make keys   writes docs/keys.md from the table of actions

PYTHON ?= python3
BIN := .venv/bin
SEEDS ?= 1000
# The tests wait for programs about as long as they work: one job more than two cores.
JOBS ?= 3
STAMP := .venv/.installed

.PHONY: setup demo test walk check bench soak guards locales keys

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $(STAMP)

demo: setup
	@$(BIN)/duijie demo --script

test: setup
	$(BIN)/python -m pytest -n $(JOBS) --no-loadscope-reorder

walk: setup
	$(BIN)/python -m pytest -n $(JOBS) -m walk

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m bench

soak: setup
	$(BIN)/python -m tests.simulator --seeds $(SEEDS)

guards: setup
	$(BIN)/python -m tests.schema.owed.guards

locales: setup
	$(BIN)/python -m tests.locales

keys: setup
	$(BIN)/python -m tui.keys > docs/keys.md
