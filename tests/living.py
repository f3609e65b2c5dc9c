"""A living page of the built book in a browser: the button pressed, its cells typed into and run."""

START_MILLISECONDS = 120_000  # on a busy machine; 5 s on an idle one
PAGE_MILLISECONDS = 300_000
INTRODUCTION = "book/1-introduction/introduction.html"
# Also the smallest, whose imports are folded, and one that fetches scipy in the middle for the least nuclear norm.
PAGES = (INTRODUCTION, "book/C-continuous-proofs/loss.html", "book/companion/errata/appendix-f.html")
# The texts that each cell shows, as `visits.texts` returns those that are stored.
SHOWN = """(cells) => cells.map((cell) => {
  const text = (selector) => [...cell.querySelectorAll(`.cell_output > .output${selector}`)];
  const printed = text(".stream, .cell_output > .output.stderr").map((output) => output.textContent).join("");
  const results = text(".text_plain, .cell_output > .output[data-plain]");
  return [printed, ...results.map((output) => output.dataset.plain ?? output.textContent)];
})"""


def living(sources, every):
    """Return the names of pages to run whole: every one, or three that stand for them."""
    alive = [name for name, html in sources.items() if 'class="live-bar"' in html]
    return alive if every or not sources else list(PAGES)


class Living:
    """A page on which the button was pressed."""

    def __init__(self, page, watch):
        self.page, self.watch = page, watch
        self.cells = page.locator("div.cell:has(.cell_input)")
        self.first = []  # the code of each cell as the book has it

    def press(self):
        self.page.locator(".live-start").click()
        self.wait_for_ready()
        self.first = self.first or self.cells.locator(".cm-content").all_text_contents()
        return self

    def wait_for_ready(self):
        status = self.page.locator(".live-status")
        self.page.wait_for_function(
            "(status) => /is ready|not start|come to life|broken/.test(status.textContent)",
            arg=status.element_handle(),
            timeout=START_MILLISECONDS,
        )
        assert "Python is ready" in status.text_content()

    def wait_for(self, cell, state):
        """Wait until a cell has ended, and check how."""
        ended = "(cell) => ['ran', 'failed', 'new'].includes(cell.dataset.live)"
        self.page.wait_for_function(ended, arg=cell.element_handle(), timeout=PAGE_MILLISECONDS)
        assert cell.get_attribute("data-live") == state, cell.text_content()

    def cell(self, words):
        """Return the first cell in whose code, as the book has it, these words stand."""
        return self.cells.nth(next(k for k, code in enumerate(self.first) if words in code))

    def type(self, cell, code):
        """Replace the code of a cell as a reader would."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)

    def run(self, cell, code, state="ran"):
        """Type code into a cell and run it by keyboard; return what it shows."""
        self.type(cell, code)
        self.page.keyboard.press("Shift+Enter")
        self.wait_for(cell, state)
        return cell.locator(".cell_output").inner_text().strip()

    def shown(self):
        """Return the texts that each cell shows."""
        return self.cells.evaluate_all(SHOWN)
