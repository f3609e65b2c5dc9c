"""The foot of each page says what it was built with: wnlib, Python, numpy, and the commit where one is known."""

import os
import platform
import subprocess
from importlib.metadata import version

from . import buttons


def commit(environ, folder):
    """Return the commit that is built, "" where it is not known; a "+" says that files differ from it."""
    if found := environ.get("GITHUB_SHA"):
        return found

    def git(*words):
        command = ["git", "-C", str(folder), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + "+" * bool(git("status", "--porcelain"))
    except (OSError, subprocess.CalledProcessError):
        return ""


def footer(found, url):
    """Return the line of HTML, with a link to the commit where the repository's address is known."""
    words = [f"{name} {version(name)}" for name in ("wnlib", "numpy")]
    line = f"Built with {words[0]}, Python {platform.python_version()} and {words[1]}"
    if not found:
        return f'<p class="built-with">{line}.</p>'
    short, whole = found[:10] + "+" * found.endswith("+"), found.rstrip("+")
    if url:
        short = f'<a href="{url}/commit/{whole}">{short}</a>'
    return f'<p class="built-with">{line}, from commit {short}.</p>'


def setup(app):
    """Give each page that is written the line; a page that stays keeps that of the build which wrote it."""
    line = footer(commit(os.environ, app.srcdir), buttons.repository_url(os.environ, app.srcdir))

    def add(app, pagename, templatename, context, doctree):
        context["theme_extra_footer"] = line

    app.connect("html-page-context", add)
