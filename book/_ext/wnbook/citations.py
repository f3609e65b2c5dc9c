"""The entries of the bibliography are the items of its list.

docutils gives them the role doc-biblioentry, which has been withdrawn, and which a list may not hold.
"""


def make_items(app, pagename, templatename, context, doctree):
    """Give each entry of a page the role that its list asks for."""
    body = context.get("body") or ""
    context["body"] = body.replace(' role="doc-biblioentry"', ' role="listitem"')


def setup(app):
    """Connect."""
    app.connect("html-page-context", make_items)
