"""A formula in short markup: what each shape becomes, and what a screen reader still reads."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "book" / "_ext"))
pytest.importorskip("sphinx_proof", reason="the book's packages are not installed")

from wnbook import formulas
from wnbook.compact import compact

SEEN = {
    "g": '<i class="k36">g</i>',
    "w_0": "<i>w</i><sub>0</sub>",
    "g^2": '<i class="k36">g</i><sup>2</sup>',
    "x_{T_1}": '<i>x</i><sub><i>T</i><sub class="small">1</sub></sub>',
    "x = y,": '<i>x</i><b>=</b></span><span class="base"><i class="k36">y</i>,',
    "a - b": '<i>a</i><b class="narrow">−</b></span><span class="base"><i>b</i>',
    r"f(x,\, y)": '<i class="k108">f</i>(<i>x</i>,<s class="thin"></s><s class="thin"></s><i class="k36">y</i>)',
}
SPOKEN = {
    "x": "<mi>x</mi>",
    r"\infty": "<mi>∞</mi>",
    r"\mathrm{R}": '<mi mathvariant="normal">R</mi>',
    r"\lVert w \rVert": "<mrow><mo>∥</mo><mi>w</mi><mo>∥</mo></mrow>",
    r"\tfrac{a}{b}": "<mfrac><mi>a</mi><mi>b</mi></mfrac>",
    r"\bar a": '<mover accent="true"><mi>a</mi><mo>ˉ</mo></mover>',
    "1 < 2": "<mrow><mn>1</mn><mo>&lt;</mo><mn>2</mn></mrow>",
}


@pytest.fixture(scope="module", autouse=True)
def stopped():
    """End the program that typesets."""
    yield
    formulas.stop(None, None)


@pytest.mark.parametrize(("latex", "seen"), SEEN.items())
def test_what_is_seen_is_short(latex, seen):
    shown = formulas.render(latex).partition('<span class="katex-html" aria-hidden="true">')[2]
    assert shown.removesuffix("</span></span>") == f'<span class="base">{seen}</span>'


@pytest.mark.parametrize(("latex", "spoken"), SPOKEN.items())
def test_what_is_spoken_keeps_its_elements(latex, spoken):
    assert formulas.render(latex).partition("</math>")[0].partition("<math>")[2] == spoken


def test_a_high_line_keeps_its_strut_and_an_index_of_an_unknown_size_its_table():
    assert "strut" not in formulas.render("(x)") and "strut" in formulas.render(r"\int x")
    assert "<sub>" in formulas.render("x_a") and "msupsub" in formulas.render(r"\Huge x_a")


def test_markup_that_is_not_whole_is_an_error():
    with pytest.raises(SyntaxError):
        compact('<span class="katex">')
