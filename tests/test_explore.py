"""The interactive figure: what it accepts, its pictures, its plain HTML and its widgets."""

import functools
import html.parser
import importlib
import io
import json
import os
import re
import threading
import types
import warnings

import matplotlib
import numpy as np
import pytest
from bs4 import BeautifulSoup
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from wnlib import Control, LeastSquares, explore, make_least_squares, solve
from wnlib.interactive import book, markup
from wnlib.interactive.book import book_figure, draw_frames
from wnlib.interactive.live import live_figure
from wnlib.interactive.parameters import parameter, text
from wnlib.interactive.picture import picture
from wnlib.methods import WN

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the book's packages, not ours
    figures = pytest.importorskip("wnbook.figures", reason="the book's packages are not installed")

SIZE = (6, 4)


def draw(fig, g0, kind="GD"):
    """Draw a line plot like those of the chapters: three curves, markers, a legend, a grid."""
    axes = fig.subplots()
    g = np.linspace(0, 5, 30)
    styles = [("#0072B2", "-", "o"), ("#D55E00", "--", "s"), ("#009E73", ":", "^")]
    for k, (colour, dash, marker) in enumerate(styles):
        axes.plot(g, 3 + np.maximum(0, g - 1 - k) ** 2 / 9, dash, color=colour, marker=marker, ms=4, label=f"{k}")
    axes.axvline(g0, color="#CC79A7")
    axes.set(xlabel="start scale $g_0$", ylabel="final norm", title=kind, ylim=(2.5, 6))
    axes.grid(alpha=0.3)
    axes.legend()
    return f"{kind} at g0 = {g0:.2f} ends at norm {3 + max(0, g0 - 1) ** 2 / 9:.3f}."


# As in a notebook: else the workers import this module, and with it Sphinx, to find the function.
draw.__module__ = "__main__"


def grid(**given):
    return [parameter(name, values) for name, values in given.items()]


@pytest.mark.parametrize(
    "given, sentence",
    [
        ({"g0": []}, "at least two values for g0; got 0"),
        ({"g0": [1.0]}, "at least two values for g0; got 1"),
        ({"g0": 3}, "a list of numbers or of texts for g0; got 3"),
        ({"g0": "abc"}, "a list of numbers or of texts for g0; got 'abc'"),
        ({"g0": [0, float("nan")]}, "values of g0 must be finite; got nan"),
        ({"g0": [0, float("inf")]}, "values of g0 must be finite; got inf"),
        ({"g0": [0, "a"]}, "all numbers or all texts; got 'a'"),
        ({"g0": [False, True]}, "all numbers or all texts; got False"),
        ({"g0": np.ones((2, 2))}, "all numbers or all texts"),
        ({"g0": [1j, 2j]}, "all numbers or all texts; got 1j"),
        ({"g0": [1, 1]}, "numbers of g0 must increase; got 1, 1"),
        ({"g0": [2, 1]}, "numbers of g0 must increase; got 2, 1"),
        ({"g0": ["a", "a"]}, "texts of g0 must differ"),
        ({"g0": ["a", " "]}, "not be empty"),
        ({"g0": Control([0, 1], start=2)}, "g0 starts at 2, which is not one of its values 0, 1"),
        ({"g0": Control(["a", "b"], start="c")}, "g0 starts at 'c'"),
        ({"g0": Control([0, 1], start="a")}, "g0 starts at 'a'"),
        ({"g0": Control(["a", "b"], start=1)}, "g0 starts at 1"),
        ({"g0": Control([0, 1], label=" ")}, "label of g0 must be a text"),
        ({"g0": Control(["a", "b"], play=True)}, "Only numbers can play, and g0 holds texts"),
        ({"g0": Control(["a", "b"], drag=True)}, "Only numbers can drag, and g0 holds texts"),
        ({"g0": range(50), "kind": range(41)}, "50 × 41 = 2050 frames are more than 2000"),
        (
            {"g0": Control([0, 1], play=True), "kind": Control([0, 1], play=True)},
            "One play button a figure; g0 and kind ask",
        ),
        ({"g": [0, 1]}, r"draw must take \(fig, g\), but missing a required argument: 'g0'"),
        ({"g0": [0, 1], "size": (6, 40)}, r"each from 1 to 12; got \(6, 40\)"),
        ({"g0": [0, 1], "size": 6}, "size must be"),
        ({"g0": [0, 1], "caption": 3}, "caption must be a text; got 3"),
        ({}, "at least one parameter"),
    ],
)
def test_bad_input_gets_a_sentence(given, sentence):
    with pytest.raises((TypeError, ValueError), match=sentence):
        explore(draw, **given)


def test_draw_must_be_a_function():
    with pytest.raises(TypeError, match="needs a function"):
        explore("draw", g0=[0, 1])


@pytest.mark.parametrize(
    "bad, error, sentence",
    [
        (lambda fig, g0: fig.subplots() and None, TypeError, "must return the figure's description"),
        (lambda fig, g0: fig.subplots() and "  ", ValueError, "returned an empty description"),
        (lambda fig, g0: "words", ValueError, "left the figure empty"),
    ],
)
@pytest.mark.parametrize("book", [False, True])
def test_bad_draw_gets_a_sentence(bad, error, sentence, book, tmp_path, monkeypatch):
    if book:
        monkeypatch.setenv("WNLIB_FRAMES", str(tmp_path))
    with pytest.raises(error, match=sentence):
        explore(bad, g0=[0.0, 1.0])


@pytest.mark.parametrize(
    "value, written",
    [(0.25, "0.25"), (-3.0, "−3"), (1e-5, "1e−5"), (2.0, "2"), (1 / 3, "0.333"), (123456.0, "1.23e5")],
)
def test_numbers_are_written_for_a_reader(value, written):
    assert text(value) == written


@pytest.mark.parametrize(
    ("given", "slides"),
    [
        ([1, 2, 3], False),
        ([0.1, 5.0], False),
        (["a", "b", "c", "d"], False),
        ([1, 2, 3, 4], True),
        (Control([1, 2, 3], play=True), True),
        (Control([1, 2], drag=True), True),
    ],
    ids=str,
)
def test_a_few_numbers_are_chosen_from(given, slides):
    (p,) = grid(g0=given)
    html = BeautifulSoup(markup.figure_html("f", [p], ("", ""), {}, None, SIZE, ""), "html.parser")
    assert p.slides == slides == bool(html.select("input[type=range]"))
    texts = [label.get_text().strip() for label in html.select("fieldset .explore-options label")]
    assert texts == ([] if slides else list(p.texts))


@pytest.mark.parametrize("width", [3, 5, 6, 9])
def test_letters_can_be_read_on_a_phone(width):
    """Which shows a picture at its own width of 360 pixels."""
    sizes = []

    def look(fig, g0):
        sizes.append(fig.subplots().set_xlabel("x").get_size())
        return "words"

    picture(look, {"g0": 1}, (width, 4), 100)
    pixels = sizes[0] / 72 * 100 * min(1, 360 / (100 * width))
    assert pixels >= 11 - 1e-9 and (pixels < 11.1 or sizes[0] == 12)


def test_texts_tell_close_numbers_apart():
    values = np.linspace(1, 1.0009, 10)
    assert len(set(parameter("g0", values).texts)) == 10


def test_start_is_the_middle_number_the_first_text_or_the_one_asked_for():
    assert parameter("a", range(5)).start == 2
    assert parameter("a", ["x", "y", "z"]).start == 0
    assert parameter("a", Control(np.linspace(0, 5, 26), start=2.8)).start == 14


def test_a_picture_does_not_depend_on_the_one_before():
    def untidy(fig, g0):
        fig.suptitle("left over")
        fig.set_facecolor("yellow")
        fig.set_size_inches(3, 3)
        matplotlib.rcParams["lines.linewidth"] = 9
        return draw(fig, g0)

    before = picture(draw, {"g0": 1.0}, SIZE, 100)
    picture(untidy, {"g0": 1.0}, SIZE, 100)
    after = picture(draw, {"g0": 1.0}, SIZE, 100)
    assert before[0].tobytes() == after[0].tobytes()
    assert before[0].size == (600, 400)


def draw_start(fig, g0, height):
    ax = fig.add_axes([0, 0, 1, 1])
    ax.set(xlim=(0, 4), ylim=(0, 2))
    ax.plot([g0, 3], [height, 0])
    ax.plot(g0, height, "o", gid="handle")
    return f"It starts at {g0}, {height}."


def test_a_handle_is_where_its_point_is():
    parameters = grid(g0=Control([1, 2], drag=True), height=Control([0.5, 2.0]))
    *_, handles = draw_frames(draw_start, parameters, SIZE)
    assert np.allclose(handles, [(0.25, 0.75), (0.25, 0), (0.5, 0.75), (0.5, 0)], atol=1e-4)


def test_a_drag_needs_one_handle():
    def two(fig, g0):
        fig.subplots().plot([0, 1], [1, 0], gid="handle")
        fig.axes[0].plot(0, 0, gid="handle")
        return "Two handles."

    for draw_badly, count in ((draw, 0), (two, 2)):
        with pytest.raises(ValueError, match=rf'needs one point drawn with gid="handle".*; draw made {count}\.'):
            draw_frames(draw_badly, grid(g0=Control([0, 1], drag=True)), SIZE)


def in_a_notebook(source, **names):
    """Define what the source defines as a notebook does: in __main__, unknown to other processes."""
    names = {"__name__": "__main__", "functools": functools, "os": os, "draw": draw, **names}
    exec(source, names)
    return names["notebook_draw"]


def test_parallel_equals_serial():
    parameters = grid(g0=np.linspace(0, 5, 6), kind=["GD", "WN"])
    with matplotlib.rc_context({"lines.linewidth": 4, "axes.facecolor": "#eeeeff"}):
        serial = draw_frames(draw, parameters, SIZE, jobs=1)
        parallel = draw_frames(draw, parameters, SIZE, jobs=2)
    assert parallel == serial
    assert len(set(serial[0])) == len(set(serial[1])) == 12
    plain, *_ = draw_frames(draw, grid(g0=[0.0, 1.0], kind=["GD", "WN"]), SIZE, jobs=1)
    assert plain[0] != serial[0][0]  # the settings did reach the pictures


def test_functions_of_a_notebook_are_drawn_by_other_processes():
    source = """
@functools.cache
def norm(g0):
    return g0 ** 2

def notebook_draw(fig, g0):
    fig.subplots().plot([norm(g0)], "o")
    return f"process {os.getpid()}"
"""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frames, alts, _ = draw_frames(in_a_notebook(source), grid(g0=range(8)), SIZE, jobs=2)
    assert len(set(frames)) == 8
    assert f"process {os.getpid()}" not in alts


def test_what_cannot_travel_is_drawn_here():
    lock = threading.Lock()

    def locked(fig, g0):
        with lock:
            return draw(fig, g0)

    parameters = grid(g0=[0.0, 1.0, 2.0])
    assert draw_frames(locked, parameters, SIZE, jobs=2) == draw_frames(draw, parameters, SIZE, jobs=1)


def test_compiled_loops_run_in_the_workers_as_here():
    problem = make_least_squares(m=3, d=6)

    def runs(fig, g0):
        run = solve(problem, WN(eta=0.1, gamma=0.1), g0, problem.perp(np.ones(6)) + problem.x_star, tol=1e-4)
        fig.subplots().plot(np.ravel(run.x))
        return f"{run.x.tolist()} after {run.t} steps"

    assert isinstance(problem, LeastSquares)
    parameters = grid(g0=np.linspace(0.5, 2, 4))
    serial = draw_frames(runs, parameters, SIZE, jobs=1)
    assert draw_frames(runs, parameters, SIZE, jobs=2) == serial
    assert len(set(serial[1])) == 4


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_in_draw_says_where(jobs):
    def broken(fig, g0):
        return draw(fig, 1 / (g0 - 3))

    with pytest.raises(ZeroDivisionError) as caught:
        draw_frames(broken, grid(g0=range(5)), SIZE, jobs=jobs)
    assert caught.value.__notes__ == ["This happened at g0 = 3."]


def test_frames_of_a_line_plot_stay_within_budget():
    frames, *_ = draw_frames(draw, grid(g0=np.linspace(0, 5, 4)), SIZE, jobs=1)
    assert np.mean([len(frame) for frame in frames]) <= 15_000
    for frame in frames:
        image = Image.open(io.BytesIO(frame))
        assert image.size == (1200, 800)
        assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


@pytest.mark.parametrize("size", [SIZE, (5, 4.6)])
def test_a_picture_is_what_a_canvas_of_its_own_shows(monkeypatch, size):
    """Also where inches are no whole pixels, and nothing stays of the last picture."""
    ours = [picture(draw, {"g0": g0}, size, 200).image for g0 in (0.0, 1.0)]
    monkeypatch.setattr("wnlib.interactive.picture.Canvas", FigureCanvasAgg)
    assert ours == [picture(draw, {"g0": g0}, size, 200).image for g0 in (0.0, 1.0)]


def test_frames_keep_the_colours_of_the_picture():
    (frame, *_), *_ = draw_frames(draw, grid(g0=[0.0, 1.0]), SIZE, jobs=1)
    exact, *_ = picture(draw, {"g0": 0.0}, SIZE, 200)
    difference = np.asarray(Image.open(io.BytesIO(frame)).convert("RGB"), float) - np.asarray(exact, float)
    assert np.sqrt(np.mean(difference**2)) < 4
    assert np.abs(difference).max() < 64


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The HTML of a figure with three parameters, and the folder of its frames."""
    folder = tmp_path_factory.mktemp("frames")
    parameters = grid(
        g0=Control(np.linspace(0, 1, 3), label="start <scale> g₀", play=True, start=1.0), kind=["</script>", "b & c"]
    )
    return book_figure(draw, parameters, "A caption with a < b.", SIZE, folder), folder


class Strict(html.parser.HTMLParser):
    """Fail on tags that do not nest."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names))
        assert not any(name.startswith("on") or name == "style" for name in names)
        if tag not in {"img", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_html_is_valid(built):
    parser = Strict()
    parser.feed(built[0])
    parser.close()
    assert parser.open == []
    page = BeautifulSoup(built[0], "html.parser")
    identifiers = [e["id"] for e in page.select("[id]")]
    assert len(identifiers) == len(set(identifiers))
    for control in page.select("input[type=range]"):
        assert len(page.select(f'label[for="{control["id"]}"]')) == 1
        assert len(page.select(f'output[for="{control["id"]}"]')) == 1
    assert page.label.text == "start <scale> g₀"
    assert page.legend.text == "kind"
    assert [label.text.strip() for label in page.select("fieldset label")] == ["</script>", "b & c"]
    assert page.button["type"] == "button" and page.button["aria-label"] == "Play start <scale> g₀"
    assert page.figcaption.text == "A caption with a < b."
    assert page.select_one(".explore-controls").has_attr("hidden")


def test_the_html_shows_the_start_and_knows_all_frames(built):
    source, folder = built
    page = BeautifulSoup(source, "html.parser")
    name, count = page.figure["data-frames"], int(page.figure["data-count"])
    index = json.loads(page.script.string)
    assert count == 6 == len(index["alts"])
    assert sorted(int(f.stem) for f in (folder / name).glob("*.webp")) == list(range(6))
    assert index["texts"] == [["0", "0.5", "1"], ["</script>", "b & c"]]
    # g0 stands last in its three values, kind first in its two
    assert page.img["src"] == f"frames:{name}/4.webp"
    assert (page.img["width"], page.img["height"]) == ("600", "400")
    assert page.img["alt"] == index["alts"][4] == page.select_one("[aria-live=polite]").text
    assert index["alts"][4] == "</script> at g0 = 1.00 ends at norm 3.000."
    assert page.input["value"] == "2" and page.output.text == page.input["aria-valuetext"] == "1"


def test_the_html_knows_what_can_be_dragged(built, tmp_path):
    assert "explore-handle" not in built[0] and "handles" not in built[0]
    parameters = grid(g0=Control([1, 2], drag=True), height=[0.5, 2.0])
    page = BeautifulSoup(book_figure(draw_start, parameters, None, SIZE, tmp_path), "html.parser")
    index = json.loads(page.script.string)
    assert index["drag"] == [True, False] and len(index["handles"]) == len(index["alts"])
    handle = page.select_one(".explore-picture > .explore-handle")
    assert handle.has_attr("hidden") and handle["aria-hidden"] == "true"


def test_drawing_again_gives_the_same_frames(built, tmp_path):
    source, _ = built
    parameters = grid(g0=Control(np.linspace(0, 1, 3), start=1.0), kind=["</script>", "b & c"])
    again = book_figure(draw, parameters, None, SIZE, tmp_path)
    name = re.compile('data-frames="(.*?)"')
    assert name.search(again)[1] == name.search(source)[1]


def shown_by(monkeypatch, **given):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    assert explore(draw, **given) is None
    return shown


def test_the_environment_variable_chooses_the_book(monkeypatch, tmp_path):
    monkeypatch.setenv("WNLIB_FRAMES", str(tmp_path))
    (shown,) = shown_by(monkeypatch, g0=[0.0, 1.0])
    assert shown.data.startswith('<figure class="explore"')
    assert len(list(tmp_path.glob("*/*.webp"))) == 2


@pytest.fixture
def live(monkeypatch):
    """Show a live figure; return its controls, what is displayed, and the HTML widget of the picture."""
    shown = []
    monkeypatch.setattr(importlib.import_module("wnlib.interactive.live"), "display", shown.append)

    def show(draw, **given):
        controls = live_figure(draw, grid(**given), "A caption.", SIZE)
        return types.SimpleNamespace(controls=controls, shown=shown[-1], picture=shown[-1].box.children[0])

    return show


def test_live_figure_leaves_its_description_and_no_address(live):
    figure = live(draw, g0=[0.0, 1.0, 2.0])
    assert repr(figure.shown) == "GD at g0 = 1.00 ends at norm 3.000."
    bundle = figure.shown._repr_mimebundle_()
    assert bundle["text/plain"] == repr(figure.shown)
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_live_figure_draws_any_value_in_the_range(live):
    figure = live(draw, g0=[0.0, 1.0, 2.0])
    before = figure.picture.value
    figure.controls["g0"].value = 1.9
    assert figure.picture.value != before
    image = BeautifulSoup(figure.picture.value, "html.parser")
    assert image.img["alt"] == image.select_one("[aria-live=polite]").text == "GD at g0 = 1.90 ends at norm 3.090."
    assert image.img["src"].startswith("data:image/jpeg;base64,")


@pytest.mark.parametrize(
    "values, widget, moved",
    [
        (np.linspace(0, 5, 26), "FloatSlider", 2.837),
        (np.geomspace(1e-4, 1, 9), "FloatLogSlider", 0.0123),
        (range(0, 10, 2), "IntSlider", 3),
        ([1, 10, 100, 1000], "SelectionSlider", 10),
        ([0.5, 0.6, 4.0], "ToggleButtons", 4.0),
        (Control([0.5, 0.6, 4.0], play=True), "SelectionSlider", 4.0),
        (["GD", "WN"], "Dropdown", "WN"),
    ],
)
def test_live_control_fits_the_values(live, values, widget, moved):
    got = []

    def look(fig, g0):
        got.append(g0)
        fig.subplots()
        return f"{g0}"

    control = live(look, g0=values).controls["g0"]
    assert type(control).__name__ == widget
    if widget == "FloatSlider":
        assert control.step < 0.2 * (values[1] - values[0])
    control.value = moved
    assert got[0] == parameter("g0", values).values[parameter("g0", values).start]
    assert got[-1] == moved and type(got[-1]) is type(moved)


def test_live_play_walks_through_the_grid(live):
    figure = live(draw, g0=Control([0.0, 0.5, 2.0], play=True), kind=["a", "b"])
    slider, play = figure.shown.box.children[1].children
    assert (play.min, play.max, play.value) == (0, 2, 1)
    play.value = 2
    assert slider.value == 2.0
    assert "g0 = 2.00" in figure.picture.value


def test_live_error_is_shown_with_its_line_and_goes_away(live):
    def broken(fig, g0):
        return draw(fig, 1 / (g0 - 1))

    figure = live(broken, g0=range(-4, 5))
    figure.controls["g0"].value = 1
    assert "draw failed at g0 = 1: ZeroDivisionError: division by zero" in figure.picture.value
    assert "return draw(fig, 1 / (g0 - 1))" in figure.picture.value
    figure.controls["g0"].value = 2
    assert "<img" in figure.picture.value and "failed" not in figure.picture.value


def test_live_first_error_is_the_cells_own():
    def broken(fig, g0):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        explore(broken, g0=[0, 1])


COUNTED = """
import functools, numpy as np
drawn, scale, table = [], 1.0, np.arange(3.0)

@functools.cache
def height(g0):
    return scale * g0 + table.sum()

def notebook_draw(fig, g0):
    fig.subplots().plot([0, height(g0)])
    return f"The line ends at {height(g0):.1f}."
"""


def notebook_figure(folder, source=COUNTED, drawn=None, **rc):
    """Write down the figure of a notebook as the book does; return its HTML without its number, and what was drawn."""
    with pytest.MonkeyPatch.context() as patch, matplotlib.rc_context(rc):
        calls = []
        patch.setattr(book, "draw_frames", lambda *a: calls.append(a) or draw_frames(*a, jobs=1))
        html = book_figure(in_a_notebook(source), grid(g0=[0.0, 1.0]), None, SIZE, folder)
    return re.sub(r"explore-\d+", "explore", html), len(calls)


def test_a_figure_that_has_not_changed_is_not_drawn_again(tmp_path):
    page, count = notebook_figure(tmp_path)
    assert count == 1
    # Another process, in which the cell has another file name and stands on another line.
    assert notebook_figure(tmp_path, "\n\n" + COUNTED) == (page, 0)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fig.subplots().plot", "fig.add_subplot().plot"),  # the function
        ("scale * g0 +", "scale + g0 *"),  # a function that it calls
        ("scale, table = [], 1.0", "scale, table = [], 2.0"),  # a number that this one uses
        ("np.arange(3.0)", "np.arange(4.0)"),  # an array
    ],
)
def test_a_figure_is_drawn_again_when_what_it_depends_on_changes(tmp_path, old, new):
    notebook_figure(tmp_path)
    assert COUNTED.count(old) == 1 and notebook_figure(tmp_path, COUNTED.replace(old, new))[1] == 1


def test_a_figure_is_drawn_again_in_another_style_or_when_its_frames_are_damaged(tmp_path):
    page, _ = notebook_figure(tmp_path)
    assert notebook_figure(tmp_path, **{"lines.linewidth": 9})[1] == 1
    frame = tmp_path / re.search('data-frames="(.*?)"', page)[1] / "1.webp"
    frame.write_bytes(frame.read_bytes()[:-1] + b"?")
    assert notebook_figure(tmp_path) == (page, 1)
    assert notebook_figure(tmp_path) == (page, 0)
    for index in tmp_path.glob("*.json"):
        index.write_bytes(index.read_bytes()[:20])
    assert notebook_figure(tmp_path) == (page, 1)


def build(tmp_path, page):
    """Finish a build whose only page is given; return the folder of the site."""
    site = tmp_path / "html"
    (site / "deep").mkdir(parents=True, exist_ok=True)
    (site / "deep" / "page.html").write_text(page, encoding="utf-8")
    builder = types.SimpleNamespace(format="html")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(figures.kept, "folder", lambda app: tmp_path)
        figures._place_frames(types.SimpleNamespace(outdir=site, builder=builder), None)
    return site


def test_build_puts_frames_into_the_site_and_clears_the_rest(tmp_path):
    page = book_figure(draw, grid(g0=[0.0, 1.0]), None, SIZE, tmp_path / "frames")
    stale = book_figure(draw, grid(g0=[2.0, 3.0]), None, SIZE, tmp_path / "frames")
    name, old = (re.search('data-frames="(.*?)"', html)[1] for html in (page, stale))
    site = build(tmp_path, page + stale)
    assert sorted(f.name for f in (site / "_frames").iterdir()) == sorted([name, old])
    build(tmp_path, page)
    left = sorted(f.relative_to(site / "_frames").as_posix() for f in site.rglob("*.webp"))
    assert left == [f"{name}/0.webp", f"{name}/1.webp"]


def test_build_fails_when_a_frame_is_missing(tmp_path):
    page = book_figure(draw, grid(g0=[0.0, 1.0]), None, SIZE, tmp_path / "frames")
    next((tmp_path / "frames").glob("*/1.webp")).unlink()
    with pytest.raises(figures.ExtensionError, match=r"deep.page.html has 1 of its 2 frames; run make clean"):
        build(tmp_path, page)


def test_build_writes_addresses_for_the_depth_of_the_page():
    body = '<figure class="explore" id="explore-1" data-frames="0123456789ab" data-count="2">'
    body += '<img src="frames:0123456789ab/1.webp"></figure>'
    context = {"body": body, "pathto": lambda name, resource: f"../../{name}"}
    figures._prepare_page(None, "a/b/page", "page.html", context, None)
    assert 'src="../../_frames/0123456789ab/1.webp"' in context["body"]
    plain = {**context, "body": "<p>words</p>"}
    figures._prepare_page(None, "plain", "page.html", plain, None)
    assert plain["body"] == "<p>words</p>"
