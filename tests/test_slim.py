"""A page is shorter after it is slimmed, and shows the same."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "book" / "_ext"))
pytest.importorskip("sphinx_proof", reason="the book's packages are not installed")

from wnbook import slim

CASES = {
    '<pre><span></span><span class="n">x</span><span class="w"> </span><span class="o">=</span></pre>': (
        '<pre>x <span class="o">=</span></pre>'
    ),
    '<p><span class="katex">g</span> <span>and <span class="n">x</span></span></p>': (
        '<p><span class="katex">g</span> and x</p>'
    ),
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
