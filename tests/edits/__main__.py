"""What becomes of a page when a student edits a cell? `make edits` tries 300 edits, drawn at random from a seed.

Each notebook runs once; at each edit a fork of it runs the edited cell and those that take something from it. An edit
is well met if what the page says is still true or follows, if an assertion fails, or if an error stops it; it is
silently wrong if the page then says something false: see `tests.edits.verdict`. `make edits SEED=7` draws others, and
`make edits COUNT=0` runs each cell again alone, after its page has ended: it must show what it showed.
"""

import multiprocessing
import os
import sys
from collections import Counter

import numpy as np

from tests.edits import NOTEBOOKS, draw
from tests.edits.judge import judged

SIDE_BY_SIDE = 2


def main(seed="0", count="300"):
    """Try edits, and print a line for each that matters and a count of all classes."""
    edits = draw(np.random.default_rng(int(seed)), int(count))
    tasks = [(path, [edit for edit in edits if edit.path == path], not edits) for path in NOTEBOOKS]
    tasks = [task for task in tasks if task[1] or task[2]]
    # A fork has no threads but its own, and waits for ever for those of BLAS.
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    counts = Counter()
    with multiprocessing.get_context("spawn").Pool(SIDE_BY_SIDE, maxtasksperchild=1) as pool:
        for lines in pool.imap_unordered(judged, tasks, chunksize=1):
            for kind, words in lines:
                counts[kind] += 1
                if kind not in ("runs alone", "no effect"):
                    print(f"{kind:28}  {words}", flush=True)
    for kind, number in counts.most_common():
        print(f"{number:4}  {kind}")
    sys.exit(any(kind.isupper() or kind.startswith("BROKEN") for kind in counts))


if __name__ == "__main__":
    main(*sys.argv[1:])
