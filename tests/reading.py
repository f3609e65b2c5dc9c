"""How long a page takes, counted from the page: what its sentence "Reading time" has to say."""

import json
import re

FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
WORDS, LINES = 180, 25  # a minute
DISPLAY, FIGURE = 0.5, 0.75  # minutes each
EXERCISE, IDEA = 6, 9  # minutes each, and more where one needs an idea


def is_folded(cell):
    """Whether a reader sees a code cell only on request."""
    return bool(FOLDED & set(cell["metadata"].get("tags", [])))


def text(cell):
    return "".join(cell["source"])


def minutes(path):
    """Minutes to read a notebook, and minutes for its exercises, each rounded to five."""
    reading, exercises, inside = 0.0, 0, False
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = text(cell)
        if cell["cell_type"] == "code":
            if "plt.show()" in source or re.search(r"^explore\(", source, re.MULTILINE):
                reading += FIGURE
            elif not is_folded(cell) and not inside:
                reading += len(source.split("\n")) / LINES
            continue
        for part in re.split(r"^(?=#{1,3} )", source, flags=re.MULTILINE):
            if re.match(r"### (Exercise )?\d+\. ", part):
                exercises += EXERCISE + IDEA * ("needs an idea" in part)
                inside = True
            elif part.startswith("#"):
                inside = part.startswith("## Exercises")
            if not inside:
                reading += prose(part)
    return 5 * round(reading / 5), 5 * round(exercises / 5)


def prose(part):
    """Minutes for a piece of text; what is folded, and the notes on checks, are left out."""
    part = re.sub(r"```\{(dropdown|admonition)\}[^\n]*\n(?!:class: note\n).*?\n```", " ", part, flags=re.DOTALL)
    shown = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " ", part, flags=re.DOTALL)
    words = len(re.findall(r"[A-Za-z][A-Za-z'-]*", shown))
    return words / WORDS + len(re.findall(r"\$\$.*?\$\$", part, flags=re.DOTALL)) * DISPLAY


def stated(path):
    """The two numbers that the page states."""
    pattern = r"Reading time: (\d+) minutes, and (\d+) more for the exercises"
    (found,) = re.findall(pattern, " ".join(path.read_text(encoding="utf-8").split()))
    return tuple(int(number) for number in found)
