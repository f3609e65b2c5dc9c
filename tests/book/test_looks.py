"""What a visit to a page finds, on small pages with a fault put in: contrast by looks, formulas made simple."""

from collections import Counter

import pytest
import visits

PARAGRAPH = '<p style="{style}">These are words to be read.</p>'


@pytest.fixture(scope="module")
def blank(browser):
    """Open one page for all tests."""
    context = browser.new_context(viewport=visits.DESKTOP)
    yield context.new_page()
    context.close()


@pytest.fixture
def found(blank):
    """Return a function that says which rules a visit finds broken, and the HTML of the elements, on a body."""
    from axe_playwright_python.base import AXE_SCRIPT

    def found(body, style="", looks=None):
        write(blank, body, style)
        blank.evaluate("visit.simplify()")
        blank.evaluate(AXE_SCRIPT)
        return [(where.split()[0], html) for where, html in visits.violations(blank, looks).items()]

    return found


def write(page, body, style):
    """Make a page of its own of a body."""
    head = f"<title>Test</title><style>html {{ background: white; color: black; }} {style}</style>"
    page.set_content(f'<!doctype html><html lang="en" data-theme="light"><head>{head}</head>'
                     f"<body><main><h1>Test</h1>{body}</main></body></html>")  # fmt: skip
    page.evaluate(visits.PROBE)


def rules(found):
    return {rule for rule, _ in found}


def test_a_sound_page_has_no_findings(found):
    assert found(PARAGRAPH.format(style="") * 3) == []


@pytest.mark.parametrize(
    ("outside", "inside"),
    [
        ("", "color: #999"),
        ("background: #555", ""),
        ("background: #666; opacity: 0.5", "background: #777"),
        ("opacity: 0.3", ""),
        ("", "color: #888; font-size: 12px"),
        ("position: absolute; left: 0; top: 400px; background: #444", ""),
    ],
)
def test_one_faulty_look_among_many_alike_is_found(found, outside, inside):
    """The paragraphs differ in one thing alone; the faulty one is neither the first nor the last."""
    good = PARAGRAPH.format(style="") * 20
    bad = f'<div style="{outside}">{PARAGRAPH.format(style=inside)}</div>'
    assert [rule for rule, _ in found(good + bad + good)] == ["color-contrast"]


def test_large_letters_may_be_paler_and_small_ones_may_not(found):
    large, small = (PARAGRAPH.format(style=f"color: #888; font-size: {size}px") for size in (30, 14))
    assert found(large) == []
    assert rules(found(large * 5 + small + large * 5)) == {"color-contrast"}


def test_a_fault_of_the_dark_theme_alone_is_found(found):
    dark = "html[data-theme=dark] {{ background: #111; color: {}; }}"
    assert found(PARAGRAPH.format(style=""), dark.format("#eee")) == []
    assert rules(found(PARAGRAPH.format(style=""), dark.format("#444"))) == {"color-contrast"}


def test_a_fault_of_one_kind_of_code_is_found(found):
    code = '<pre class="highlight">' + '<span class="k">for</span> <span class="n">name</span> ' * 50 + "</pre>"
    assert found(code) == []
    assert rules(found(code, ".highlight .n { color: #aaa; }")) == {"color-contrast"}


def formula(inside, **attributes):
    """Return a displayed formula as KaTeX writes it, one piece to a letter."""
    pieces = "".join(
        f'<span class="base"><span class="strut"></span><span class="mord">{c}</span></span>' for c in inside
    )
    more = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    hidden = "position: absolute; clip: rect(1px, 1px, 1px, 1px)"
    spoken = f'<span class="katex-mathml" style="{hidden}"><math>{inside}</math></span>'
    seen = f'<span class="katex-html" aria-hidden="true">{pieces}</span>'
    return f'<span class="katex-display" {more}><span class="katex">{spoken}{seen}</span></span>'


SCROLLS = ".katex-display { display: block; overflow: auto hidden; white-space: nowrap; width: 300px; }"


def test_a_formula_that_scrolls_out_of_reach_of_the_keyboard_is_found(found):
    assert found(formula("short"), SCROLLS) == []
    assert rules(found(formula("long " * 40), SCROLLS)) == {"scrollable-region-focusable"}
    assert found(formula("long " * 40, tabindex=0, role="group"), SCROLLS) == []


def test_pale_formulas_are_found_though_screen_readers_do_not_meet_them(found):
    assert found(formula("a+b")) == []
    assert rules(found(formula("a+b"), ".katex-html { color: #aaa; }")) == {"color-contrast"}


def test_a_look_on_which_axe_does_not_decide_is_judged_again(found):
    """The same pale words, below a picture on one page and free on the next."""
    looks, pale = Counter(), "<p>These words are pale.</p>"
    style = "p { color: #bbb; } img { position: absolute; inset: 0; width: 100%; height: 100%; }"
    blue = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9' fill='blue'/></svg>"
    assert found(f'{pale}<img alt="blue" src="{blue}">', style, looks) == []
    assert rules(found(pale, style, looks)) == {"color-contrast"}
    assert found(pale, style, looks) == [], "axe decided, and need not be asked again"


def test_a_part_that_a_phone_lacks_is_judged_by_all_rules_once(blank):
    body = '<p>These are words to be read.</p><div class="wide"><img src="nowhere.png"></div>'
    parts = set()
    for expected in ({"image-alt"}, set()):
        blank.set_viewport_size(visits.DESKTOP)
        write(blank, body, "@media (max-width: 500px) { .wide { display: none; } }")
        found = visits.look(blank, Counter(), parts)["violations"]
        assert {where.split()[0] for where in found} == expected
