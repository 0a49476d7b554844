# Every target makes .venv first if it is not there; ARGS is passed through, e.g. make quickstart ARGS=--no-serve
PYTHON ?= python3
VENV := .venv
STAMP := $(VENV)/.installed

.PHONY: venv quickstart test lint

venv: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("nextstage needs Python 3.11 or newer; name one: make PYTHON=python3.12")'
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[quickstart,dev]'
	touch $@

quickstart: venv
	$(VENV)/bin/nextstage quickstart $(ARGS)

lint: venv
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy commands features models training serving nextstage.py

test: lint
	$(VENV)/bin/python -m pytest --numprocesses auto --dist loadfile $(ARGS)
