"""Formulas in a third of the markup that KaTeX writes, with each letter where KaTeX sets it.

KaTeX hangs an index into a table of two rows, gives each letter its classes, each sign two boxes for the room around
it, and each piece of a formula a strut, even where a line is as high by itself. Here an index is a <sub> or <sup>, a
letter an <i>, a sign with its room a <b>, and other room an <s>; formulas.css says how they look. The MathML, which
screen readers read, keeps its elements and their meaning, and loses how they would be drawn.
"""

import functools
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from xml.etree import ElementTree

ASSETS = Path(__file__).parents[2] / "_assets"
# The room around relations and operators, and that after punctuation.
ROOM = {"0.2778em": "", "0.2222em": "narrow", "0.1667em": "thin"}
# A line of the text font is as high, and as deep, whatever stands in it: a strut that is no higher changes nothing.
HEIGHT, DEPTH = 0.89, 0.27
# Lengths that are in formulas.css.
USUAL = {"pstrut": {"height": "3em"}, "frac-line": {"border-bottom-width": "0.04em"}}
DRAWN = {"xmlns", "stretchy", "fence", "separator", "lspace", "rspace", "minsize", "maxsize", "scriptlevel"}
DRAWN |= {"displaystyle", "rowspacing", "columnspacing", "columnalign"}


@dataclass(frozen=True)
class Size:
    """The usual index of one size, whose lengths, in units of itself, are in formulas.css."""

    factor: float
    name: str
    shifts: dict
    after: float


# By KaTeX's classes: the index, and the index of an index.
SIZES = {
    "sizing reset-size6 size3": Size(0.7, "", {"sub": 0.15, "sup": -0.363}, 0.05),
    "sizing reset-size3 size1": Size(5 / 7, "small", {"sub": 0.143, "sup": -0.431}, 0.0714),
}


@dataclass
class Node:
    """An element with what it holds: nodes and texts."""

    tag: str
    classes: list = field(default_factory=list)
    style: dict = field(default_factory=dict)
    other: dict = field(default_factory=dict)
    children: list = field(default_factory=list)

    @property
    def named(self):
        """The classes in one text."""
        return " ".join(self.classes)

    @property
    def plain(self):
        """Whether it changes nothing of what it holds."""
        return self.tag == "span" and not (self.classes or self.style or self.other)

    def length(self, name):
        """A length of its style, in em."""
        return float(self.style.get(name, "0em").removesuffix("em"))


@functools.cache
def known_classes():
    """The classes that KaTeX's style sheet speaks of; the others are plain."""
    style = (ASSETS / "katex" / "katex.min.css").read_text("utf-8")
    return set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^}]*\}", "", style)))


@functools.cache
def overhangs():
    """The rooms after a slanted letter that have a class in formulas.css, in thousandths of an em."""
    return set(re.findall(r"\.k(\d+)\b", (ASSETS / "formulas.css").read_text("utf-8")))


def compact(markup):
    """Shorten what KaTeX writes for a formula."""
    root = read(ElementTree.fromstring(markup))
    for node in walk(root):
        if node.tag == "math":
            node.children = spoken(node.children)
        elif node.named == "katex-html":
            node.children = seen(node.children)
    return write(root)


def read(element):
    """Turn an element into a node."""
    attributes = dict(element.attrib)
    classes = [name for name in attributes.pop("class", "").split() if name in known_classes()]
    pairs = (pair.split(":") for pair in attributes.pop("style", "").split(";") if pair)
    node = Node(element.tag.rpartition("}")[2], classes, dict(pairs), attributes, [element.text or ""])
    for child in element:
        node.children += [read(child), child.tail or ""]
    node.children = [child for child in node.children if child != ""]
    return node


def walk(node):
    """Yield a node and all nodes in it."""
    yield node
    for child in node.children:
        if isinstance(child, Node):
            yield from walk(child)


def write(node):
    """Return the HTML of a node."""
    if isinstance(node, str):
        return escape(node, quote=False)
    style = ";".join(f"{name}:{value}" for name, value in node.style.items())
    attributes = {"class": node.named, "style": style, **node.other}
    opening = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items() if value)
    return f"<{node.tag}{opening}>{''.join(map(write, node.children))}</{node.tag}>"


def spoken(children):
    """Leave of MathML what is meant: no TeX, no measures, and no group of one."""
    result = []
    for child in children:
        if isinstance(child, str):
            result.append(child)
        elif child.tag != "annotation":
            child.children = spoken(child.children)
            child.other = {name: value for name, value in child.other.items() if name not in DRAWN}
            child.tag = "mrow" if child.tag == "mstyle" else child.tag
            if not any(text.isalpha() for text in child.children if isinstance(text, str)):
                child.other.pop("mathvariant", None)  # which changes the look of letters alone
            alone = child.tag == "mrow" and (len(child.children) == 1 or len(children) == 1)
            result += child.children if alone or child.tag == "semantics" else [child]
    return result


def seen(children):
    """Shorten what is shown."""
    result = []
    for child in grouped(children):
        if isinstance(child, str):
            result.append(child)
            continue
        short = index(child) or shorter(child)
        if short.tag == "sub" and result:
            lean(result[-1], short)
        if short.named == "base":
            short.children = [node for node in short.children if not is_low_strut(node)]
        short.children = seen(short.children)
        result += short.children if short.plain else [short]
    return result


def is_low_strut(node):
    """Whether a node is a strut that makes no line higher or deeper."""
    if not isinstance(node, Node) or node.named != "strut":
        return False
    depth = -node.length("vertical-align")
    return depth <= DEPTH and node.length("height") - depth <= HEIGHT


def grouped(children):
    """Join a sign and the rooms on both sides of it, and shorten other rooms."""
    result = []
    for child in children:
        room = room_of(child)
        if room in ROOM and len(result) > 1 and room_of(result[-2]) == room and room_of(result[-1]) is None:
            sign = result.pop()
            held = sign.children if isinstance(sign, Node) and sign.plain else [sign]
            result[-1] = Node("b", ROOM[room].split(), children=held)
        else:
            result.append(child)
    return [Node("s", ROOM[room_of(child)].split()) if room_of(child) in ROOM else child for child in result]


def room_of(node):
    """The width of a node that is only room, else None."""
    if isinstance(node, Node) and node.named == "mspace" and not node.children:
        return node.style.get("margin-right") if set(node.style) == {"margin-right"} else None
    return None


def shorter(node):
    """Shorten a node that is no index: a slanted letter, a stack or what stands in one."""
    if node.named == "mathnormal":
        node.tag, node.classes = "i", []
        overhang = f"{1000 * node.length('margin-right'):.0f}"
        if overhang in overhangs():
            node.classes.append(f"k{overhang}")
            del node.style["margin-right"]
    elif node.classes[:1] == ["vlist-t"]:
        # The depth of a stack, a second row, makes a line deeper; but this is what the strut of the line is for.
        node.classes, node.children = ["vlist-t"], node.children[:1]
        node.children[0].children[1:] = []
    elif node.style == USUAL.get(node.named):
        node.style = {}
    return node


def lean(before, sub):
    """Where a letter's overhang and the way back of its subscript cancel, drop both."""
    factor = next(size.factor for size in SIZES.values() if size.name == sub.named)
    back = sub.length("margin-left") * factor
    if isinstance(before, Node) and before.tag == "i" and before.classes:
        if abs(int(before.classes[0][1:]) / 1000 + back) < 0.001:
            before.classes.clear()
            del sub.style["margin-left"]


def index(node):
    """Return indices as <sub> and <sup>, None for any other node or for indices of an unknown shape."""
    if node.named != "msupsub":
        return None
    cells = [one_index(cell) for cell in node.children[0].children[0].children[0].children]
    if None in cells or [cell.tag for cell in cells] not in (["sub"], ["sup"], ["sub", "sup"]):
        return None
    return cells[0] if len(cells) == 1 else Node("span", ["both"], children=cells)


def one_index(cell):
    """Return the index in a cell, or None."""
    strut, held = cell.children
    size = SIZES.get(held.named)
    if size is None:
        return None
    shift = strut.length("height") + cell.length("top")
    index = Node("sub" if shift > 0 else "sup", size.name.split(), dict(held.style), {}, held.children)
    lengths = {
        "top": (shift, size.shifts[index.tag]),
        "margin-left": (cell.length("margin-left"), 0),
        "margin-right": (cell.length("margin-right"), size.after),
    }
    index.style |= {
        name: em(given / size.factor) for name, (given, usual) in lengths.items() if abs(given - usual) > 1e-4
    }
    return index


def em(length):
    """Write a length."""
    return f"{length:.4f}".rstrip("0").rstrip(".").replace("0.", ".", 1) + "em"
