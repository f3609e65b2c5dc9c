"""A page is shorter after it is slimmed, and shows the same."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "book" / "_ext"))
pytest.importorskip("sphinx_proof", reason="the book's packages are not installed")

from wnbook import slim

LETTER = '<span class="mord mathnormal">g</span>'
TEX = '<annotation encoding="application/x-tex">g</annotation>'
CASES = {
    f'<span class="base"><span class="mord">{LETTER}</span><span class="mrel">=</span></span>': (
        f'<span class="base">{LETTER}=</span>'
    ),
    '<pre><span></span><span class="n">x</span><span class="w"> </span><span class="o">=</span></pre>': (
        '<pre>x <span class="o">=</span></pre>'
    ),
    f"<math><semantics><mi>g</mi>{TEX}</semantics></math>": "<math><mi>g</mi></math>",
}


@pytest.mark.parametrize(("before", "after"), CASES.items())
def test_plain_spans_go_and_others_stay(before, after):
    assert slim.slim(before) == after and slim.slim(after) == after


def test_scripts_stay_as_they_are():
    script = '<script type="application/json">"<span class=\\"n\\"><\\/span>"</script>'
    context = {"body": f'<span class="n">a{script}</span><p>b</p>'}
    slim.make_slim(None, "page", "page.html", context, None)
    assert context["body"] == f"a{script}<p>b</p>"


def test_a_span_that_is_not_closed_is_an_error():
    with pytest.raises(ValueError, match="1 spans are not closed"):
        slim.slim('<span class="n">x')


def test_no_style_sheet_of_the_formulas_speaks_of_what_goes():
    style = Path(__file__).parents[1].joinpath("book/_assets/katex/katex.min.css").read_text(encoding="utf-8")
    for tag in slim.PLAIN - {"<span>"}:
        name = tag.split('"')[1]
        assert not [
            rule
            for rule in style.split("}")
            if f".{name}{{" in rule + "{" or f".{name}." in rule or f".{name} " in rule
        ]
