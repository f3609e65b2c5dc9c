"""A link opens a figure in a state, and a button beside the figure gives that link."""

import urllib.parse

import pytest
import visits

PAGE = "book/1-introduction/introduction.html"


def state(page, name):
    """Return the positions of a figure, once its picture has come, and what it says of itself."""
    page.evaluate(visits.PROBE)
    number = page.evaluate(
        "(id) => [...document.querySelectorAll('figure.explore')].map((f) => f.id).indexOf(id)", name
    )
    return page.evaluate("(n) => visit.shown(n)", number)


def names(figure):
    """The names by which a link calls the controls of a figure."""
    inputs = [control.input for control in figure.controls]
    return [(i.get("id") if i["type"] == "range" else i["name"]).removeprefix(f"{figure.root['id']}-") for i in inputs]


def another(figure):
    """A state in which no control stands where it starts, and the query that asks for it."""
    positions = [(start + 1) % count for start, count in zip(figure.start, figure.counts, strict=True)]
    texts = [texts[at].replace("−", "-") for texts, at in zip(figure.texts, positions, strict=True)]
    return positions, urllib.parse.urlencode(dict(zip(names(figure), texts, strict=True)))


def test_a_link_opens_every_kind_of_figure_in_its_state(opened, representative):
    name, _, identifier = representative.partition("#")
    with opened(name) as (page, _):
        figure = visits.figures(page.content())[identifier]
    positions, query = another(figure)
    with opened(f"{name}#{identifier}?{query}") as (page, watch):
        seen = state(page, identifier)
        assert seen["positions"] == positions and seen["loaded"]
        assert seen["alt"] == seen["said"] == figure.alts[figure.frame(positions)]
        top = page.locator(f"figure#{identifier}").bounding_box()["y"]
        assert 0 <= top < visits.DESKTOP["height"] / 2
        assert watch.errors == [] and watch.outside == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("g0=1.6&seed=2&eta=0.5", (1.5, "2", "0.5")),  # next to 1.6 the grid has 1.5
        ("g0=-7&seed=9&eta=fast", (2.0, "0", "0.005")),  # beyond the grid, and none of the texts
        ("g0=&seed=&eta=", (2.0, "0", "0.005")),
        ("g0=NaN&other=3&g0=1", (2.0, "0", "0.005")),
        ("g0=%3Cb%3E&seed=%E0%A4%A", (2.0, "0", "0.005")),
        ("eta=0.1", (2.0, "0", "0.1")),
        ("", (2.0, "0", "0.005")),
    ],
)
def test_values_go_to_the_grid_and_bad_ones_to_the_start(opened, query, expected):
    with opened(f"{PAGE}#explore-1?{query}") as (page, watch):
        figure = visits.figures(page.content())["explore-1"]
        seen = state(page, "explore-1")
        texts = [texts[at] for texts, at in zip(figure.texts, seen["positions"], strict=True)]
        assert (float(texts[0]), *texts[1:]) == expected
        assert watch.errors == []


def test_a_link_followed_on_its_own_page_moves_the_figure(opened):
    with opened(PAGE) as (page, _):
        page.evaluate("location.hash = '#explore-1?g0=5'")
        page.wait_for_function("document.querySelector('#explore-1 output').textContent === '5'")
        page.evaluate("location.hash = '#explore-2?g=4'")
        page.wait_for_function("document.querySelector('#explore-2 [id=explore-2-g]').value === '15'")
        assert state(page, "explore-1")["values"][0] == "5", "a link to one figure leaves the others alone"


def test_the_button_copies_a_link_that_leads_back(opened):
    with opened(PAGE, permissions=["clipboard-read", "clipboard-write"]) as (page, _):
        root = page.locator("figure#explore-1")
        root.locator("input[type=range]").press("ArrowRight")
        root.locator("fieldset label").nth(1).click()
        before = state(page, "explore-1")["positions"]
        button = root.get_by_role("button", name="Copy link")
        button.focus()
        page.keyboard.press("Enter")
        status = root.locator("[role=status]")
        page.wait_for_function("(e) => e.textContent === 'copied'", arg=status.element_handle())
        link = page.evaluate("navigator.clipboard.readText()")
        assert link.startswith(page.url.split("#")[0] + "#explore-1?g0=")
        page.goto("about:blank")
        page.goto(link)
        assert state(page, "explore-1")["positions"] == before


def test_without_leave_to_copy_the_link_stands_there_to_be_taken(opened):
    with opened(PAGE) as (page, watch):
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
        root = page.locator("figure#explore-2")
        for _ in range(2):
            root.get_by_role("button", name="Copy link").click()
            line = root.get_by_role("textbox", name="Link to the figure as it stands")
            assert line.count() == 1 and "#explore-2?degrees=60&g=1&eta=0.2" in line.input_value()
            assert page.evaluate("getSelection().toString()") == line.input_value()
        assert watch.errors == []


def test_on_paper_and_without_scripts_there_is_no_button(opened):
    with opened(PAGE) as (page, _):
        button = page.locator(".explore-link button").first
        assert button.bounding_box()["height"] >= 44
        page.emulate_media(media="print")
        assert not button.is_visible()
    with opened(PAGE, java_script_enabled=False) as (page, _):
        assert page.locator(".explore-link").count() == 0
