"""A visit to a notebook with some edits, and a line for each."""

import warnings

from tests.edits import notebook, sources
from tests.edits.verdict import verdict


def judged(task):
    """Visit a notebook; return its lines, as pairs of class and words."""
    warnings.simplefilter("ignore")
    path, edits, alone = task
    code = sources(path)
    first, results, again = notebook.visit(code, edits, alone)
    lines = [(f"BROKEN [{k}]", str(ran.error)) for k, ran in enumerate(first) if ran.how != "done"]
    for edit, result in results:
        kind, why = verdict(edit, code, first, result)
        lines.append((kind, f"{edit}  {why}"))
    for k, ran in again.items():
        same = ran is not None and ran.how == "done" and ran.text == first[k].text
        said = "" if same else f": {ran and (ran.error or ran.text[:200])}"
        lines.append(("runs alone" if same else "NOT ALONE", f"{path.stem} [{k}]{said}"))
    return lines
