"""Every interactive figure of the built book: its frames, its texts, and each control moved by keyboard."""

import math
import re
import statistics

import numpy as np
import pytest
from PIL import Image

from wnlib.interactive.picture import LEAST_LETTER, PHONE, POINTS
from wnlib.plots import STYLE

FRAME_BYTES = 16_000
# Families of contour lines behind the paths cost more than line plots, for which the bound above is meant.
CONTOUR_BYTES = 19_000
CONTOURS = {"book/2-continuous-time/solution.html#explore-1", "book/2-continuous-time/stationary-points.html#explore-1"}
PIXEL_RATIO = 2


@pytest.fixture
def seen(visit, figure_name, described):
    """Return what a figure showed during the visit to its page."""
    page, _, name = figure_name.partition("#")
    return visit(page)["figures"][name]


@pytest.fixture
def frames(folder, described):
    """Return the folder of a figure's frames."""
    name = re.search(r"_frames/([0-9a-f]+)/", described.image["src"])[1]
    return folder / "_frames" / name


def test_frames_are_there_and_small(frames, figure_name, described):
    files = {path.name: path for path in frames.iterdir()}
    assert set(files) == {f"{k}.webp" for k in range(len(described.alts))}
    size = [PIXEL_RATIO * int(described.image[side]) for side in ("width", "height")]
    for path in files.values():
        with Image.open(path) as picture:
            assert list(picture.size) == size
    mean = statistics.mean(path.stat().st_size for path in files.values())
    assert mean <= (CONTOUR_BYTES if figure_name in CONTOURS else FRAME_BYTES)


def test_letters_of_still_pictures_can_be_read_on_a_phone(folder):
    widths = []
    for file in (folder / "_images").glob("*.webp"):
        with Image.open(file) as picture:
            widths.append(picture.width / PIXEL_RATIO)
    assert len(widths) > 40
    assert STYLE["font.size"] / POINTS * STYLE["figure.dpi"] * PHONE / max(widths) >= LEAST_LETTER


def test_texts_belong_to_the_positions(described):
    assert len(described.alts) == math.prod(described.counts)
    assert [len(texts) for texts in described.texts] == described.counts
    assert all(described.alts) and all(map(all, described.texts))
    for control, slider, texts, start in zip(
        described.controls, described.sliders, described.texts, described.start, strict=True
    ):
        if not slider:
            assert [label.get_text().strip() for label in control.select("label")] == texts
            continue
        label = control.select_one(f'label[for="{slider["id"]}"]').get_text()
        assert label and (int(slider["min"]), int(slider["max"])) == (0, len(texts) - 1)
        assert control.output.get_text() == slider["aria-valuetext"] == texts[start]
        assert [button["aria-label"] for button in control.select("button")] in ([], [f"Play {label}"])


def test_without_scripts_the_first_frame_stands_alone(folder, figure_name, described):
    """Nothing that needs the script is shown, and picture and texts are those of the start."""
    start = described.frame(described.start)
    image = (folder / figure_name.partition("#")[0]).parent / described.image["src"]
    assert image.is_file() and image.name == f"{start}.webp"
    assert described.image["alt"] == described.root.select_one(".explore-readout").get_text() == described.alts[start]
    for needs_script in described.root.select(".explore-controls, .explore-handle"):
        assert needs_script.has_attr("hidden")
    assert all(caption.get_text() for caption in described.root.select("figcaption"))


def test_keyboard_moves_every_control(seen, described, frames):
    """Each goes to its ends and its middle; picture and texts are the position's, and not the same everywhere."""
    assert len(seen["moves"]) == len(described.counts)
    for k, moves in enumerate(seen["moves"]):
        first = moves[0][1]["positions"]
        for position, sight in moves:
            positions = sight["positions"]
            assert positions == [*first[:k], position, *first[k + 1 :]]
            frame = described.frame(positions)
            assert sight["loaded"] and sight["source"].endswith(f"/{frames.name}/{frame}.webp")
            assert sight["alt"] == sight["said"] == described.alts[frame]
            texts = [choices[at] for choices, at in zip(described.texts, positions, strict=True)]
            due = [text if slider else None for text, slider in zip(texts, described.sliders, strict=True)]
            assert sight["values"] == sight["spoken"] == due
        assert len({(frames / sight["source"].rpartition("/")[2]).read_bytes() for _, sight in moves}) > 1
        assert len({sight["alt"] for _, sight in moves}) > 1


def test_ring_is_where_the_picture_says(seen, described):
    if not described.handles:
        pytest.skip("This figure has no handle.")
    for _, sight in (pair for moves in seen["moves"] for pair in moves):
        place = np.array(described.handles[described.frame(sight["positions"])]) * sight["picture"]
        assert np.allclose(sight["ring"], place, atol=1)


def test_pointer_meets_every_target(seen):
    assert seen["covered"] == []


def test_touch_targets_are_large(seen):
    assert seen["targets"] and np.min(seen["targets"]) >= 44


def test_picture_and_controls_fit_one_screen(seen):
    """A reader sees what a control moves: on a small desk, and on a small phone, as wide as the picture."""
    assert seen["desk"] <= 720 and seen["phone"] <= 640
    assert seen["picture"][0] == 360, "its letters are as large as LEAST_LETTER says"
    assert seen["whole"], "something cuts off the sides of the picture on a phone"


def test_a_choice_of_few_is_no_slider(described):
    """But one that plays or is dragged, which has to move."""
    for slider, count, control, drag in zip(
        described.sliders, described.counts, described.controls, described.drag, strict=True
    ):
        assert not slider or count > 3 or drag or control.select_one("button")


@pytest.mark.parametrize("name", ["book/index.html", "book/1-introduction/introduction.html"])
@pytest.mark.parametrize("width", [800, 1280, 1400, 1920])
def test_the_controls_stand_beside_the_picture(opened, name, width):
    with opened(name, viewport={"width": width, "height": 900}) as (page, _):
        text = page.locator("article").bounding_box()
        for figure in page.locator("figure.explore").all():
            parts = (".explore-picture", ".explore-controls", "figcaption", ".explore-readout")
            picture, controls, caption, readout = (figure.locator(part).bounding_box() for part in parts)
            assert controls["x"] >= picture["x"] + picture["width"] and controls["width"] > 150
            assert controls["x"] + controls["width"] <= text["x"] + text["width"]
            assert caption["y"] >= readout["y"] + readout["height"] > readout["y"] >= picture["y"] + picture["height"]
