"""One style sheet out of many, with the rules that the book has use for.

A rule goes if it asks for a class, an id, an element or a font that no page has and no script names; so does a variable
that nothing reads. What a rule asks for in brackets, such as :not(...), is not looked into: such a rule stays.
"""

import posixpath
import re
from dataclasses import dataclass, field
from pathlib import Path

import tinycss2

VARIABLE = re.compile(r"--[\w-]+")
# Rules that hold rules.
GROUPS = {"media", "supports", "container", "layer"}


@dataclass
class Uses:
    """The words by which a style sheet can mean something: of elements, of scripts, and variables that others read."""

    elements: set
    classes: set
    ids: set
    words: set
    variables: set


@dataclass
class Rule:
    """A rule: what it is for, its lines, or the rules in it."""

    start: str
    lines: list = field(default_factory=list)
    rules: list = field(default_factory=list)

    def __str__(self):
        return f"{self.start}{{{''.join(map(str, self.rules)) or ';'.join(self.lines)}}}"


def merge(site, names, whole, uses):
    """Return the style sheets of these names as one for the folder _static; those in `whole` stay as they are."""
    rules = []
    for name in names:
        found = read(site, name)
        rules += found if name in whole else purged(found, uses)
    uses.variables |= read_variables(rules)
    rules = without_variables(rules, uses.variables)
    fonts = {id(rule): rule for rule in rules if rule.start == "@font-face"}
    text = "".join(str(rule) for rule in rules if id(rule) not in fonts)
    return "".join(str(rule) for rule in rules if id(rule) not in fonts or family(rule) in text)


def read(site, name):
    """Return the rules of a style sheet, and of those that it imports, with addresses as from _static."""
    sheet = tinycss2.parse_stylesheet((Path(site) / name).read_text("utf-8"), skip_comments=True, skip_whitespace=True)
    return [rule for node in sheet for rule in read_node(node, site, name)]


def read_node(node, site, name):
    """Yield what a node of a style sheet becomes."""
    if node.type == "error":
        raise ValueError(f"{name} holds what is no rule, in line {node.source_line}: {node.message}.")
    if node.type == "at-rule" and node.lower_at_keyword == "import":
        target = next(token.value for token in node.prelude if token.type in ("string", "url"))
        yield from read(site, posixpath.normpath(posixpath.join(posixpath.dirname(name), target)))
    elif node.type == "at-rule" and node.content is None:
        if node.lower_at_keyword != "charset":
            raise ValueError(f"{name} has an @{node.at_keyword}, which wnbook/purge.py does not know.")
    elif node.type == "at-rule" and node.lower_at_keyword in GROUPS:
        inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
        rules = [rule for inside in inner for rule in read_node(inside, site, name)]
        yield Rule(f"@{node.at_keyword}{short(node.prelude)}", rules=rules)
    elif node.type == "at-rule" and node.lower_at_keyword.endswith("keyframes"):
        yield Rule(f"@{node.at_keyword} {short(node.prelude)}", [short(node.content)])
    else:
        start = f"@{node.at_keyword}{short(node.prelude)}" if node.type == "at-rule" else short(node.prelude)
        yield Rule(start.strip(), [moved(line, name) for line in lines(node.content)])


def short(tokens):
    """Write tokens without comments and with single spaces."""
    text = tinycss2.serialize([token for token in tokens if token.type != "comment"])
    return re.sub(r"\s+", " ", text)


def lines(content):
    """Yield the declarations of a rule; rules in a rule would be lost, so they are an error."""
    for node in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if node.type != "declaration":
            raise ValueError(f"A style sheet holds a {node.type} in a rule: wnbook/purge.py must learn to read it.")
        important = "!important" if node.important else ""
        yield f"{node.name}:{short(node.value).strip()}{important}"


def moved(line, name):
    """Give the addresses of files as from the folder _static."""
    place = posixpath.dirname(name)

    def move(found):
        address = found[2]
        if re.match(r"data:|https?:|/|#", address):
            return found[0]
        return f"url({posixpath.relpath(posixpath.normpath(posixpath.join(place, address)), '_static')})"

    return re.sub(r"url\(([\"']?)([^\"')]+)\1\)", move, line)


def purged(rules, uses):
    """Return the rules that can mean something on some page."""
    kept = []
    for rule in rules:
        if rule.rules:
            rule.rules = purged(rule.rules, uses)
        elif not rule.start.startswith("@"):
            rule.start = ",".join(one.strip() for one in selectors(rule.start) if can_match(one, uses))
        if rule.start and (rule.rules or rule.lines):
            kept.append(rule)
    return kept


def selectors(start):
    """Split a list of selectors at its outer commas."""
    parts = [[]]
    for token in tinycss2.parse_component_value_list(start):
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [tinycss2.serialize(part) for part in parts]


def can_match(selector, uses):
    """Whether all classes, ids and elements of a selector are known."""
    before = ""
    for token in tinycss2.parse_component_value_list(selector):
        if token.type == "hash" and token.value not in uses.ids | uses.words:
            return False
        if token.type == "ident" and before == "." and token.value not in uses.classes | uses.words:
            return False
        if token.type == "ident" and before not in (".", ":") and token.lower_value not in uses.elements | uses.words:
            return False
        before = token.value if token.type == "literal" else ""
    return True


def walk(rules):
    """Yield the rules that hold lines."""
    for rule in rules:
        if rule.rules:
            yield from walk(rule.rules)
        else:
            yield rule


def read_variables(rules):
    """Return the variables that lines other than those of variables read."""
    return {
        name
        for rule in walk(rules)
        for line in rule.lines
        if not line.startswith("--")
        for name in VARIABLE.findall(line)
    }


def without_variables(rules, read):
    """Drop the variables that nobody reads, also by way of others."""
    values = {}
    for rule in walk(rules):
        for line in rule.lines:
            if line.startswith("--"):
                name, _, value = line.partition(":")
                values.setdefault(name, set()).update(VARIABLE.findall(value))
    queue = list(read)
    while queue:
        new = values.pop(queue.pop(), set()) - read
        read |= new
        queue += new
    for rule in walk(rules):
        rule.lines = [line for line in rule.lines if not line.startswith("--") or line.partition(":")[0] in read]
    return list(emptied(rules))


def emptied(rules):
    """Yield the rules that say something."""
    for rule in rules:
        if rule.rules:
            rule.rules = list(emptied(rule.rules))
        if rule.rules or rule.lines:
            yield rule


def family(rule):
    """Return the name of a font."""
    return next(line.partition(":")[2].strip("\"' ") for line in rule.lines if line.startswith("font-family:"))
