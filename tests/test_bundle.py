"""One style sheet and one script for all pages: what stays in them, what goes, and what is an error."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "book" / "_ext"))
pytest.importorskip("sphinx_proof", reason="the book's packages are not installed")

from wnbook import bundle, head, letters, purge

PAGE = """<html><head><noscript><style>.x {{}}</style></noscript>
<link href="{up}_static/a.css?digest=1" rel="stylesheet" />
<link rel="stylesheet" type="text/css" href="{up}_static/deep/b.css" />
<link rel="preload" as="script" href="{up}_static/late.js" />
<script data-cfasync="false">mode()</script>
<script>{theme}</script>
<script src="{up}_static/documentation_options.js"></script>
<script src="{up}_static/early.js"></script>
<script>let setting = 1;</script>
<script>DOCUMENTATION_OPTIONS.pagename = '{name}';</script>
</head><body class="wide"><p id="here" style="color:var(--named)">Text <b class="kept">b</b></p>{more}
<script type="application/json">{{"a": 1}}</script>
<script defer src="{up}_static/late.js"></script></body></html>"""
SHEETS = {
    "a.css": '@charset "utf-8"; @import "c.css"; .kept, .gone { color: var(--read); --read: var(--through); } '
    "#here > b::before, p.gone, i { --nobody: 1; margin: 0 } .said:not(.gone) { top: 1px !important }",
    "c.css": ":root { --through: red; --named: blue; --never: var(--nobody) } /* words */ table { top: 0 }",
    "deep/b.css": "@media print { .gone { top: 0 } } @media screen { p { background: url(x.png) url(data:a) } } "
    "@font-face { font-family: Used; src: url('../f.woff2') } @font-face { font-family: Idle; src: url(f) } "
    "b { font-family: Used, serif }",
}
SCRIPTS = {
    "documentation_options.js": "const DOCUMENTATION_OPTIONS = {};",
    "early.js": "early(setting);\n//# sourceMappingURL=early.js.map",
    "late.js": "late('said')",
    "search.js": "find()",
}


@pytest.fixture
def site(tmp_path):
    """A site of two pages, one of which has a script of its own."""
    for name, text in (SHEETS | SCRIPTS).items():
        path = tmp_path / "_static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    write(tmp_path, "index.html", "")
    write(tmp_path, "book/page.html", "../", '<script src="../_static/search.js"></script>')
    return tmp_path


def write(site, name, up, more=""):
    """Write a page as the theme does."""
    (site / name).parent.mkdir(exist_ok=True)
    (site / name).write_text(PAGE.format(up=up, name=name, more=more, theme=head.THEME))


def run(site):
    """Bundle, and return the style, the script and the two pages."""
    bundle.bundle(SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=site), None)
    return [(site / name).read_text() for name in (bundle.STYLE, bundle.SCRIPT, "index.html", "book/page.html")]


def test_rules_stay_that_a_page_or_a_script_can_use(site):
    assert run(site)[0].partition("*/\n")[2] == (
        ":root{--through:red;--named:blue}.kept{color:var(--read);--read:var(--through)}#here > b::before{margin:0}"
        ".said:not(.gone){top:1px!important}"
        "@media screen {p{background:url(deep/x.png) url(data:a)}}"
        "@font-face{font-family:Used;src:url(f.woff2)}b{font-family:Used, serif}"
    )


def test_scripts_run_in_their_order_and_settings_first(site):
    assert run(site)[1].split(";\n") == [
        "const DOCUMENTATION_OPTIONS = {};",
        "let setting = 1;",
        "early(setting);",
        "late('said')\n",
    ]


def test_pages_load_two_files_and_what_is_their_own(site):
    _, _, index, page = run(site)
    for html, up, own in ((index, "", 0), (page, "../", 1)):
        assert html.count("<link") == 1 and html.count("<script defer src=") == 1 + own
        assert f'href="{up}_static/all.css?v=' in html and f'src="{up}_static/all.js?v=' in html
        assert html.count(head.THEME) == 1 and html.index(head.THEME) < html.index("<link")
        assert '<script type="application/json">{"a": 1}</script>' in html and "cfasync" not in html
    assert page.index("all.js") < page.index("search.js?v=")


def test_a_page_that_is_built_again_gets_the_same_and_new_rules_reach_all(site):
    before = run(site)
    assert run(site) == before
    write(site, "index.html", "", '<i class="gone">now used</i>')
    style, _, index, page = run(site)
    assert ".kept,.gone{" in style and before[3] != page
    version = index.partition("all.css?v=")[2][:8]
    assert f"all.css?v={version}" in page


def test_the_style_can_be_made_anew_from_what_it_names(site):
    before = run(site)[0]
    bundle.restyle(site)
    assert (site / bundle.STYLE).read_text() == before
    sheet = site / before.split()[1]
    sheet.write_text(sheet.read_text() + " .kept { top: 7px }")
    bundle.restyle(site)
    assert "{top:7px}" in (site / bundle.STYLE).read_text()


def test_a_part_of_the_theme_is_replaced_while_it_is_there(site, monkeypatch):
    monkeypatch.setitem(bundle.REPLACED, "_static/late.js", ("late(", "later("))
    assert "later('said')" in run(site)[1]
    (site / "_static/late.js").write_text("changed()")
    write(site, "index.html", "")
    with pytest.raises(ValueError, match=r"late\.js has changed"):
        run(site)


def test_pages_with_formulas_load_their_fonts_at_once(site):
    write(site, "index.html", "", '<span class="katex">x</span>')
    _, _, index, page = run(site)
    assert all(f'"{name}"' in index.partition("<link")[0] for name in bundle.FONTS) and "preload" not in page


def test_pages_that_differ_and_scripts_that_are_needed_after_all_are_errors(site, monkeypatch):
    monkeypatch.setitem(bundle.LEFT_OUT, "_static/late.js", 'class="kept"')
    with pytest.raises(ValueError, match=r"A page needs _static/late\.js"):
        run(site)
    path = site / "index.html"
    path.write_text(path.read_text().replace("_static/early.js", "_static/other.js"))
    with pytest.raises(ValueError, match=r"different scripts, .*early.*other"):
        run(site)


@pytest.mark.parametrize("text", ["b { i { top: 0 } }", "@import url(a.css); @namespace x;", "}"])
def test_a_style_sheet_that_cannot_be_read_is_an_error(tmp_path, text):
    (tmp_path / "a.css").write_text(text.replace("a.css", "b.css"))
    (tmp_path / "b.css").write_text("")
    with pytest.raises(ValueError, match=r"purge\.py must|does not know|no rule"):
        purge.read(tmp_path, "a.css")


def test_letters_are_those_of_formulas_and_all_others_remain():
    page = (
        '<p>§ <span class="katex-html" aria-hidden="true"><span class="base"><i>x</i>&lt;<b>=</b>1</span></span> ∀</p>'
    )
    shown = letters.letters([page])
    assert shown == {ord(character) for character in " \xa0x<=1"}
    ours, others = letters.ranges({0, 0x41, 0x42, 0x10FFFF})
    assert ours == ["U+0", "U+41-42", "U+10FFFF"] and others == ["U+1-40", "U+43-10FFFE"]
