"""Which Chromium opens and prints the book."""

import shutil
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking".split()


def browser_program(playwrights_own):
    """Return the system's Chromium, or else the one that playwright has installed, or None."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return found or (playwrights_own if Path(playwrights_own).is_file() else None)
