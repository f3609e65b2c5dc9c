"""What came of an edit, and whether anything that the page then says is false: rules that a machine can decide."""

import ast
import re

from tests.edits import ROOT, code_nodes

NOT_A_NUMBER = re.compile(r"(?<![\w.])[-+−]?(?:nan|inf)(?!\w)", re.IGNORECASE)
ABSURD = re.compile(r"\d{16,}|\de\+?(?:[2-9]\d|\d{3,})")
# Words by which a page says that a run has not ended as the others do.
UNFINISHED = re.compile(
    r"no solution|not (?:yet )?(?:converge|reach|arrive|settle|end)|never|still|stop|does not|diverge|too far|"
    r"\bno \w+ (?:converges|ends)|leaves|after \d+ steps|reaches no|has not|no longer",
)
# A whole number or a decimal, as typed in a sentence; not a percentage, a denominator or part of a power.
NUMBER = re.compile(r"(?<![\w.#^−/*-])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w%*/]|\.\d)")
# What is numbered, not counted: Figure 3, Theorem 4.1, footnote 7.
NUMBERED = re.compile(r"(?:Fig(?:ure|\.)|Lemma|Theorem|Proposition|Remark|footnote|part|[Ss]eed|Algorithm) \d+[\d.]*")
# What holds a cell to the truth.
CHECKS = re.compile(r"^\s*assert |check\(", re.MULTILINE)
# Texts that say how a picture looks.
LOOK = re.compile(r"left|right|center|top|bottom|bold|normal|log|linear|(?:upper|lower) (?:left|right)|#\w+")
# Small numbers stand in any code.
ANYWHERE = {0, 1, 2}
# Sentences with a number that stands in the code of their cell for something else.
COINCIDENCES = {
    "Fig. 3 bottom: at the minimum up to 3",  # a scale; in the code it is the minimum norm
    "Fig. 3 bottom: the solution from g0 = 3 is x*",
    "seed 3, scale 4 times slower: 1% above ν* still; rank 2, not 3",  # a rank; in the code it is a seed
}


def typed(source):
    """Yield the texts of a cell that a reader may see, without what is computed in them: a node and its text."""
    tree = ast.parse(source)
    hidden = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and node.format_spec:
            hidden |= set(ast.walk(node.format_spec))
        first = getattr(node, "body", None)
        if isinstance(first, list) and first and isinstance(first[0], ast.Expr):
            hidden.add(first[0].value)  # a docstring
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in hidden:
            yield node, node.value


def typed_twice(source):
    """Return pairs of a number and a text: it stands in the code, and once more in the text."""
    tree = ast.parse(source)
    computed = [
        part for node in ast.walk(tree) if isinstance(node, ast.FormattedValue) for part in ast.walk(node.value)
    ]
    nodes = [*(node for node, _ in code_nodes(tree)), *computed]
    values = [node.value for node in nodes if isinstance(node, ast.Constant)]
    values = {float(v) for v in values if type(v) in (int, float)} - ANYWHERE
    found = []
    for _, text in typed(source):
        if " " in text and text not in COINCIDENCES:
            numbers = NUMBER.findall(NUMBERED.sub("", text))
            found += [(number, text) for number in numbers if float(number) in values]
    return found


def chosen_by_else(source):
    """Return texts that an order of two numbers chooses by its `else`, which is also where a tie or a nan ends.

    Each claim needs a test of its own, or an assertion before it that the run has ended.
    """
    tree = ast.parse(source)
    ended = any(isinstance(node, ast.Assert) and ".converged" in ast.unparse(node.test) for node in ast.walk(tree))
    choices = [node for node in ast.walk(tree) if isinstance(node, ast.IfExp) and not ended]
    inside = {node.orelse for node in choices}
    return [
        ast.unparse(node) for node in choices if node not in inside and is_claim(node.orelse) and is_order(node.test)
    ]


def is_claim(node):
    """Whether a node is a text in words, as no colour, place or line is."""
    words = node.value if isinstance(node, ast.Constant) else None
    return isinstance(words, str) and bool(re.search("[a-z]{3}", words)) and not LOOK.fullmatch(words)


def is_order(node):
    """Whether a test is one of the order of two numbers."""
    return any(
        isinstance(op, ast.Lt | ast.Gt | ast.LtE | ast.GtE) for n in ast.walk(node) for op in getattr(n, "ops", ())
    )


def unsaid(source):
    """Return assertions that a run has converged, which a reader's setting may change, without a sentence for them."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assert) and node.msg is None:
            denied = [
                n for n in ast.walk(node.test) if isinstance(n, ast.UnaryOp) and isinstance(n.op, ast.Not | ast.Invert)
            ]
            denied = {part for n in denied for part in ast.walk(n)}
            if any(getattr(n, "attr", None) == "converged" and n not in denied for n in ast.walk(node.test)):
                found.append(ast.unparse(node))
    return found


def stale(edit, source, text):
    """Whether the page still says the number that was edited, because a text of the cell has it too."""
    if not re.fullmatch(r"[\d_.]+(?:e-?\d+)?", edit.old):
        return None
    old = float(edit.old)
    for number, said in typed_twice(source):
        if float(number) == old and said.strip() in text:
            return f"says {number} still: {said.strip()!r}"
    return None


def false(source, first, found):
    """What is false in what a cell shows after an edit, or None. `first` is what it showed before."""
    new = found.text
    if "check(" in source and new.startswith(("Not right yet", "Not answered yet")):
        return None  # the judge says what is wrong with it
    if NOT_A_NUMBER.search(new) and not NOT_A_NUMBER.search(first.text):
        return "shows a nan or inf"
    said = UNFINISHED.search(new)
    if ABSURD.search(new) and not ABSURD.search(first.text) and not said:
        return "shows a number of an end that is none"
    return None


def unfinished(first, found):
    """Whether a run no longer converges."""
    return all(first.ends) and not all(found.ends)


def unchecked(source, first, found):
    """A printed sentence that stays the same though what the cell computes has changed, and no check of it."""
    same = found.printed.strip() and found.printed == first.printed and found.numbers != first.numbers
    return "says the same of other numbers, and checks nothing" if same and not CHECKS.search(source) else None


def failed(found):
    """The class of an error."""
    name, sentence, file = found.error
    if name == "TooLong":
        return "too long"
    if name == "AssertionError":
        return "assert with a sentence" if len(sentence.split()) > 3 else "bare assert"
    if file.startswith(str(ROOT / "wnlib")):
        return "sentence of wnlib"
    return "error on the cell's own line" if file.startswith("<cell") else f"error deep in a library: {name}"


def verdict(edit, sources, first, result):
    """Return the class of an edit, and the reason where it is silently wrong."""
    if result is None:
        return "too long", ""
    last, left_off = max(result), False
    for k, found in result.items():
        if found.how != "done":
            return failed(found), f"[{k}] {found.error[0]}: {found.error[1][:200]}"
        source = edit.applied(sources[k]) if k == edit.cell else sources[k]
        left_off = left_off or unfinished(first[k], found)
        why = false(source, first[k], found)
        if left_off and found.printed.strip() and not (UNFINISHED.search(found.text) or CHECKS.search(source)):
            why = why or "says nothing of a run that has not converged"
        if k == edit.cell:
            why = why or stale(edit, sources[k], found.text) or unchecked(source, first[k], found)
        if why:
            return "SILENTLY WRONG", f"[{k}] {why}"
    if all(found.text == first[k].text for k, found in result.items()):
        changed = any(found.numbers != first[k].numbers for k, found in result.items())
        return ("same text, still true" if changed else "no effect"), f"to [{last}]"
    return "the text follows", f"to [{last}]"
