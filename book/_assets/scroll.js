// A displayed formula or a table that is wider than its column scrolls. Then, and only then, the keyboard must reach it.
"use strict";

(() => {
  const SCROLLERS = ".katex-display, .bd-article table";
  const NAMED = { role: "group", "aria-label": "Wide formula" }; // a table has its own role

  function update(element) {
    const scrolls = element.scrollWidth > element.clientWidth;
    const attributes = { tabindex: "0", ...(element.matches("table") ? {} : NAMED) };
    for (const [name, value] of Object.entries(attributes))
      scrolls ? element.setAttribute(name, value) : element.removeAttribute(name);
  }

  // Its width, or that of what it holds, changes with the window, with a box that opens and when its fonts have come.
  const observer = new ResizeObserver((entries) => {
    for (const element of new Set(entries.map(({ target }) => target.closest(SCROLLERS)))) update(element);
  });
  window.watchScrollers = (root) => {
    for (const element of root.querySelectorAll(SCROLLERS)) {
      observer.observe(element);
      for (const inside of element.children) observer.observe(inside);
    }
  };
  window.watchScrollers(document);
})();
