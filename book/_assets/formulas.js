// A displayed formula that is wider than its column scrolls. Then, and only then, the keyboard must reach it.
"use strict";

(() => {
  function update(formula) {
    const scrolls = formula.scrollWidth > formula.clientWidth;
    for (const [name, value] of Object.entries({ tabindex: "0", role: "group", "aria-label": "Wide formula" }))
      scrolls ? formula.setAttribute(name, value) : formula.removeAttribute(name);
  }

  // Its width, or that of what it holds, changes with the window, with a box that opens and when its fonts have come.
  const observer = new ResizeObserver((entries) => {
    for (const formula of new Set(entries.map(({ target }) => target.closest(".katex-display")))) update(formula);
  });
  for (const element of document.querySelectorAll(".katex-display, .katex-display > .katex")) observer.observe(element);
})();
