"""The notebooks as JupyterLite shows them: its MyST knows no page but the one that is open."""

import json
import os
import posixpath
import re

from sphinx.util.inventory import InventoryFile

ROLE = re.compile(r"\{(prf:ref|eq|cite|cite:t)\}`(?:[^`<]*<)?([^`>]*)>?`")
LABELS = re.compile(r"^:label: (\S+)|^\(([\w-]+)\)=|\$\$ \(([\w-]+)\)", re.MULTILINE)
LINK = re.compile(r"\]\(([\w./-]+)\.md((?:#[\w-]+)?)\)")
# What a cell that no browser can run says first.
NOT_HERE = "# cvxpy does not run in the page"
# The name that the kernel of JupyterLite has.
KERNEL = {"display_name": "Python (Pyodide)", "language": "python", "name": "python"}


def titles(site):
    """Return the title of each label of the book, such as "Lemma 2.3"."""
    with (site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", posixpath.join)
    return {label: item[3] for label, item in inventory["std:label"].items()}


def cited(keys, in_text):
    """Return the references in words; their keys are made of the first author and the year."""
    pairs = [re.fullmatch(r"(\D+)(\d+)\w*", key.strip()).groups() for key in keys.split(",")]
    if in_text:
        return " and ".join(f"{author} ({year})" for author, year in pairs)
    return f"({'; '.join(f'{author}, {year}' for author, year in pairs)})"


def needs_more(code, k):
    """Whether a cell calls cvxpy, or uses names that such a cell defines."""
    sources = ["".join(cell["source"]) for cell in code]
    if sources[k].startswith(NOT_HERE):
        return True
    lacking = {name for source in sources[:k] if source.startswith(NOT_HERE) for name in defined(source)}
    lacking -= {name for source in sources[:k] if not source.startswith(NOT_HERE) for name in defined(source)}
    return any(re.search(rf"\b{name}\b", sources[k]) for name in lacking)


def defined(source):
    """Return the names that code defines at its top level."""
    return re.findall(r"^(?:def )?(\w+)(?:\(| = )", source, re.MULTILINE)


def adapt(notebook, path, names, base=None):
    """Return a notebook with the kernel of JupyterLite, and in words what leads to other pages.

    `path` is that of the notebook in the book, `names` holds the title of each label. Links to pages that are no
    notebooks lead to the published book, where its address is known.
    """
    base = os.environ.get("WNLIB_BASE_URL") if base is None else base
    prose = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    own = {label for cell in prose for found in LABELS.findall("".join(cell["source"])) for label in found if label}

    def in_words(match):
        role, target = match.groups()
        if role.startswith("cite"):
            return cited(target, role == "cite:t")
        if target in own:
            return match[0]
        return names.get(target) or f"({target.removeprefix('eq-')})"

    def published(match):
        page = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[1]))
        return f"]({base.rstrip('/')}/{page}.html{match[2]})" if base else match[0]

    for cell in prose:
        cell["source"] = LINK.sub(published, ROLE.sub(in_words, "".join(cell["source"])))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    # As text: JupyterLab would run no cell after one that fails.
    for cell in [cell for k, cell in enumerate(code) if needs_more(code, k)]:
        del cell["outputs"], cell["execution_count"]
        cell["cell_type"] = "raw"
    notebook["metadata"] = {**notebook["metadata"], "kernelspec": KERNEL, "language_info": {"name": "python"}}
    return json.dumps(notebook, ensure_ascii=False)
