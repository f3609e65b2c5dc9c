"""The cells of a page, run here in place of a browser: what they send to the page, piece by piece."""

import builtins
import json
import pydoc

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

from wnlib import Control
from wnlib.interactive import page
from wnlib.interactive.parameters import finer, parameter


@pytest.fixture
def cell(monkeypatch):
    """Return a function that runs a cell: how it ended, and what it sent."""
    sent = []
    monkeypatch.setattr(plt, "show", plt.show)
    monkeypatch.setattr(builtins, "input", input)
    monkeypatch.setattr(pydoc, "pager", pydoc.pager)
    monkeypatch.setattr(page, "namespace", {"__name__": "__main__"})
    backend = matplotlib.get_backend()

    def send(kind, data):
        # Printed text comes in as many pieces as its timing makes.
        if kind == "text" and sent and sent[-1][0] == kind:
            data = sent.pop()[1] + data
        sent.append((kind, data))

    page.start(send)

    def run(code):
        sent.clear()
        return page.run("cell 1", code), list(sent)

    yield run
    matplotlib.use(backend)


def test_what_is_printed_and_the_last_value_are_shown_in_order(cell):
    assert cell("print('a'); print('b')\n2 + 3") == ("done", [("text", "a\nb\n"), ("plain", "5")])
    assert cell("x = 1\nx;") == ("done", [])
    assert cell("display(1, 'b')") == ("done", [("plain", "1"), ("plain", "'b'")])


def test_names_stay_from_one_cell_to_the_next(cell):
    cell("def double(x):\n    return 2 * x")
    assert cell("double(21)") == ("done", [("plain", "42")])


def test_a_formula_and_a_table_are_sent_with_their_plain_text(cell):
    how, [(kind, data)] = cell("import sympy as sp\nsp.Symbol('x') / 2")
    assert how == "done" and kind == "latex"
    assert json.loads(data) == {"data": r"$\displaystyle \frac{x}{2}$", "plain": "x/2"}
    code = "class T:\n    _repr_html_ = lambda self: '<b>1</b>'\n    __repr__ = lambda self: 'one'\n"
    assert cell(code + "T()")[1] == [("html", '{"data": "<b>1</b>", "plain": "one"}')]


def test_a_verdict_is_sent_with_the_label_of_its_exercise(cell):
    ask = "from wnlib import check\ncheck('setup.minimum_norm', {})"
    for answer, right in [("...", False), ("lambda A, y: A.T @ y", False), ("__import__('numpy').linalg.lstsq", False)]:
        how, [(kind, data)] = cell(ask.format(answer))
        assert (how, kind) == ("done", "verdict") and json.loads(data)["right"] is right
    solve = "lambda A, y: __import__('numpy').linalg.pinv(A) @ y"
    verdict = json.loads(cell(ask.format(solve))[1][0][1])
    assert verdict["right"] is True and verdict["label"] == "setup.minimum_norm"
    assert verdict["plain"].startswith("Right. ")


def test_a_figure_is_sent_where_it_is_shown_and_closed(cell):
    code = "import matplotlib.pyplot as plt\nplt.figure().subplots().plot([1, 2])\nplt.show()\nprint('after')"
    how, [(kind, data), after] = cell(code)
    assert how == "done" and kind == "png" and data.startswith(b"\x89PNG") and after == ("text", "after\n")
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("code", "line", "words"),
    [
        ("x = 1\ny = x / 0", 2, "ZeroDivisionError: division by zero"),
        ("x = 1\n\ny = (2", 3, "SyntaxError"),
        ("def f():\n    return missing\n\nf()", 2, "NameError: name 'missing' is not defined"),
        ("import numpy as np\nnp.linalg.inv(np.zeros((2, 2)))", 2, "LinAlgError: Singular matrix"),
        ("raise SystemExit", 1, "SystemExit"),
    ],
)
def test_an_error_names_its_line_and_leaves_out_what_ran_the_cell(cell, code, line, words):
    how, [(kind, data)] = cell(code)
    error = json.loads(data)
    assert how == "failed" and kind == "error" and error["line"] == line and words in error["text"]
    assert "page.py" not in error["text"]


def test_a_module_that_is_missing_can_be_loaded_before_the_cell_complains(cell, monkeypatch):
    assert cell("print(1)\nimport no_such_module.part") == ("missing no_such_module", [("text", "1\n")])
    sent = []
    monkeypatch.setattr(page, "_send", lambda kind, data: sent.append(json.loads(data)))
    page.complain()
    assert sent[0]["line"] == 2 and "No module named 'no_such_module'" in sent[0]["text"]


def test_a_cell_that_prints_without_end_is_ended(cell):
    how, sent = cell("while True:\n    print('on and on')")
    assert how == "failed" and sum(len(text) for kind, text in sent if kind == "text") <= page.MOST_PRINTED
    assert "has printed 200,000 characters" in json.loads(sent[-1][1])["text"]


def test_a_result_that_is_too_long_is_cut(cell):
    how, [(kind, text)] = cell("'a' * 10_000_000")
    assert (how, kind) == ("done", "plain") and len(text) < page.MOST_PRINTED + 100 and "10,000,002 characters" in text
    table = "class T:\n    _repr_html_ = lambda self: '<b>' * 10_000_000\n    __repr__ = lambda self: 'one'\nT()"
    assert cell(table)[1] == [("plain", "one")]


def test_a_cell_that_asks_says_that_nobody_answers(cell):
    how, sent = cell("input('name? ')")
    assert how == "failed" and "A page cannot wait for an answer" in json.loads(sent[-1][1])["text"]


def test_help_is_printed(cell):
    how, [(kind, text)] = cell("help(len)")
    assert (how, kind) == ("done", "text") and "Return the number of items in a container." in text


def test_a_line_that_is_no_python_is_shown_alone(cell):
    how, [(_, data)] = cell("x = 1\n%timeit x")
    assert how == "failed" and json.loads(data)["text"].startswith('  File "<cell 1>", line 2\n')


EXPLORE = """
def draw(fig, g0, kind):
    ax = fig.subplots()
    ax.plot([0, g0], [0, 1])
    ax.plot(g0, 1, "o", gid="handle")
    if g0 > 4:
        raise ValueError("too far")
    return f"{kind} at {g0:.2f}"
"""


def test_a_figure_draws_between_the_values_of_its_grid(cell):
    cell(EXPLORE)
    parameters = [parameter("g0", Control(np.linspace(0, 5, 11), drag=True)), parameter("kind", ["a", "b"])]
    sent = []
    page.start(lambda kind, data: sent.append((kind, data)))
    page.page_figure(page.namespace["draw"], parameters, "below", (4, 3))
    (kind, figure), (frame, bitmap) = sent
    assert (kind, frame) == ("figure", "frame") and bitmap.startswith(b"BM")
    html = json.loads(figure)["html"]
    number = max(page.figures)
    assert f'data-live="{number}"' in html and 'max="100"' in html and '"strides": [10, 1]' in html and "below" in html
    image, alt, handle = page.answer(number, [51, 1])
    assert image.startswith(b"BM") and alt == "b at 2.55" and len(handle) == 2
    assert page.answer(number, [100, 0]) == (None, "draw failed at g0 = 5, kind = a: ValueError: too far", None)


@pytest.mark.parametrize(
    ("given", "stride", "some"),
    [
        (np.linspace(0, 1, 5), 10, {0: 0.0, 10: 0.25, 13: 0.325, 40: 1.0}),
        ([1, 3, 5], 2, {0: 1, 1: 2, 4: 5}),
        ([0.01, 0.1, 1.0], 10, {0: 0.01, 5: 0.1**1.5, 20: 1.0}),
        ([0.0, 0.1, 1.0], 1, {1: 0.1}),
        (["a", "b"], 1, {1: "b"}),
    ],
    ids=str,
)
def test_values_between_those_of_a_grid_follow_its_spacing(given, stride, some):
    fine, steps = finer(parameter("p", given))
    assert steps == stride and fine.values[::stride] == parameter("p", given).values
    for k, value in some.items():
        assert fine.values[k] == (pytest.approx(value, rel=1e-12) if isinstance(value, float) else value)
    assert (
        len(set(fine.texts)) == len(fine.values)
        and fine.values[fine.start] == parameter("p", given).values[fine.start // stride]
    )
