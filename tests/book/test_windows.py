"""A window that is used again is as good as a new one."""

import visits


def test_a_page_opens_as_for_a_reader_who_was_never_here(opened):
    with opened("search.html", viewport=visits.PHONE) as (first, _):
        first.evaluate("localStorage.setItem('here', 1); sessionStorage.setItem('here', 1); document.cookie = 'here=1'")
        first.emulate_media(media="print")
        first.route("**/*.css*", lambda route: route.abort())
        first.context.set_offline(True)
    with opened("search.html") as (page, watch):
        assert page is first, "the window is another one, and this test tests nothing"
        assert page.evaluate("[localStorage.here, sessionStorage.here, document.cookie]") == [None, None, ""]
        assert not page.evaluate("matchMedia('print').matches") and page.viewport_size == visits.DESKTOP
        assert page.evaluate("document.styleSheets.length") and watch.errors == []
