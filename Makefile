# Two commands are the whole set-up: make book, make test. Both need Python 3.11+ and make, nothing else.
PYTHON ?= python3
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif
INSTALLED := .venv/installed
HTML := _build/html
export JUPYTER_PLATFORM_DIRS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: book chapter test serve figures bench outputs hero format lock clean

book: $(INSTALLED)
	rm -rf _build
	$(BIN)/jupyter-book build . -W --keep-going -n
	@echo
	@echo "The book is ready. Open $(CURDIR)/$(HTML)/index.html"

# make chapter PAGE=book/1-introduction/setup.ipynb: rebuild one page after an edit; the others stay as they are.
chapter: $(INSTALLED)
	@test -f "$(PAGE)" || { echo "Say which page: make chapter PAGE=book/1-introduction/setup.ipynb"; exit 2; }
	touch "$(PAGE)"
	$(BIN)/jupyter-book build . -W --keep-going -n
	@echo
	@echo "Open $(CURDIR)/$(HTML)/$(basename $(PAGE)).html"

test: $(INSTALLED)
	$(BIN)/python -m pytest --nbval --nbval-current-env --nbval-cell-timeout=120 --numprocesses=2 --dist=loadscope

serve: $(INSTALLED)
	@test -d $(HTML) || { echo "There is no book yet: run make book first."; exit 2; }
	$(BIN)/python -m http.server --directory $(HTML) --bind 127.0.0.1 8000

# Every figure of the paper at full size, in _figures; a run that is stopped goes on where it was.
figures: $(INSTALLED)
	$(BIN)/python -m wnlib.experiments _figures

# Beside what people would use instead; peers that are not installed (.venv/bin/pip install --editable '.[bench]') are left out with a word.
bench: $(INSTALLED)
	$(BIN)/python -m benchmarks

# make outputs PAGE=...: run a notebook and keep only the outputs of its cells tagged keep_output.
outputs: $(INSTALLED)
	@test -f "$(PAGE)" || { echo "Say which notebook: make outputs PAGE=book/1-introduction/setup.ipynb"; exit 2; }
	$(BIN)/jupyter nbconvert --to notebook --execute --inplace "$(PAGE)"
	@# In a run of its own, for nbconvert joins the pieces of a printed text before it executes, not after.
	$(BIN)/jupyter nbconvert --to notebook --inplace --coalesce-streams "$(PAGE)"
	$(BIN)/nbstripout --keep-id --extra-keys metadata.language_info "$(PAGE)"

# The picture in the README: the figure of the first page, at its start.
hero: $(INSTALLED)
	$(BIN)/python -c 'import matplotlib.pyplot as plt; from wnlib import plots; plots.use_style(); \
	  figure = plt.figure(figsize=(6, 4.5)); print(plots.draw_two_ends(figure, 1.6, 60)); \
	  figure.savefig("book/_assets/hero.png", dpi=120)'

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Resolve requirements.txt again from the ranges in pyproject.toml, for all platforms and Python 3.11 or newer.
lock: $(INSTALLED)
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --fork-strategy fewest --upgrade --quiet \
	  --extra book --extra test --extra lab --extra dev --no-annotate --no-emit-index-url --no-emit-find-links \
	  --custom-compile-command "make lock" --output-file requirements.txt

clean:
	rm -rf .venv _build _figures build *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("This book needs Python 3.11 or newer; $(PYTHON) is %d.%d. Say which one to use: make PYTHON=python3.12 ..." % v[:2])'
	test -d .venv || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-compile --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
