// What is wider than its column scrolls: a formula, a table, code. Then, and only then, the keyboard must reach it.
"use strict";

(() => {
  const WIDE = ".katex-display, .bd-article table";
  const TEXT = ".bd-article :is(pre, .cell_output > .output)"; // may also be too high
  const SCROLLERS = `${WIDE}, ${TEXT}`;
  const NAMED = { role: "group", "aria-label": "Wide formula" }; // others have a role, or words, of their own

  const scrolls = (element) =>
    element.scrollWidth > element.clientWidth || (element.matches(TEXT) && element.scrollHeight > element.clientHeight);

  function update(element, scrolls) {
    const attributes = { tabindex: "0", ...(element.matches(".katex-display") ? NAMED : {}) };
    for (const [name, value] of Object.entries(attributes))
      scrolls ? element.setAttribute(name, value) : element.removeAttribute(name);
  }

  // Its width, or that of what it holds, changes with the window, with a box that opens and when its fonts have come.
  // All are measured before one is changed: a measurement after a change has the browser lay out the page again.
  const observer = new ResizeObserver((entries) => {
    const elements = new Set(entries.map(({ target }) => target.closest(SCROLLERS)));
    elements.delete(null); // what has been taken away
    const found = [...elements].map((element) => [element, scrolls(element)]);
    for (const [element, scrolls] of found) update(element, scrolls);
  });
  window.watchScrollers = (root) => {
    const elements = [...root.querySelectorAll(SCROLLERS)];
    for (const element of root.matches?.(SCROLLERS) ? [root, ...elements] : elements) {
      observer.observe(element);
      if (element.matches(WIDE)) for (const inside of element.children) observer.observe(inside);
    }
  };
  window.watchScrollers(document);

  // A cell that runs brings outputs.
  const page = document.querySelector("article");
  const added = (records) => records.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => node.matches);
  if (page) new MutationObserver((records) => added(records).forEach(window.watchScrollers)).observe(page, { childList: true, subtree: true });
})();
