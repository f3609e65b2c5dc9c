"""Short markup sets each character of a formula where KaTeX's own markup sets it."""

import pytest
from wnbook import compact, formulas

FORMULAS = [
    r"g_t w_t = g_0\,\frac{w_0^\parallel}{\lVert w_0 \rVert^2} + O(\eta^2),",
    r"w_{t+1}^\perp \ne e^{-(g_0^2 - g_\infty^2)/2c}\; w_0^\perp",
    r"\lambda_{\mathrm{max}} \le \sqrt{\tfrac12 \lVert A^\top \rVert_F^2} < \sqrt{\frac{1}{1 - \varepsilon}}",
    r"\begin{aligned} \Delta z_i &= \bar\sigma q_i, \\ D_i^{a_b^c} &= \sum_{i \in I} s_i + \int_0^t\,dt \end{aligned}",
    r"\left\lceil \frac{\log(1/\varepsilon)}{\log\Bigl(1 + \frac{g_0^{*2}}{x_{T_1}}\Bigr)} \right\rceil \qquad \infty",
    r"\begin{pmatrix} 1 & 0 \\ \phantom{-}\gamma^{-1} & -f_N' \end{pmatrix} \in \mathbb{R}^{2 \times 2}, \mathcal{P}",
    r"\lim_{t\to\infty} \min_x \widehat{AB} = \text{where } \overline{y} \not\subset \Gamma_{\alpha\beta}",
    r"\tfrac{a_1^2}{b^{c^d}} : \{\, x \mid Ax = b \,\}, \; V_{Y_{P}} \ge f_{j}^{\top}",
]
PLACES = """(formula) => {
  const { left, top, width, height } = formula.getBoundingClientRect();
  const words = document.createTreeWalker(formula.querySelector(".katex-html"), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const found = [["formula", 0, 0, width, height]];
  const add = (name, box) => found.push([name, box.left - left, box.top - top, box.width, box.height]);
  while (words.nextNode())
    for (let k = 0; k < words.currentNode.data.length; k++) {
      range.setStart(words.currentNode, k);
      range.setEnd(words.currentNode, k + 1);
      add(words.currentNode.data[k], range.getBoundingClientRect());
    }
  for (const line of formula.querySelectorAll(".frac-line, svg")) add(line.tagName, line.getBoundingClientRect());
  return found.filter(([name]) => name !== "\\u200b");
}"""
PIXELS = 0.15


@pytest.fixture(scope="module")
def pairs():
    """Return the markup of each formula as KaTeX writes it, and as the book has it."""
    written = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(formulas, "compact", lambda markup: written.append(markup) or compact.compact(markup))
        short = [formulas.render(latex, {"displayMode": True}) for latex in FORMULAS]
        short += [formulas.render(latex) for latex in FORMULAS]
    formulas.stop(None, None)
    return list(zip(written, short, strict=True))


def test_each_character_stands_where_katex_sets_it(opened, pairs):
    with opened("book/1-introduction/introduction.html") as (page, watch):
        html = "".join(
            f'<p><span style="display:inline-block">{markup}</span></p>' for pair in pairs for markup in pair
        )
        page.evaluate("(html) => (document.querySelector('article').innerHTML = html)", html)
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(500)
        places = [formula.evaluate(PLACES) for formula in page.query_selector_all("article p > span")]
        assert watch.errors == []
    for (long, short), before, after in zip(pairs, places[::2], places[1::2], strict=True):
        assert [place[0] for place in before] == [place[0] for place in after]
        apart = [abs(a - b) for x, y in zip(before, after, strict=True) for a, b in zip(x[1:], y[1:], strict=True)]
        assert len(before) > 5 and max(apart) < PIXELS
        assert len(short) < 0.6 * len(long)
