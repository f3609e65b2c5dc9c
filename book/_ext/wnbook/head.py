"""What the head of a page says: light or dark before the first paint, and what the page is about."""

from html import escape
from pathlib import Path
from textwrap import shorten

from docutils import nodes

# The theme decides at the end of the page, after a white one has been seen. On paper all is light.
THEME = """(() => {
  const page = document.documentElement.dataset, stored = localStorage.getItem("mode") || "auto";
  page.mode = stored;
  page.theme = stored === "auto" ? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light") : stored;
  let seen;
  addEventListener("beforeprint", () => { seen = page.theme; page.theme = "light"; });
  addEventListener("afterprint", () => { page.theme = seen; });
})();"""
CHARACTERS = 200


def describe(app, pagename, templatename, context, doctree):
    """Describe the page by its first paragraphs without a formula, or by its title."""
    if doctree is not None:
        plain = [node.astext() for node in doctree.findall(nodes.paragraph) if not list(node.findall(nodes.math))]
        words = shorten(" ".join(plain) or context["title"], CHARACTERS, placeholder=" …")
        context["metatags"] = f'{context.get("metatags", "")}<meta name="description" content="{escape(words)}" />'
        context["meta"] = {"og:description": words, **(context.get("meta") or {})}  # for previews of links


def set_up_config(app, config):
    """Use our layout; without scripts a page is light."""
    config.templates_path.append(str(Path(__file__).parents[1] / "templates"))
    config.html_context["default_mode"] = "light"


def setup(app):
    app.add_js_file(None, body=THEME, priority=0)
    app.connect("config-inited", set_up_config)
    app.connect("html-page-context", describe, priority=400)  # before previews are made
