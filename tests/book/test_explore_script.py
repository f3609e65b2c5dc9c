"""The script of the interactive figures, on figures that stand for all kinds: mouse, drag, play, print, failure.

What each figure shows for each of its controls is in test_figures.
"""

import itertools
import time
import urllib.parse

import numpy as np
import pytest
import visits

MOVE = """(slider, position) => {
  slider.value = position;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""


class Opened:
    """An interactive figure on an open page, and what it should show."""

    def __init__(self, page, name, watch):
        self.page, self.watch = page, watch
        self.described = visits.figures(page.content())[name]
        self.root = page.locator(f"figure#{name}")
        self.image, self.button = self.root.locator("img"), self.root.locator(".explore-play")
        self.controls = self.root.locator(".explore-control").all()
        self.number = page.evaluate(
            "(id) => [...document.querySelectorAll('figure.explore')].map((f) => f.id).indexOf(id)", name
        )
        page.evaluate(visits.PROBE)

    def sight(self):
        """Return what the figure shows once its picture has come."""
        return self.page.evaluate("(n) => visit.shown(n)", self.number)

    def expect(self, k, position):
        """Check that control k stands at a position, and that picture and text follow; return both."""
        sight = self.sight()
        assert sight["positions"][k] == position and sight["loaded"]
        assert sight["alt"] == sight["said"] == self.described.alts[self.described.frame(sight["positions"])]
        return sight["source"], sight["alt"]

    def wait_for_frames(self, k):
        """Wait until the frames of all positions of control k, the others staying, have been fetched."""
        sight = self.sight()
        for position in range(self.described.counts[k]):
            frame = self.described.frame([*sight["positions"][:k], position, *sight["positions"][k + 1 :]])
            address = urllib.parse.urljoin(sight["source"], f"{frame}.webp")
            deadline = time.monotonic() + 10
            while address not in self.watch.responses:
                assert time.monotonic() < deadline, f"{address} was not fetched within 10 s."
                self.page.wait_for_timeout(20)

    def wait(self, condition, element):
        """Wait until a condition on an element holds."""
        self.page.wait_for_function(condition, arg=element.element_handle())

    def player(self):
        """Return the number of the control that plays, and its slider; skip where none does."""
        if not self.button.count():
            pytest.skip("This figure has no play button.")
        k = next(k for k, control in enumerate(self.controls) if control.locator("button").count())
        return k, self.controls[k].locator("input")


@pytest.fixture(scope="module")
def figure(opened, representative):
    """Open the page of a figure for all tests of it; at the end, see that nothing went wrong meanwhile."""
    name, _, identifier = representative.partition("#")
    with opened(name) as (page, watch):
        yield Opened(page, identifier, watch)
        assert watch.errors == [] and watch.outside == []


def assert_changes(seen):
    """Both what is seen and what is said differ between the ends and the middle."""
    pictures, texts = zip(*seen, strict=True)
    assert len(set(pictures)) > 1 and len(set(texts)) > 1


def test_mouse_moves_every_control(figure):
    for k, control in enumerate(figure.controls):
        count, seen = figure.described.counts[k], []
        for position in sorted({0, count // 2, count - 1}):
            if figure.described.sliders[k]:
                slider = control.locator("input")
                slider.scroll_into_view_if_needed()
                box = slider.bounding_box()
                # The thumb's centre travels between half its width, 8 px, from either end.
                x = box["x"] + 8 + (box["width"] - 16) * position / (count - 1)
                figure.page.mouse.click(x, box["y"] + box["height"] / 2)
            else:
                control.locator("label").nth(position).click()
            seen.append(figure.expect(k, position))
        assert_changes(seen)


def test_handle_can_be_dragged(figure):
    """The start of the picture goes where the pointer goes, as near as the grid allows, and takes its sliders along."""
    described = figure.described
    if not described.handles:
        pytest.skip("This figure has no handle.")
    figure.root.locator(".explore-handle").scroll_into_view_if_needed()
    seen = []
    for corner in ("first", "last", "middle"):
        sight, picture = figure.sight(), figure.image.bounding_box()
        positions = sight["positions"]
        choices = [
            range(n) if drag else [at] for n, drag, at in zip(described.counts, described.drag, positions, strict=True)
        ]
        reach = list(itertools.product(*choices))
        goal = {"first": reach[0], "last": reach[-1], "middle": reach[len(reach) // 2]}[corner]
        place = np.array(described.handles) * sight["picture"]
        x, y = place[described.frame(goal)]
        figure.page.mouse.move(picture["x"] + sight["ring"][0], picture["y"] + sight["ring"][1])
        figure.page.mouse.down()
        figure.page.mouse.move(picture["x"] + x, picture["y"] + y, steps=5)
        figure.page.mouse.up()
        positions = figure.sight()["positions"]
        far = {choice: np.hypot(*(place[described.frame(choice)] - [x, y])) for choice in reach}
        assert far[tuple(positions)] < 0.1 + min(far.values())
        seen += [figure.expect(k, positions[k]) for k, drag in enumerate(described.drag) if drag]
    assert_changes(seen)


def test_picture_follows_without_a_request(figure):
    """Once a slider has been touched, its pictures are there: `make bench` measures how soon they show."""
    k = next((k for k, slider in enumerate(figure.described.sliders) if slider), None)
    if k is None:
        pytest.skip("This figure has no slider.")
    slider, count = figure.controls[k].locator("input"), figure.described.counts[k]
    # One move from the start: the frames of all others are fetched in the background.
    slider.evaluate(MOVE, 0)
    figure.expect(k, 0)
    figure.wait_for_frames(k)
    figure.page.request_gc()
    requests = []
    figure.page.on("request", lambda request: requests.append(request.url))
    for position in range(count):
        slider.evaluate(MOVE, position)
    figure.expect(k, count - 1)
    assert requests == []


def test_play_button_plays(figure):
    k, slider = figure.player()
    slider.focus()
    figure.page.keyboard.press("Home")
    figure.button.click()
    assert figure.button.text_content() == "Pause" and figure.button.get_attribute("aria-label").startswith("Pause ")
    figure.wait("(slider) => slider.value >= 2", slider)
    assert figure.root.locator("[aria-live]").last.get_attribute("aria-live") == "off"
    figure.button.click()
    assert figure.button.text_content() == "Play"
    figure.expect(k, int(slider.input_value()))
    slider.focus()
    figure.page.keyboard.press("End")
    figure.button.click()
    figure.wait("(slider) => slider.value < 2", slider)
    slider.evaluate("(slider) => slider.value = slider.max - 2")  # spares the test the way between
    figure.wait("(button) => button.textContent === 'Play'", figure.button)
    figure.expect(k, figure.described.counts[k] - 1)


def test_play_button_only_steps_where_motion_is_unwanted(figure):
    k, _ = figure.player()
    figure.page.emulate_media(reduced_motion="reduce")
    try:
        position = (figure.sight()["positions"][k] + 1) % figure.described.counts[k]
        figure.wait("(button) => button.textContent === 'Step'", figure.button)
        figure.button.click()
        figure.expect(k, position)
        figure.page.wait_for_timeout(400)  # long enough for two more steps, were it to play
        figure.expect(k, position)
    finally:
        figure.page.emulate_media(reduced_motion="no-preference")
    figure.wait("(button) => button.textContent === 'Play'", figure.button)


def test_on_paper_there_are_no_controls(figure):
    figure.page.emulate_media(media="print")
    assert figure.image.is_visible()
    assert not figure.root.locator(".explore-controls").is_visible()
    assert not figure.root.locator(".explore-handle").is_visible()
    figure.page.emulate_media(media="screen")
    assert figure.root.locator(".explore-controls").is_visible()


def test_without_scripts_the_first_frames_stand_alone(opened, representative):
    name, _, _ = representative.partition("#")
    with opened(name, java_script_enabled=False) as (page, watch):
        loaded = {url for url, response in watch.responses.items() if response.ok}
        for root in page.locator("figure.explore").all():
            image = root.locator("img")
            assert image.is_visible() and image.get_attribute("alt")
            assert urllib.parse.urljoin(page.url, image.get_attribute("src")) in loaded
            assert not root.locator(".explore-controls").is_visible()
            assert all(caption.is_visible() for caption in root.locator("figcaption").all())


def move_to_another(root):
    """Move the first control of a figure one position, whichever way there is room."""
    first = root.locator(".explore-control").first
    control = first.locator("input[type=range], input:checked")
    control.focus()
    last = int(first.get_attribute("data-positions")) - 1
    root.page.keyboard.press("ArrowRight" if int(control.input_value()) < last else "ArrowLeft")


def test_figure_works_from_a_file(opened, representative, folder):
    name, _, identifier = representative.partition("#")
    with opened(name, address=folder.resolve().as_uri() + "/") as (page, watch):
        root = page.locator(f"figure#{identifier}")
        image = root.locator("img")
        before = image.get_attribute("alt")
        move_to_another(root)
        page.wait_for_function("([i, alt]) => i.alt !== alt", arg=[image.element_handle(), before])
        assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
        assert watch.errors == [] and watch.outside == []


def test_a_frame_that_does_not_load_is_said(opened, representative):
    name, _, identifier = representative.partition("#")
    with opened(name) as (page, _):
        root = page.locator(f"figure#{identifier}")
        image, readout = root.locator("img"), root.locator("[aria-live]").last
        before = image.get_attribute("alt")
        page.context.set_offline(True)
        move_to_another(root)
        page.wait_for_function("(e) => e.textContent.includes('did not load')", arg=readout.element_handle())
        assert image.get_attribute("alt") == before
        page.context.set_offline(False)
        move_to_another(root)
        page.wait_for_function("(e) => !e.textContent.includes('did not load')", arg=readout.element_handle())
        # A control of two positions goes back to the first picture before it comes to the one that failed.
        if image.get_attribute("alt") == before:
            move_to_another(root)
            page.wait_for_function("([i, alt]) => i.alt !== alt", arg=[image.element_handle(), before])
        assert image.get_attribute("alt") != before
        assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0


def test_a_late_picture_does_not_replace_a_newer_one(opened):
    """The picture of the first move comes after that of the second."""
    with opened("book/index.html") as (page, _):
        root = page.locator("figure.explore").first
        described = visits.figures(page.content())[root.get_attribute("id")]
        slider, image, held = root.locator("input[type=range]").first, root.locator("img"), []
        page.route("**/*.webp", lambda route: route.continue_() if held else held.append(route))
        slider.evaluate(MOVE, "0")
        slider.evaluate(MOVE, "1")
        newer = described.alts[described.frame([1, *described.start[1:]])]
        page.wait_for_function("([i, alt]) => i.alt === alt", arg=[image.element_handle(), newer])
        held[0].continue_()
        page.wait_for_timeout(500)
        assert image.get_attribute("alt") == newer
