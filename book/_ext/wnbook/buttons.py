"""Buttons and links that need an address: the repository's, and the published book's.

Neither address is written in the sources, so that a fork's buttons lead to the fork. An address that is not
known gives no button, never a broken one.
"""

import os
import re
import subprocess
from urllib.parse import urlsplit

# git's short form of an ssh address: host:path or user@host:path, with no "//" after the colon.
SCP_FORM = re.compile(r"^(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9.-]+\.[A-Za-z]+):(?P<path>[^/\\].*)$")
PROVIDERS = ("github", "gitlab")


def web_address(remote):
    """Return the https address of a git remote, or None where it has none.

    Credentials and ports are dropped. Only hosts whose name says GitHub or GitLab count: for others the theme
    cannot build a link to edit a page or to open an issue.

    Examples
    --------
    >>> web_address("git@github.com:someone/book.git")
    'https://github.com/someone/book'
    >>> web_address("/srv/git/book.git") is None
    True
    """
    remote = remote.strip()
    if match := SCP_FORM.match(remote):
        host, path = match["host"], match["path"]
    else:
        parts = urlsplit(remote)
        if parts.scheme not in ("https", "http", "ssh", "git"):
            return None
        host, path = parts.hostname or "", parts.path
    path = path.strip("/").removesuffix(".git")
    if provider(host) is None or path.count("/") < 1:
        return None
    return f"https://{host.lower()}/{path}"


def provider(host):
    """Return "github" or "gitlab", whichever the name of the host contains, else None."""
    return next((name for name in PROVIDERS if name in host.lower()), None)


def git_remote(folder):
    """Return the address of the remote `origin`, or "" (no git, no repository, no such remote)."""
    command = ["git", "-C", str(folder), "remote", "get-url", "origin"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def repository_url(environ, folder):
    """Return the repository's address: WNLIB_REPOSITORY_URL, else GitHub Actions' word, else git's."""
    if given := environ.get("WNLIB_REPOSITORY_URL"):
        return web_address(given)
    if name := environ.get("GITHUB_REPOSITORY"):
        return web_address(f"{environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{name}")
    return web_address(git_remote(folder))


def lite_address(environ):
    """Return where JupyterLite will stand, or "": `make lite` puts it into the book after it is built."""
    base = environ.get("WNLIB_BASE_URL", "").rstrip("/")
    return f"{base}/lite/lab/index.html" if environ.get("WNLIB_LITE") else ""


def add_buttons(app, config):
    """Set the theme's options; the theme reads them later in the same event, hence priority 100."""
    url = repository_url(os.environ, app.srcdir)
    options = config.html_theme_options
    for button in ("use_repository_button", "use_edit_page_button", "use_issues_button"):
        options[button] = url is not None
    options["repository_url"] = url or ""
    if url is None:
        options.pop("launch_buttons", None)
    else:
        options["launch_buttons"]["jupyterlite_url"] = lite_address(os.environ)
        options["repository_provider"] = provider(urlsplit(url).hostname)


def add_published_address(app):
    """Add what only a published book has use for: sitemap, previews of links, a page for error 404."""
    base = os.environ.get("WNLIB_BASE_URL", "")
    if not base:
        return
    base = base.rstrip("/") + "/"
    for extension in ("sphinx_sitemap", "sphinxext.opengraph", "notfound.extension"):
        app.setup_extension(extension)
    app.config.html_baseurl = app.config.ogp_site_url = base
    app.config.sitemap_url_scheme = "{link}"
    app.config.ogp_social_cards = {"enable": False}
    app.config.ogp_image = base + "_static/hero.png"
    app.config.ogp_image_alt = "Where gradient descent and weight normalization end, from four starts."
    app.config.notfound_urls_prefix = urlsplit(base).path


def setup(app):
    """Connect both."""
    app.connect("config-inited", add_buttons, priority=100)
    add_published_address(app)
