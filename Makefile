# Two commands are the whole set-up: make book, make test. Both need Python 3.11+ and make, nothing else.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
# JupyterLite has an environment of its own: it asks for an older JupyterLab than the book.
LITE := .venv/lite
INSTALLED := .venv/installed
HTML := _build/html
# Programs by module: the scripts in $(BIN) hold the path of the folder they were installed in.
RUN := $(BIN)/python -m
JUPYTER_BOOK := $(BIN)/python -c 'from jupyter_book.cli.main import main; main()' build .
SPHINX := $(JUPYTER_BOOK) -W --keep-going -n

# No setting of the user's own reaches the build: only where packages come from, and where numba may write.
KEPT_SETTINGS := PYTHON PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_NO_INDEX PIP_TRUSTED_HOST PIP_CERT \
  PIP_CLIENT_CERT PIP_PROXY PIP_CONFIG_FILE PIP_CACHE_DIR PIP_NO_CACHE_DIR PIP_TIMEOUT PIP_RETRIES NUMBA_CACHE_DIR
unexport $(filter-out $(KEPT_SETTINGS), \
  $(filter PYTHON% PIP_% PYTEST_% MPL% MATPLOTLIBRC JUPYTER% IPYTHON% IPYKERNEL% NUMBA_% NBVAL% RUFF_% UV_% LC_% LANG% SOURCE_DATE_EPOCH, \
  $(.VARIABLES)))
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_USER := 0
export MATPLOTLIBRC := $(CURDIR)/book/_ext/matplotlibrc
export JUPYTER_PLATFORM_DIRS := 1
export JUPYTER_PREFER_ENV_PATH := 1
# glibc gives large pieces of memory back at once, and to get them anew is a fifth of what drawing a frame costs.
export MALLOC_MMAP_THRESHOLD_ := 33554432
export MALLOC_TRIM_THRESHOLD_ := 268435456
export JUPYTER_CONFIG_DIR := $(CURDIR)/.venv/jupyter
export IPYTHONDIR := $(CURDIR)/.venv/ipython

.PHONY: book chapter test test-live live-times lite test-lite pdf faults mutations edits links serve figures bench outputs hero editor format lock clean

# Here several processes share the processors: threads of BLAS would spend their time waiting for each other.
book chapter test test-live live-times faults mutations edits outputs figures: export OPENBLAS_NUM_THREADS := 1

# The last book goes only when the new one can start.
book: $(INSTALLED)
	@$(BIN)/python -c 'import jupyter_book, wnlib'
	rm -rf _build
	$(SPHINX)
	@echo
	@echo "The book is ready. Open $(CURDIR)/$(HTML)/index.html"

# make chapter PAGE=book/1-introduction/setup.ipynb: rebuild one page after an edit; the others stay as they are.
chapter: $(INSTALLED)
	@test -f "$(PAGE)" || { echo "Say which page: make chapter PAGE=book/1-introduction/setup.ipynb"; exit 2; }
	touch "$(PAGE)"
	$(SPHINX)
	@echo
	@echo "Open $(CURDIR)/$(HTML)/$(basename $(PAGE)).html"

# The longest first, which are those of the built book, and the notebooks last: both processes end at about the same time.
test: $(INSTALLED)
	$(RUN) pytest --nbval --nbval-current-env --nbval-cell-timeout=120 --numprocesses=2 --dist=loadscope --no-loadscope-reorder

# Every chapter runs whole in its page and shows what its notebook stores: a quarter of an hour.
test-live: $(INSTALLED)
	WNLIB_LIVE=all $(RUN) pytest tests/book/test_live.py -k whole

# How long pages take to run whole, beside the same cells without a browser: make live-times NAME=introduction takes one.
live-times: $(INSTALLED)
	$(RUN) tests.live_times $(NAME)

# Every notebook in a whole Jupyter that runs in the reader's browser, as a part of the built book: make serve, and open /lite/.
lite: $(INSTALLED)
	@test -d $(HTML) || { echo "There is no book yet: run make book first."; exit 2; }
	$(LITE)/$(notdir $(BIN))/python -m pip --version > /dev/null 2>&1 || $(RUN) venv --clear $(LITE)
	$(LITE)/$(notdir $(BIN))/python -m pip install --quiet --no-compile --requirement requirements-lite.txt
	PYTHONPATH=book/_ext $(RUN) lite $(HTML) $(LITE)/$(notdir $(BIN))/python

# Five of them run whole there, and show what they store.
test-lite: $(INSTALLED)
	$(RUN) pytest tests/book/test_lite.py

# The whole book as one PDF, which the first page then offers: two minutes, and a Chromium as for make test.
pdf: $(INSTALLED)
	@test -d $(HTML) || { echo "There is no book yet: run make book first."; exit 2; }
	PYTHONPATH=book/_ext $(RUN) pdf $(HTML)

# Do the tests notice when a promise is broken? make faults NAME=cache tries those whose name has "cache" in it.
faults: $(INSTALLED)
	$(RUN) tests.faults $(NAME)

# Do the tests notice when a statement is wrong? make mutations NAME=lem-2 tries those whose label begins so.
mutations: $(INSTALLED)
	$(RUN) tests.mutations $(NAME)

# What becomes of a page when a student edits a cell? make edits SEED=7 draws other edits; COUNT=0 runs each cell alone.
edits: $(INSTALLED)
	$(RUN) tests.edits $(or $(SEED),0) $(or $(COUNT),300)

# Do the links that lead outside still lead somewhere? The list is _build/links/_build/html/output.txt.
links: $(INSTALLED)
	$(JUPYTER_BOOK) --builder linkcheck --path-output _build/links

serve: $(INSTALLED)
	@test -d $(HTML) || { echo "There is no book yet: run make book first."; exit 2; }
	$(RUN) http.server --directory $(HTML) --bind 127.0.0.1 8000

# Every figure of the paper at full size, in _figures; a run that is stopped goes on where it was.
figures: $(INSTALLED)
	$(RUN) wnlib.experiments _figures

# Beside what people would use instead; peers that are not installed (.venv/bin/pip install --editable '.[bench]') are left out with a word.
# make bench NAME="sweep flows": these alone. NAME=loop, the commands beside those of an older commit, takes an hour.
bench: $(INSTALLED)
	$(RUN) benchmarks --write $(NAME)

# make outputs PAGE=...: run a notebook and keep only the outputs of its cells tagged keep_output.
outputs: $(INSTALLED)
	@test -f "$(PAGE)" || { echo "Say which notebook: make outputs PAGE=book/1-introduction/setup.ipynb"; exit 2; }
	$(RUN) nbconvert --to notebook --execute --inplace "$(PAGE)"
	@# In a run of its own, for nbconvert joins the pieces of a printed text before it executes, not after.
	$(RUN) nbconvert --to notebook --inplace --coalesce-streams "$(PAGE)"
	$(RUN) nbstripout --keep-id --extra-keys metadata.language_info "$(PAGE)"

# The picture in the README: the figure of the first page, at its start.
hero: $(INSTALLED)
	$(BIN)/python -c 'import matplotlib.pyplot as plt; from wnlib import plots; plots.use_style(); \
	  figure = plt.figure(figsize=(6, 4.5)); print(plots.draw_two_ends(figure, 1.6, 60)); \
	  figure.savefig("book/_assets/hero.png", dpi=120)'

# The editor of living pages, bundled again from book/_ext/editor: this alone needs npm.
editor:
	book/_ext/editor/build.sh

format: $(INSTALLED)
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

# Resolve requirements.txt again from the ranges in pyproject.toml, for all platforms and Python 3.11 or newer.
LOCK := $(RUN) uv pip compile --universal --python-version 3.11 --fork-strategy fewest --upgrade --quiet \
  --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
lock: $(INSTALLED)
	$(LOCK) pyproject.toml --extra book --extra test --extra lab --extra dev --output-file requirements.txt
	$(LOCK) --group lite --output-file requirements-lite.txt

clean:
	rm -rf .venv .kept _build _figures build *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp names the folder: the installation of wnlib holds its path, so in a moved or copied folder it is made again.
ifneq ($(shell cat $(INSTALLED) 2> /dev/null),$(CURDIR))
.PHONY: $(INSTALLED)
endif
# A .venv without pip is what `python3 -m venv` leaves where it needs a package that is missing, which it names.
$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("This book needs Python 3.11 or newer; $(PYTHON) is %d.%d. Say which one to use: make PYTHON=python3.12 ..." % v[:2])'
	$(RUN) pip --version > /dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	$(RUN) pip install --quiet --no-compile --requirement requirements.txt
	$(RUN) pip install --quiet --no-deps --no-build-isolation --editable .
	@echo "$(CURDIR)" > $@
