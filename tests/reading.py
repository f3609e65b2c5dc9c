"""How long a page takes, counted from the page: what its sentence "Reading time" has to say."""

import json
import math
import re
from typing import NamedTuple

FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
WORDS, LINES = 180, 25  # a minute
DISPLAY, FIGURE = 0.5, 0.75  # minutes each
EXERCISE, IDEA = 6, 9  # minutes each, and how many more where one needs an idea

EXERCISE_HEADING = re.compile(r"### (Exercise )?\d+\. ")
STATED = re.compile(
    r"Reading time: (?P<reading>\d+) minutes(?: \((?P<asides>\d+) of them for asides\))?, "
    r"and (?P<exercises>\d+) more for the exercises"
)


class Minutes(NamedTuple):
    """Minutes to read all of a page, those of its asides, and those for its exercises."""

    reading: int
    asides: int
    exercises: int


def cells(path):
    """The cells of a notebook."""
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def text(cell):
    """The source of a cell."""
    return "".join(cell["source"])


def is_folded(cell):
    """Whether a reader sees a code cell only on request."""
    return bool(FOLDED & set(cell["metadata"].get("tags", [])))


def sections(path):
    """Yield each heading of a notebook that has one level, two or three, with its prose and its code cells."""
    heading, prose, code = "", "", []
    for cell in cells(path):
        if cell["cell_type"] == "code":
            code.append(cell)
            continue
        first, *parts = re.split(r"^(?=#{1,3} )", text(cell) + "\n", flags=re.MULTILINE)
        prose += first
        for part in parts:
            yield heading, prose, code
            heading, prose, code = part.split("\n")[0], part, []
    yield heading, prose, code


def minutes(path):
    """Count a page, in steps of five minutes: rounded up, as nobody wants to be late, but asides to the nearest."""
    reading = asides = exercises = 0.0
    aside = among_exercises = False
    for heading, prose, code in sections(path):
        if heading.startswith("## "):
            aside, among_exercises = heading.startswith("## Aside"), heading.startswith("## Exercises")
        if EXERCISE_HEADING.match(heading):
            exercises += EXERCISE + IDEA * ("needs an idea" in prose)
        elif not among_exercises:
            time = of_prose(prose) + sum(map(of_code, code))
            reading, asides = reading + time, asides + time * aside
    return Minutes(5 * math.ceil(reading / 5), 5 * round(asides / 5), 5 * math.ceil(exercises / 5))


def of_code(cell):
    """Minutes for a code cell: for its figure, or for the lines that show."""
    source = text(cell)
    if "plt.show()" in source or re.search(r"^explore\(", source, re.MULTILINE):
        return FIGURE
    return 0 if is_folded(cell) else len(source.split("\n")) / LINES


def of_prose(prose):
    """Minutes for a piece of text; what is folded, and the notes on checks, are left out."""
    prose = re.sub(r"```\{(dropdown|admonition)\}[^\n]*\n(?!:class: note\n).*?\n```", " ", prose, flags=re.DOTALL)
    words = re.findall(r"[A-Za-z][A-Za-z'-]*", re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " ", prose, flags=re.DOTALL))
    return len(words) / WORDS + len(re.findall(r"\$\$.*?\$\$", prose, flags=re.DOTALL)) * DISPLAY


def stated(path):
    """The numbers that the page states; None where it states none."""
    prose = " ".join(" ".join(text(cell) for cell in cells(path) if cell["cell_type"] == "markdown").split())
    found = STATED.search(prose)
    return found and Minutes(*(int(number or 0) for number in found.groups()))
