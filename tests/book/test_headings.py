"""The mark beside a heading copies its address."""


def test_a_click_copies_the_address_of_a_section(opened, site):
    with opened("book/1-introduction/setup.html", permissions=["clipboard-read", "clipboard-write"]) as (page, watch):
        heading = page.locator("article h2").first
        link = heading.locator("a.headerlink")
        heading.hover()
        link.click()
        page.wait_for_function("document.querySelector('article h2 .headerlink').textContent === 'copied'")
        anchor = link.get_attribute("href")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.url == f"{site}book/1-introduction/setup.html{anchor}" and len(anchor) > 1
        page.wait_for_function("document.querySelector('article h2 .headerlink').textContent === '#'")
        assert watch.errors == []
