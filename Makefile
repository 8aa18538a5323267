# The few verbs of this project.  `make up` and `make test` need nothing but Python, git and make.
PYTHON ?= python3
UV = $(or $(wildcard $(CURDIR)/.tools/bin/uv),uv)
# Where it is set, as in images of Python, each of our processes would compile all its modules again: seconds a start.
unexport PYTHONDONTWRITEBYTECODE

# One more than the two cores of the smallest machine: stories wait for clocks and other processes.
WORKERS ?= 3

.PHONY: up futures test check fix train bench soak words lock setup

setup:
	@$(PYTHON) tools/set_up.py

up: setup        ## run everything on the embedded default; DEMO=1 adds a demo clinic, VENDORS=1 rehearses the messaging apps
	@KAREZ_DEMO=$(if $(DEMO),true,false) .venv/bin/karez up$(if $(VENDORS), --vendors)

test: setup      ## every test: what a laptop lacks (PostgreSQL, NATS, Chromium) is named and left out, never in CI
	@.venv/bin/karez train
	@.venv/bin/python tools/missing.py
	@.venv/bin/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: setup     ## lint, types, import directions, content
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports && .venv/bin/karez content check

fix:             ## mend what tools can mend
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .

train: setup     ## teach the assistant from content/
	@.venv/bin/karez train

bench: setup     ## one chat turn against the bare assistant, side by side
	@.venv/bin/karez bench chat

futures: setup   ## write down anew what demo patients will be told (tests/futures); read the difference before it is kept
	@WRITE_FUTURES=1 .venv/bin/pytest -q -n 0 tests/futures

soak: setup      ## kill senders at random for ten minutes on both databases; TABLES=1 prints the tables of docs/faults.md instead
	@.venv/bin/python -m tests.faults.soak $(if $(TABLES),--table --trials --race,--minutes 10)

words: setup     ## bring the catalogues of staff words up to what pages ask for
	@.venv/bin/python tools/words.py

lock:            ## renew both locks: hashes, no addresses, so that any mirror serves
	@$(UV) pip compile pyproject.toml --group dev --python-version 3.12 --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --quiet --upgrade --output-file requirements.lock
	@cd bot && $(UV) pip compile pyproject.toml --python-version 3.10 --universal --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command "make lock" --quiet --upgrade --output-file requirements.lock
