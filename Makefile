# The commands for people and CI. Python lives in .venv, node modules in labextension/; what is up to date is not built again.
PYTHON ?= python3
BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(PATH)
# node trusts only its own certificates; this adds the system's, which a company network may need.
export NODE_EXTRA_CA_CERTS ?= $(wildcard /etc/ssl/certs/ca-certificates.crt)
# The same for uv.
export UV_NATIVE_TLS ?= true
# A test run starts some hundred Python processes. Where none may keep what it compiles, each compiles all it imports: 2 to 4 s of CPU.
unexport PYTHONDONTWRITEBYTECODE
LAB := labextension
MODULES := $(LAB)/node_modules/.yarn-state.yml
JSON := $(addprefix lg_magics/,live/lost.json model/visible_text.json views/allowed.json)
SHARED := $(wildcard $(LAB)/shared/*.css $(LAB)/runtime/*.ts) $(JSON)
PANEL := lg_magics/labextension/package.json
WIDGETS := $(LAB)/lib/widgets.built
LINK := .venv/share/jupyter/labextensions/lg-magics
BUILDER := 'jupyter-builder>=1.3,<2'
REQUIREMENTS = python -c 'import tomllib; made = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
  print(*made["dependencies"], *(each for name in ("local", "lab", "dev") for each in made["optional-dependencies"][name]), sep="\n")'

# Tests wait more than they compute, so there are more workers than cores; each has its own server. A file stays with one worker.
WORKERS ?= 3
SPREAD = -p no:nbval -p no:playwright -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# What the tests need beside the package, in an environment of their own.
TEST_PACKAGES = 'hypothesis>=6.100' 'import-linter>=2.1' 'mypy>=1.14' 'nbconvert>=7.16' 'nbval>=0.11' 'openpyxl>=3.1' \
  'papermill>=2.6' 'pyarrow>=14' \
  'pytest>=8' 'pytest-xdist>=3.6' 'scipy>=1.11'
# The evaluators of the tests of scores, which the oldest versions do not run.
EVALUATORS = 'agentevals>=0.0.9' 'openevals>=0.2'
# Server tests that touch each part of the SDK and of the server.
SELECTION = $(addprefix tests/server/test_,ways_to_run.py outcomes.py stream.py store.py assistants.py crons.py batch.py people.py \
  open_history.py time_travel.py graph.py script_end.py sdk_reached.py)

.PHONY: setup set-up demo trust test parts test-slow test-oldest test-newest test-wheel test-server test-compat quick check unit browser notebooks-check bench notebooks docs chromium format dist clean
.DELETE_ON_ERROR:

# The Python side and the JavaScript side are set up side by side.
setup:
	@$(MAKE) --no-print-directory -s -j2 set-up

set-up: .venv/linked $(WIDGETS) $(PANEL)

.venv/tools:
	sh scripts/versions.sh $(PYTHON)
	sh scripts/step.sh 1/4 Tools sh scripts/tools.sh $(PYTHON) $(BUILDER)
	touch $@

.venv/installed: pyproject.toml | .venv/tools
	$(REQUIREMENTS) > .venv/requirements.txt
	sh scripts/step.sh 2/4 'Python packages' sh scripts/install.sh -r .venv/requirements.txt
	touch $@

$(MODULES): $(LAB)/package.json $(LAB)/yarn.lock $(LAB)/.yarnrc.yml | .venv/tools
	sh scripts/step.sh 3/4 'JavaScript packages' sh -c 'cd $(LAB) && { jlpm install --immutable || jlpm install --immutable; }'
	touch $@

$(WIDGETS): $(wildcard $(LAB)/widgets/*.ts) $(SHARED) $(MODULES)
	mkdir -p $(LAB)/lib .venv/log
	cd $(LAB) && jlpm build:widget >../.venv/log/widgets.txt 2>&1 || { cat ../.venv/log/widgets.txt >&2; exit 1; }
	touch $@

$(PANEL): $(wildcard $(LAB)/src/*.ts $(LAB)/style/* $(LAB)/schema/*) lg_magics/views/results.css $(SHARED) $(MODULES)
	sh scripts/step.sh 4/4 'Front end' sh -c 'cd $(LAB) && jlpm build:lab'
	touch $@

# This package itself, and a link from JupyterLab to its front end.
.venv/linked: .venv/installed $(WIDGETS) $(PANEL)
	rm -rf $(LINK)
	sh scripts/install.sh -q --no-deps -e .
	jupyter-builder develop . --overwrite >.venv/log/link.txt 2>&1 || { cat .venv/log/link.txt >&2; exit 1; }
	touch $@

# Opens JupyterLab on the quickstart, with a token, on this machine only, and prints its address.
demo: setup trust
	@python scripts/demo.py

# The stored outputs of the shipped notebooks were not made on this machine. Unless they are trusted, a page that is loaded again has no buttons.
trust: setup
	@jupyter trust notebooks/*.ipynb >.venv/log/trust.txt

# Two targets at a time: the tests wait more than they compute. A target's output comes when it has ended.
test: setup chromium
	@echo 'Four parts run two at a time, in about a quarter of an hour: check, unit, browser, notebooks-check. Each prints when it has ended.'
	@$(MAKE) --no-print-directory -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) parts
	@python tests/left_out.py

parts: check unit browser notebooks-check

# What `make test` leaves out: real minutes, a thousand of something, random examples. The nightly workflow runs it.
test-slow: setup chromium
	pytest -q -m slow $(SPREAD) tests/server tests/faults
	pytest -q -m slow tests/browser tests/notebooks
	pytest -q -m "not slow" --hypothesis-profile=random -n auto tests/unit tests/faults/test_any_input.py

# The oldest versions that pyproject.toml allows, all of them together. langgraph-api 0.8 does not refuse a loopback webhook yet, and
# keeps the end that a cron has (0.12 is the first that takes it away). Newer versions of pyarrow than this need numpy 2, and do not declare it.
test-oldest: setup .venv/bin/uv
	uv venv -q --clear --python .venv/bin/python .venvs/oldest
	uv pip install -q --python .venvs/oldest --resolution lowest-direct -e '.[local,lab,remote]'
	uv pip freeze -q --python .venvs/oldest --exclude-editable > .venvs/oldest/floors.txt
	uv pip install -q --python .venvs/oldest -c .venvs/oldest/floors.txt $(TEST_PACKAGES) 'pyarrow<23'
	.venvs/oldest/bin/pytest -q $(SPREAD) tests/unit $(SELECTION) \
	  --deselect tests/server/test_ways_to_run.py::test_a_server_that_calls_no_loopback_says_how_to_allow_it \
	  --deselect tests/server/test_crons.py::test_an_update_takes_a_crons_end_away

# The newest versions, pre-releases too: what will break soon.
test-newest: setup .venv/bin/uv
	uv venv -q --clear --python .venv/bin/python .venvs/newest
	uv pip install -q --python .venvs/newest --prerelease allow -e '.[local,lab,remote]' $(TEST_PACKAGES)
	.venvs/newest/bin/pytest -q $(SPREAD) tests/unit $(SELECTION)

# A part of the server tests, for systems on which not all of them run.
test-server: setup
	pytest -q $(SPREAD) $(SELECTION)

# What a deployment supports, as a table; it needs the demo's graphs (scripts/compat starts such servers). With two addresses, separated by a
# space, of two processes of one deployment: what works across them.
test-compat: setup
	@test -n "$(URL)" || { echo 'make test-compat URL=http://127.0.0.1:2024'; exit 2; }
	@python -m tests.compat $(URL)

# The wheel as it is installed. The tests start in their own folder, where the package of the tree cannot be imported.
test-wheel: setup .venv/bin/uv
	rm -rf .venvs/dist
	python -m build --wheel --outdir .venvs/dist
	uv venv -q --clear --python .venv/bin/python .venvs/wheel
	uv pip install -q --python .venvs/wheel "$$(echo .venvs/dist/*.whl)[local,lab,remote]" $(TEST_PACKAGES) $(EVALUATORS)
	cd tests && ../.venvs/wheel/bin/pytest -q $(SPREAD) unit server

.venv/bin/uv: | .venv/installed
	pip install -q uv

# For every change: what needs no server and no browser.
quick: setup
	ruff check .
	ruff format --check .
	mypy
	pytest -q --hypothesis-profile=quick -n auto tests/unit tests/architecture

# What can be said without running it: style, types, formatting, documentation. (The import rules are tests: tests/architecture.)
check: setup
	ruff check .
	ruff format --check .
	mypy
	python docs/reference.py --check
	python docs/stub.py --check
	python docs/sdk.py --check
	python docs/packages.py --check
	sphinx-build -W --keep-going -q -b html docs docs/_build
	cd $(LAB) && jlpm lint

# What takes longest comes first: no worker is left alone with it at the end.
unit: setup
	pytest -q $(SPREAD) tests/packaging tests/faults tests/server tests/architecture tests/unit
	cd $(LAB) && jlpm test

browser: setup chromium
	pytest -q -p no:nbval -n 2 --dist loadfile tests/browser

# Every notebook runs from top to bottom, and its outputs equal the stored ones.
notebooks-check: setup
	pytest -q -p no:nbval -p no:playwright -n 3 tests/notebooks
	pytest -q -n 3 --dist loadfile --nbval --nbval-sanitize-with notebooks/sanitize.cfg notebooks

# A quarter of an hour, on a machine that does nothing else; a line over its limit is marked in benchmarks/RESULTS.md.
# `make bench TOPICS=history` measures some topics, and leaves the others on the page as they are.
bench: setup
	python -m benchmarks --write $(TOPICS)

notebooks: setup
	python notebooks/refresh.py

# The documentation: the reference is generated from the commands; warnings are errors.
docs: setup
	python docs/reference.py
	python docs/stub.py
	python docs/sdk.py
	python docs/packages.py
	sphinx-build -W --keep-going -q -b html docs docs/_build

chromium:
	@sh scripts/chromium.sh

format: setup
	ruff check --fix .
	ruff format .
	cd $(LAB) && jlpm format

dist: setup
	python -m build

clean:
	rm -rf .venv .venvs dist $(LAB)/node_modules $(LAB)/lib lg_magics/labextension lg_magics/widgets/static
