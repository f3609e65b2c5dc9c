// The mark beside a heading, a statement or an equation leads to it; a click also copies its address.
"use strict";

(() => {
  const MILLISECONDS = 1500;
  document.addEventListener("click", async ({ target }) => {
    const link = target.closest?.("a.headerlink");
    if (!link || !navigator.clipboard || link.dataset.copied) return;
    try {
      await navigator.clipboard.writeText(link.href);
    } catch {
      return; // not allowed: the address is in the bar of the browser
    }
    const mark = link.textContent;
    link.dataset.copied = mark;
    link.setAttribute("aria-live", "polite");
    link.textContent = "copied";
    setTimeout(() => {
      link.textContent = mark;
      link.removeAttribute("aria-live");
      delete link.dataset.copied;
    }, MILLISECONDS);
  });
})();
