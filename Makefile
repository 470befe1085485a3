# make run    start the product        PORT=8501  DATABASE_URL=sqlite:///data/street.db
# make test   check and test everything
# make bench  measure                  make lint   check only
# make audit  ask for known weaknesses of the packages (needs the internet)
PYTHON ?= python3
PORT ?= 8501

VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PY := $(BIN)/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check

export STREAMLIT_SERVER_PORT := $(PORT)

.PHONY: run test lint bench browser audit

run: $(VENV)/.run
	$(PY) -m streamlit run app.py

# Three at a time keep two cores busy while databases answer. The browser's tests are by themselves:
# they listen for seconds, and two at a time would not be fair.
test: lint browser
	$(PY) -m pytest --ignore=tests/browser -n 3 --dist loadfile
	$(PY) -m pytest tests/browser

lint: $(VENV)/.test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test browser
	$(PY) -m bench.map
	$(PY) -m bench.screens

audit: $(VENV)/.test
	$(PY) -m pip_audit -r requirements.txt --strict

# On Debian as root the browser and Chinese glyphs are installed; elsewhere it is told what is missing.
browser: $(VENV)/.test
	@if command -v apt-get >/dev/null 2>&1 && [ "$$(id -u)" = 0 ] && \
	  ! { $(PY) tests/find_browser.py >/dev/null 2>&1 && fc-list :lang=zh | grep -q .; }; then \
	  apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    chromium fonts-noto-cjk fontconfig >/dev/null; \
	fi
	@$(PY) tests/find_browser.py

$(VENV)/.run: requirements.txt
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('Python 3.11 or newer is needed, this is ' + sys.version.split()[0] + '; name another with PYTHON=...')"
	$(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements.txt
	@$(PY) -c "open('$@', 'w').close()"

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	$(PIP) -r requirements-dev.txt
	@$(PY) -c "open('$@', 'w').close()"
