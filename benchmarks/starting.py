"""Starting: `import wnlib` beside `import numpy`, each in a new process."""

import subprocess
import sys

from benchmarks.timing import Row, median_seconds

WORK = "import wnlib"


def rows():
    """Yield one row; the time of Python itself is part of both."""

    def importing(name):
        return median_seconds(lambda: subprocess.run([sys.executable, "-c", f"import {name}"], check=True), 21)

    yield Row(WORK, "import numpy", importing("numpy"), importing("wnlib"), "≥ 0.67")
