# Each target is one command or two; `make setup` is done by those that need it.
PYTHON   := .venv/bin/python
DIR      := ml-training-demo
BACKEND  := templates/project/backend
FRONTEND := templates/project/frontend

.PHONY: setup setup-slow demo test test-slow check client format examples lock manifests docs wheel

setup: .venv/dev.done
setup-slow: .venv/slow.done

.venv/bin/python:
	python3 -m venv .venv

.venv/dev.done: .venv/bin/python requirements-dev.txt pyproject.toml
	$(PYTHON) -m pip install --quiet -r requirements-dev.txt --no-deps -e .
	touch $@

# torch first and alone: the CPU build where one is at hand, instead of gigabytes of CUDA.
.venv/slow.done: .venv/dev.done requirements-slow.txt
	$(PYTHON) -m pip install --quiet $(shell grep ^torch== requirements-slow.txt)
	$(PYTHON) -m pip install --quiet -r requirements-slow.txt
	touch $@

demo: .venv/bin/python
	$(PYTHON) -m pip install --quiet .
	.venv/bin/ml-training demo $(DIR)

# The backend's own tests run where they are written, as a user of a project runs them; those of the
# web pages in a copy, which takes an installation first.
test: setup
	$(PYTHON) -m pytest -n 2 --dist worksteal
	cd $(BACKEND) && "$(CURDIR)/$(PYTHON)" -m pytest -n 3 --dist worksteal

test-slow: setup-slow
	$(PYTHON) -m pytest -m slow
	cd $(BACKEND) && "$(CURDIR)/$(PYTHON)" -m pytest -m slow

check: setup-slow
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m ruff check
	$(PYTHON) -m mypy
	$(PYTHON) -m tools.types
	cd $(BACKEND) && "$(CURDIR)/$(PYTHON)" -m app.openapi --check ../frontend/openapi.json
	$(PYTHON) -m tools.web client check
	diff -r build/web/app/ml/_api $(FRONTEND)/app/ml/_api

# What the web pages call, written anew after a change of the backend.
client: setup
	cd $(BACKEND) && "$(CURDIR)/$(PYTHON)" -m app.openapi > ../frontend/openapi.json
	$(PYTHON) -m tools.web client
	cp -R build/web/app/ml/_api/. $(FRONTEND)/app/ml/_api/

format: setup
	$(PYTHON) -m ruff check --fix
	$(PYTHON) -m ruff format

examples lock manifests: setup
	$(PYTHON) -m tools.$@

docs: setup
	$(PYTHON) -m tools.commands
	$(PYTHON) -m tools.pages
	$(PYTHON) -m tools.costs

wheel: setup
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir dist .
