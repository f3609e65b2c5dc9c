"""The paper's items keep its numbers wherever a page states them, and a build says what is missing."""

import io
import pickle
import re
import sys
import warnings
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
pytest.importorskip("sphinx_proof", reason="the book's packages are not installed")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the book's packages, not ours
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils
    from wnbook import paper

MAP = "# Map\n\n```{paper-map}\n```\n"
LEMMA = """\
```{prf:lemma} Invariant
:label: lem-2-5
:enumerator: 2.5
Along the flow

$$ a = b $$ (eq-6)

is constant.
```
"""
CHECK = """
```{admonition} Checked: lem-2-5 eq-6
:class: checked corrected
On the page, for $m = 1$; `tests/test_theory.py::test_invariant` and {prf:ref}`lem-2-5`.
```
"""
OWN = """
```{prf:theorem} Exact limit
:label: exact-limit
:nonumber:
Ours.
```

```{admonition} Checked: exact-limit
:class: checked
By `tests/test_theory.py::TestLimit::test_it[1]`.
```
"""


class Book:
    """A tiny project of MyST pages, built with the extension as often as wanted."""

    def __init__(self, folder):
        self.folder, self.warnings = folder, ""
        (folder / "tests").mkdir()
        tests = "def test_invariant(): ...\n\n\nclass TestLimit:\n    def test_it(self): ...\n"
        (folder / "tests" / "test_theory.py").write_text(tests, encoding="utf-8")

    def build(self, parallel=1, builder="html", **pages):
        pages = {"map": MAP, **pages}
        index = "# Index\n\n```{toctree}\n" + "\n".join(sorted(pages)) + "\n```\n"
        for name, text in {"index": index, **pages}.items():
            path = self.folder / f"{name}.md"
            path.parent.mkdir(exist_ok=True)
            text = text if text.startswith("# ") else f"# {path.stem.title()}\n\n{text}"
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
        config = {
            "extensions": ["myst_parser", "wnbook.statements"],
            "myst_enable_extensions": ["dollarmath", "amsmath"],
            "exclude_patterns": ["_build", "tests"],
            "html_theme": "basic",
            "nitpicky": True,
        }
        log, out = io.StringIO(), self.folder / "_build"
        with warnings.catch_warnings(), patch_docutils(str(self.folder)), docutils_namespace():
            warnings.simplefilter("ignore")  # Sphinx's own deprecations; its warnings go to the log
            how = {"status": None, "warning": log, "parallel": parallel}
            Sphinx(self.folder, None, out, out / "doctrees", builder, config, **how).build()
        self.warnings = re.sub(r"\x1b\[[0-9;]*m", "", log.getvalue())
        return self

    def html(self, page):
        return (self.folder / "_build" / f"{page}.html").read_text(encoding="utf-8")

    def text(self, page):
        body = self.html(page).split('<div class="body" role="main">')[1].split('<div class="sphinxsidebar"')[0]
        return " ".join(re.sub(r"<[^>]*>", " ", body).replace("¶", " ").split())


@pytest.fixture
def book(tmp_path):
    return Book(tmp_path)


@pytest.mark.parametrize(
    ("label", "number", "text"),
    [
        ("lem-2-5", "2.5", "Lemma 2.5"),
        ("thm-e-7", "E.7", "Theorem E.7"),
        ("lem-e-11", "E.11", "Lemma E.11"),
        ("cond-2-1", "2.1", "Condition 2.1"),
        ("asm-d-1", "D.1", "Assumption D.1"),
        ("alg-1", "1", "Algorithm 1"),
        ("fn-2", "2", "Footnote 2"),
        ("eq-57", "57", "(57)"),
    ],
)
def test_number_and_text_come_from_the_label(label, number, text):
    assert paper.number_from_label(label) == number
    assert paper.text_from_label(label) == text


@pytest.mark.parametrize("label", ["lem-2.5", "lem-E-7", "eq-", "eq-07", "lemma-2-5", "eq-exact-limit", ""])
def test_other_labels_have_no_number(label):
    with pytest.raises(ValueError, match="no label of a numbered item"):
        paper.number_from_label(label)


def test_namespace_of_the_paper():
    assert all(paper.in_paper_namespace(label) for label in [*paper.ITEMS, "eq-58", "lem-E-7", "lem-2.5"])
    assert not any(paper.in_paper_namespace(label) for label in ["exact-limit", "eq-exact-limit", "step-2"])


def test_the_list_of_items_is_complete():
    numbers = {}
    for label in paper.ITEMS:
        numbers.setdefault(label.partition("-")[0], []).append(paper.number_from_label(label))
    assert sorted(map(int, numbers["eq"])) == list(range(1, 58))
    assert sorted(numbers["fig"]) == list("12345")
    assert sorted(numbers["alg"]) == list("1234")
    assert sorted(numbers["fn"]) == list("123456789")
    assert numbers["def"] == ["1.1"] and numbers["asm"] == ["D.1"] and numbers["cond"] == ["2.1", "3.1"]
    # One counter numbers all kinds of a section, so together they leave no gap.
    kinds = ("def", "cond", "lem", "thm", "prop", "asm")
    found = {number for kind in kinds for number in numbers[kind]}
    lengths = {"1": 1, "2": 7, "3": 3, "C": 1, "D": 2, "E": 11}
    assert found == {f"{section}.{i + 1}" for section, length in lengths.items() for i in range(length)}


def test_items_have_names_of_their_own_and_sections():
    assert all(item.name and item.section for item in paper.ITEMS.values())
    assert len({(item.name, item.section) for item in paper.ITEMS.values()}) == len(paper.ITEMS)


def test_a_label_listed_twice_is_refused(tmp_path):
    rows = '[[section]]\ntitle = "{}"\n[section.items]\nlem-2-5 = "Invariant"\n'
    path = tmp_path / "paper.toml"
    path.write_text(rows.format(1) + rows.format(2), encoding="utf-8")
    with pytest.raises(ValueError, match="lists 1 label"):
        paper.load_paper(path)


@pytest.mark.parametrize(
    ("repository", "line"),
    [
        ("https://github.com/a/wn", "https://github.com/a/wn/blob/main/tests/test_theory.py#L{}"),
        ("https://gitlab.com/a/wn", "https://gitlab.com/a/wn/-/blob/main/tests/test_theory.py#L{}"),
        ("https://example.org/a/wn", None),
        ("", None),
    ],
)
def test_a_name_of_a_test_breaks_between_words_and_links_to_its_line(book, monkeypatch, repository, line):
    monkeypatch.setenv("WNLIB_REPOSITORY_URL", repository)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    monkeypatch.setattr("wnbook.buttons.git_remote", lambda folder: "")
    book.build(page=LEMMA + CHECK + OWN + "\nNot `tests/test_nothing.py`, `tests` and `code`.\n")
    for page in ("page", "map"):
        names = BeautifulSoup(book.html(page), "html.parser").select("code.test-name")
        texts = {name.get_text(): name for name in names}
        assert set(texts) == {"tests/test_theory.py::test_invariant", "tests/test_theory.py::TestLimit::test_it[1]"}
        for text, number in zip(sorted(texts), (5, 1), strict=True):
            links = [link["href"] for link in texts[text].select("a")]
            assert links == ([line.format(number)] if line else [])
    assert "tests/<wbr>test_<wbr>theory.py::<wbr>test_<wbr>invariant" in book.html("page")


def test_missing_tests_are_named():
    here = "tests/test_statements.py"
    assert paper.missing_test(ROOT, f"{here}::test_missing_tests_are_named") == ""
    assert paper.missing_test(ROOT, f"{here}::Book::build") == ""
    assert paper.missing_test(ROOT, f"{here}::test_nothing") == f"{here} does not define test_nothing"
    assert paper.missing_test(ROOT, "tests/test_nothing.py") == "there is no tests/test_nothing.py"


def test_statements_show_the_paper_s_numbers(book):
    equations = "$$ later $$ (eq-7)\n\n$$ ours $$ (eq-ours)\n\n$$ unlabelled $$\n\n"
    refer = "See {prf:ref}`lem-2-5`, {ref}`lem-2-5`, [](#lem-2-5), {prf:ref}`that <lem-2-5>`, {eq}`eq-6`, {eq}`eq-7`;"
    refer += " {eq}`eq-ours`, {prf:ref}`exact-limit`, [](#map-thm-e-7)."
    check = "\n\n```{admonition} Checked: eq-7\n:class: checked corrected\nBy hand.\n```\n"
    book.build(first=refer, second=equations + LEMMA + CHECK + OWN + check)
    assert book.warnings == ""
    assert "See Lemma 2.5 , Lemma 2.5 , Lemma 2.5 , that , (6) , (7) ; (*1) , Exact limit , Theorem E.7 ." in book.text(
        "first"
    )
    shown = book.text("second")
    assert "Lemma 2.5 (Invariant) Along the flow (6)" in shown
    assert "Theorem (Exact limit)" in shown
    assert re.findall(r'class="eqno">\(([^)]*)\)', book.html("second")) == ["7", "*1", "6"]
    assert "Lemma 2.5, (6). Corrected: the printed version differs." in shown
    ids = re.findall(r' id="([^"]+)"', book.html("second"))
    assert len(ids) == len(set(ids))


def test_the_map_lists_what_is_treated_and_what_is_not(book):
    book.build(**{"deep/page": LEMMA + CHECK + OWN})
    assert book.warnings == ""
    shown, total = book.text("map"), len(paper.ITEMS)
    assert f"Numbered items in the paper: {total}. Treated: 2. Holds: 0. Corrected: 2. False: 0." in shown
    assert shown.count("not yet treated") == total - 2
    assert "Lemma 2.5 Invariant Page corrected On the page, for" in shown
    assert "Not in the paper" in shown and "Exact limit Page – By" in shown
    page = book.html("deep/page")
    assert 'href="../map.html#map-lem-2-5"' in page
    assert '<details class="checked"><summary class="status-corrected"><strong>Lemma 2.5, (6). Corrected:' in page
    targets = re.findall(r'href="(deep/page.html[^"]*)"', book.html("map"))
    assert targets.count("deep/page.html#equation-eq-6") == 1
    assert targets.count("deep/page.html#lem-2-5") == 3  # its own row, and the check's text in two rows


def test_the_record_of_a_check_does_not_hold_the_page(book):
    book.build(page=LEMMA + CHECK)
    with (book.folder / "_build" / "doctrees" / "environment.pickle").open("rb") as file:
        env = pickle.load(file)
    body = [node for child in env.domaindata["prf"]["checks"]["page"][0].body for node in child.findall()]
    assert len(body) > 1 and all(node.document is None for node in body)


def test_the_map_follows_a_change_of_one_page(book):
    book.build(page=LEMMA + CHECK, other=OWN)
    book.build(page="Nothing.", other=OWN)
    assert book.warnings == ""
    assert "Treated: 0." in book.text("map") and "Exact limit Other" in book.text("map")


def test_parallel_reading_gives_the_same_map(book):
    pages = {f"filler{i}": "Nothing." for i in range(6)}
    book.build(parallel=2, page=LEMMA + CHECK, other=OWN, **pages)
    assert book.warnings == ""
    assert "Treated: 2." in book.text("map") and "Exact limit Other" in book.text("map")


BROKEN = {
    "unknown item": (LEMMA.replace("lem-2-5", "lem-2-9") + CHECK, "lem-2-9 is no item of the paper"),
    "unknown equation": ("$$ a $$ (eq-58)", "eq-58 is no item of the paper"),
    "no check": (LEMMA, "lem-2-5 is stated here, but no check on this page names it"),
    "equation without check": ("$$ a $$ (eq-7)", "eq-7 is stated here, but no check"),
    "wrong directive": (LEMMA.replace("prf:lemma", "prf:theorem") + CHECK, "lem-2-5 is stated as theorem"),
    "no number for JupyterLab": (LEMMA.replace(":enumerator: 2.5\n", "") + CHECK, "needs the option :enumerator: 2.5"),
    "wrong number": (LEMMA.replace(": 2.5", ": 2.6") + CHECK, "needs the option :enumerator: 2.5"),
    "own without nonumber": (OWN.replace(":nonumber:\n", ""), "exact-limit needs the option :nonumber:"),
    "own without label": ("```{prf:lemma} Mine\n:nonumber:\nOurs.\n```", "lemma 'Mine' has no label"),
    "own without check": (OWN.split("```{admonition}")[0], "exact-limit is stated here, but no check"),
    "label in capitals": (OWN.replace("exact-limit", "Exact-limit"), "Exact-limit is no label"),
    "check of nothing": (CHECK.replace(" and {prf:ref}`lem-2-5`", ""), "a check names lem-2-5, which this page"),
    "check without label": (LEMMA + CHECK + CHECK.replace(" lem-2-5 eq-6", ""), "a check names no label"),
    "checked twice": (LEMMA + CHECK + CHECK, "lem-2-5 is checked twice"),
    "no status": (LEMMA + CHECK.replace(" corrected", ""), "a check of the paper's items has one class of"),
    "status of our own": (OWN.replace("checked\n", "checked holds\n"), "one of our own has none"),
    "at odds with the errata": (LEMMA + CHECK.replace(" corrected", " holds"), "a row of the errata corrects it"),
    "no row in the errata": (
        "$$ a $$ (eq-5)" + CHECK.replace("lem-2-5 eq-6", "eq-5").replace(" and {prf:ref}`lem-2-5`", ""),
        "eq-5 is corrected here, but no row of the errata names it",
    ),
    "no such test": (LEMMA + CHECK.replace("::test_invariant", "::test_other"), "does not define test_other"),
    "no such test file": (LEMMA + CHECK.replace("test_theory.py", "test_no.py"), "there is no tests/test_no.py"),
    "reference to nothing": ("{prf:ref}`lem-2-5`", "no page states lem-2-5"),
    "row of nothing": ("[](#map-lem-2-9)", "map-lem-2-9"),
    "self-numbering environment": ("\\begin{align}\na\n\\end{align}", "this environment numbers itself"),
}


@pytest.mark.parametrize(("page", "warning"), BROKEN.values(), ids=BROKEN)
def test_each_mistake_is_a_warning(book, page, warning):
    book.build(builder="dummy", page=page)  # which resolves all references, and writes no page
    assert re.search(r"page\.md:\d+: WARNING", book.warnings)
    assert warning in book.warnings


def test_an_item_stated_on_two_pages_is_a_warning(book):
    book.build(builder="dummy", first=LEMMA + CHECK, second=LEMMA + CHECK)
    assert "second.md:3: WARNING: lem-2-5 is stated twice, first on first" in book.warnings
