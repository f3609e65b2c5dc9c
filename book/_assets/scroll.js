// A displayed formula or a table that is wider than its column scrolls. Then, and only then, the keyboard must reach it.
"use strict";

(() => {
  const SCROLLERS = ".katex-display, .bd-article table";
  const NAMED = { role: "group", "aria-label": "Wide formula" }; // a table has its own role

  function update(element, scrolls) {
    const attributes = { tabindex: "0", ...(element.matches("table") ? {} : NAMED) };
    for (const [name, value] of Object.entries(attributes))
      scrolls ? element.setAttribute(name, value) : element.removeAttribute(name);
  }

  // Its width, or that of what it holds, changes with the window, with a box that opens and when its fonts have come.
  // All are measured before one is changed: a measurement after a change has the browser lay out the page again.
  const observer = new ResizeObserver((entries) => {
    const elements = new Set(entries.map(({ target }) => target.closest(SCROLLERS)));
    const found = [...elements].map((element) => [element, element.scrollWidth > element.clientWidth]);
    for (const [element, scrolls] of found) update(element, scrolls);
  });
  window.watchScrollers = (root) => {
    for (const element of root.querySelectorAll(SCROLLERS)) {
      observer.observe(element);
      for (const inside of element.children) observer.observe(inside);
    }
  };
  window.watchScrollers(document);
})();
