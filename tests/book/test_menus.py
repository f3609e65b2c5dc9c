"""The menu in the bar of a page opens by click and by keyboard, and closes again."""

import pytest


@pytest.fixture
def bar(opened):
    """Open a page; yield it with its menu of downloads and the button of the menu."""
    with opened("book/1-introduction/setup.html") as (page, watch):
        menu = page.locator(".dropdown-download-buttons .dropdown-menu")
        yield page, menu, page.locator(".dropdown-download-buttons > button")
        assert watch.errors == []


def test_by_click(bar):
    page, menu, button = bar
    assert not menu.is_visible()
    button.click()
    page.mouse.move(300, 600)
    assert menu.is_visible() and button.get_attribute("aria-expanded") == "true"
    box = menu.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
    page.locator("article h1").click()
    assert not menu.is_visible() and button.get_attribute("aria-expanded") == "false"


def test_by_keyboard(bar):
    page, menu, button = bar
    focus = "document.activeElement.textContent.trim()"
    button.focus()
    page.keyboard.press("ArrowDown")
    assert menu.is_visible() and page.evaluate(focus) == ".ipynb"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focus) == ".pdf"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focus) == ".ipynb"
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focus) == ".pdf"
    page.keyboard.press("Escape")
    assert not menu.is_visible() and button.evaluate("(button) => button === document.activeElement")
    page.keyboard.press("Enter")
    assert menu.is_visible()
    page.keyboard.press("Shift+Tab")
    assert not menu.is_visible()
