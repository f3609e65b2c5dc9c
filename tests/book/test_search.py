"""The search, asked in a real browser: who types a number, a name or a topic finds the place first."""

import pytest
from wnbook.paper import ITEMS

TOPICS = {
    "minimum norm": "1-introduction/setup",
    "minimum-norm solution": "1-introduction/setup",
    "normalisation": "1-introduction/introduction",
    "weight normalization": "1-introduction/introduction",
    "implicit regularization": "1-introduction/introduction",
    "gradient flow": "2-continuous-time/limiting-flow",
    "conserved quantity": "2-continuous-time/invariant",
    "Invariant": "2-continuous-time/invariant",
    "saddle": "2-continuous-time/stationary-points",
    "Kaczmarz": "4-discussion/discussion",
    "weight decay": "4-discussion/discussion",
    "early stopping": "4-discussion/discussion",
    "generalization": "practice/prediction",
    "cross-validation": "practice/prediction",
    "test error": "practice/prediction",
    "nuclear norm": "F-experiments/matrix-sensing",
    "binder": "companion/running",
    "flow_limit": "companion/api",
    "make_least_squares": "companion/api",
    "two_stage_steps": "companion/api",
    "exercise setup.split": "1-introduction/setup",
    "PyTorch": "practice/frameworks",
    "momentum": "practice/frameworks",
}
ASK = """(query) => {
  const hit = Search._performSearch(...Search._parseQuery(query)).pop();
  return hit ? [hit[0], hit[2], hit[3]] : [];
}"""


@pytest.fixture(scope="module")
def ask(opened):
    """Return what asks the search, and gives page, anchor and description of the first hit."""
    with opened("search.html") as (page, _):
        page.wait_for_function("Search.hasIndex()")
        yield lambda query: page.evaluate(ASK, query)


def queries(item):
    """What somebody types who looks for an item of the paper."""
    if item.directive != "equation":
        return [item.text, item.text.lower()]
    number = item.text.strip("()")
    return [item.text, f"eq {number}", f"equation {number}"]


@pytest.mark.parametrize("label", ITEMS)
def test_numbered_items_are_found_first(ask, label):
    item = ITEMS[label]
    anchor = f"#equation-{label}" if item.directive == "equation" else f"#{label}"
    for query in queries(item):
        page, found, description = ask(query)
        assert found == anchor, f"{query}: {page}{found}"
        assert item.text.lower() in description.lower()


@pytest.mark.parametrize("query", TOPICS)
def test_topics_are_found_first(ask, query):
    assert ask(query)[0] == f"book/{TOPICS[query]}"


def test_a_hit_shows_no_code_of_formulas(opened):
    with opened("search.html?q=orthonormal") as (page, watch):
        page.wait_for_function("document.querySelectorAll('#search-results p.context').length > 3")
        texts = page.locator("#search-results p.context").all_inner_texts()
        assert not [text for text in texts if "\\" in text or "Show code" in text]
        assert watch.errors == []
