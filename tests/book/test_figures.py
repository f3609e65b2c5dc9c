"""Every interactive figure of the built book, moved by mouse and by keyboard."""

import functools
import itertools
import json
import re
import statistics
import urllib.parse

import numpy as np
import pytest

FRAME_BYTES = 15_000
# Families of contour lines behind the paths cost more than line plots, for which the bound above is meant.
CONTOUR_BYTES = 18_000
CONTOURS = {"book/2-continuous-time/solution.html#explore-1", "book/2-continuous-time/stationary-points.html#explore-1"}

MOVE = """(slider, position) => {
  slider.value = position;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}"""


class Figure:
    """An interactive figure on an open page, and what it should show."""

    def __init__(self, page, name, watch):
        self.page = page
        self.watch = watch
        self.root = page.locator(f"figure#{name}")
        self.image = self.root.locator("img")
        index = json.loads(self.root.locator("script").text_content())
        self.alts, self.drag, self.handles = index["alts"], index.get("drag"), index.get("handles")
        self.controls = self.root.locator(".explore-control").all()
        self.counts = [int(control.get_attribute("data-positions")) for control in self.controls]

    def positions(self):
        """Return where each control stands."""
        return [int(c.locator("input[type=range], input:checked").input_value()) for c in self.controls]

    def frame(self, positions):
        """Return the number of the frame of some positions."""
        return functools.reduce(lambda frame, k: frame * self.counts[k] + positions[k], range(len(positions)), 0)

    def wait_for_frame(self, k, position):
        """Wait until the frame has been fetched in which control k stands at a position, the others staying."""
        positions = self.positions()
        positions[k] = position
        folder = self.image.evaluate("(image) => image.src.replace(/[^/]*$/, '')")
        address = f"{folder}{self.frame(positions)}.webp"
        for _ in range(200):
            if address in self.watch.responses:
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"{address} was not fetched within 10 s.")

    def expect(self, k, position):
        """Check that control k stands at a position, and that picture and text follow; return both."""
        assert self.positions()[k] == position
        frame = self.frame(self.positions())
        self.page.wait_for_function(
            """([image, name]) => image.complete && image.naturalWidth > 0 && image.currentSrc.endsWith(name)""",
            arg=[self.image.element_handle(), f"/{frame}.webp"],
        )
        assert self.image.get_attribute("alt") == self.alts[frame]
        assert self.root.locator("[aria-live]").last.text_content() == self.alts[frame]
        return self.pixels(), self.alts[frame]

    def wait(self, condition, element):
        """Wait until a condition on an element holds."""
        self.page.wait_for_function(condition, arg=element.element_handle())

    def pixels(self):
        """Return a digest of the picture that is shown."""
        return self.image.evaluate("""async (image) => {
          const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
          const context = canvas.getContext("2d");
          context.drawImage(image, 0, 0);
          const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
          const digest = await crypto.subtle.digest("SHA-256", data);
          return [...new Uint8Array(digest)].join(" ");
        }""")


@pytest.fixture(scope="module")
def figure(opened, figure_name):
    """Open the page of a figure for all tests of it; at the end, see that nothing went wrong meanwhile."""
    name, _, identifier = figure_name.partition("#")
    with opened(name) as (page, watch):
        yield Figure(page, identifier, watch)
        assert watch.errors == [] and watch.outside == []


def ends_and_middle(count):
    return sorted({0, count // 2, count - 1})


def assert_changes(seen):
    """Both what is seen and what is said differ between the ends and the middle."""
    pictures, texts = zip(*seen, strict=True)
    assert len(set(pictures)) > 1 and len(set(texts)) > 1


def test_keyboard_moves_every_control(figure):
    for k, control in enumerate(figure.controls):
        count, seen = figure.counts[k], []
        if control.locator("input[type=range]").count():
            control.locator("input").focus()
            for key, position in [("Home", 0), ("ArrowRight", 1), ("End", count - 1), ("ArrowLeft", count - 2)]:
                figure.page.keyboard.press(key)
                seen.append(figure.expect(k, position))
        else:
            start = figure.positions()[k]
            control.locator("input:checked").focus()
            for step in range(1, count + 1):
                figure.page.keyboard.press("ArrowDown")
                seen.append(figure.expect(k, (start + step) % count))
        assert_changes(seen)


def test_mouse_moves_every_control(figure):
    for k, control in enumerate(figure.controls):
        count, seen = figure.counts[k], []
        for position in ends_and_middle(count):
            if control.locator("input[type=range]").count():
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
    if not figure.drag:
        pytest.skip("This figure has no handle.")
    handle = figure.root.locator(".explore-handle")
    handle.scroll_into_view_if_needed()
    seen = []
    for corner in ("first", "last", "middle"):
        positions = figure.positions()
        choices = [range(n) if drag else [k] for n, drag, k in zip(figure.counts, figure.drag, positions, strict=True)]
        reach = list(itertools.product(*choices))
        goal = {"first": reach[0], "last": reach[-1], "middle": reach[len(reach) // 2]}[corner]
        picture, grip = figure.image.bounding_box(), handle.bounding_box()
        place = np.array(figure.handles) * [picture["width"], picture["height"]]
        ring = [grip["x"] + grip["width"] / 2 - picture["x"], grip["y"] + grip["height"] / 2 - picture["y"]]
        assert np.allclose(ring, place[figure.frame(positions)], atol=1)
        x, y = place[figure.frame(goal)]
        figure.page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
        figure.page.mouse.down()
        figure.page.mouse.move(picture["x"] + x, picture["y"] + y, steps=5)
        figure.page.mouse.up()
        far = {choice: np.hypot(*(place[figure.frame(choice)] - [x, y])) for choice in reach}
        assert far[tuple(figure.positions())] < 0.1 + min(far.values())
        seen += [figure.expect(k, figure.positions()[k]) for k, drag in enumerate(figure.drag) if drag]
    assert_changes(seen)


def test_touch_targets_are_large(figure):
    figure.page.set_viewport_size({"width": 360, "height": 740})
    for target in figure.root.locator("input[type=range], fieldset label, button, .explore-handle").all():
        box = target.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44
    assert figure.image.bounding_box()["width"] <= 360


def test_picture_follows_without_a_request(figure):
    """Once a slider has been touched, its pictures are there: `make bench` measures how soon they show."""
    sliders = [k for k, control in enumerate(figure.controls) if control.locator("input[type=range]").count()]
    if not sliders:
        pytest.skip("This figure has no slider.")
    slider, count = figure.controls[sliders[0]].locator("input"), figure.counts[sliders[0]]
    # One move from the start: the frames of all others are fetched in the background.
    slider.evaluate(MOVE, 0)
    figure.expect(sliders[0], 0)
    for position in range(count):
        figure.wait_for_frame(sliders[0], position)
    requests = []
    figure.page.on("request", lambda request: requests.append(request.url))
    for position in range(count):
        slider.evaluate(MOVE, position)
    figure.expect(sliders[0], count - 1)
    assert requests == []


def test_play_button_plays(figure):
    button = figure.root.locator(".explore-play")
    if not button.count():
        pytest.skip("This figure has no play button.")
    k = next(k for k, control in enumerate(figure.controls) if control.locator("button").count())
    slider = figure.controls[k].locator("input")
    slider.focus()
    figure.page.keyboard.press("Home")
    button.click()
    assert button.text_content() == "Pause" and button.get_attribute("aria-label").startswith("Pause ")
    figure.wait("(slider) => slider.value >= 2", slider)
    assert figure.root.locator("[aria-live]").last.get_attribute("aria-live") == "off"
    button.click()
    assert button.text_content() == "Play"
    figure.expect(k, int(slider.input_value()))
    slider.focus()
    figure.page.keyboard.press("End")
    button.click()
    figure.wait("(slider) => slider.value < 2", slider)
    slider.evaluate("(slider) => slider.value = slider.max - 2")  # spares the test the way between
    figure.wait("(button) => button.textContent === 'Play'", button)
    figure.expect(k, figure.counts[k] - 1)


def test_play_button_only_steps_where_motion_is_unwanted(figure):
    button = figure.root.locator(".explore-play")
    if not button.count():
        pytest.skip("This figure has no play button.")
    k = next(k for k, control in enumerate(figure.controls) if control.locator("button").count())
    figure.page.emulate_media(reduced_motion="reduce")
    try:
        before = figure.positions()[k]
        figure.wait("(button) => button.textContent === 'Step'", button)
        button.click()
        figure.expect(k, (before + 1) % figure.counts[k])
        figure.page.wait_for_timeout(400)  # long enough for two more steps, were it to play
        figure.expect(k, (before + 1) % figure.counts[k])
    finally:
        figure.page.emulate_media(reduced_motion="no-preference")
    figure.wait("(button) => button.textContent === 'Play'", button)


def test_on_paper_there_are_no_controls(figure):
    figure.page.emulate_media(media="print")
    assert figure.image.is_visible()
    assert not figure.root.locator(".explore-controls").is_visible()
    assert not figure.root.locator(".explore-handle").is_visible()
    figure.page.emulate_media(media="screen")
    assert figure.root.locator(".explore-controls").is_visible()


def test_frames_are_small(figure, figure_name, folder):
    name = re.search(r"_frames/([0-9a-f]+)/", figure.image.get_attribute("src"))[1]
    sizes = [frame.stat().st_size for frame in (folder / "_frames" / name).glob("*.webp")]
    assert len(sizes) == len(figure.alts)
    assert statistics.mean(sizes) <= (CONTOUR_BYTES if figure_name in CONTOURS else FRAME_BYTES)


def test_without_scripts_the_first_frames_stand_alone(opened, first_figure_name):
    name, _, _ = first_figure_name.partition("#")
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


def test_figure_works_from_a_file(opened, first_figure_name, folder):
    name, _, identifier = first_figure_name.partition("#")
    with opened(name, address=folder.resolve().as_uri() + "/") as (page, watch):
        root = page.locator(f"figure#{identifier}")
        image = root.locator("img")
        before = image.get_attribute("alt")
        move_to_another(root)
        page.wait_for_function("([i, alt]) => i.alt !== alt", arg=[image.element_handle(), before])
        assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
        assert watch.errors == [] and watch.outside == []


def test_a_frame_that_does_not_load_is_said(opened, first_figure_name):
    name, _, identifier = first_figure_name.partition("#")
    with opened(name) as (page, _):
        root = page.locator(f"figure#{identifier}")
        image, readout = root.locator("img"), root.locator("[aria-live]").last
        before = image.get_attribute("alt")
        page.context.set_offline(True)
        move_to_another(root)
        page.wait_for_function("(e) => e.textContent.includes('did not load')", arg=readout.element_handle())
        assert image.get_attribute("alt") == before
        page.context.set_offline(False)
        # A control of two positions goes back to the first picture before it comes to the one that failed.
        for _ in range(2):
            move_to_another(root)
            page.wait_for_function(
                "([i, r]) => i.alt === r.textContent", arg=[image.element_handle(), readout.element_handle()]
            )
            if image.get_attribute("alt") != before:
                break
        assert image.get_attribute("alt") != before
        assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
