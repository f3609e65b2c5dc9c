// The button "Run this page", and small ones at its figures and exercises. Nothing is fetched before one is pressed.
"use strict";

(() => {
  const { src } = document.currentScript;
  const bar = document.querySelector(".live-bar");
  const [button, status] = bar.children;
  const small = [];
  let page;

  /** Start the page; `pressed` is the button, and `cell` where it stands. */
  async function start(pressed, cell) {
    if (page) return page.lead(cell);
    if (location.protocol === "file:")
      return (status.textContent =
        "A browser runs no Python in a page that is opened as a file. Run make serve in the book's folder, and open http://127.0.0.1:8000.");
    if (typeof WebAssembly !== "object" || !window.Worker)
      return (status.textContent = "This browser has no WebAssembly, which Python in a page needs. Take a newer one.");
    const focused = document.activeElement === pressed;
    for (const each of [button, ...small]) each.disabled = true;
    try {
      const { start } = await import(new URL("page.js", src));
      page = await start(bar);
      for (const each of small) each.textContent = each.textContent.split(" (")[0];
      if (cell) page.lead(cell);
      else if (focused) bar.querySelector("button").focus(); // the one that has taken its place
    } catch (error) {
      button.disabled = false;
      status.textContent = `The page did not come to life (${error.message}). Is there a network? Load it again to try.`;
    }
    for (const each of small) each.disabled = false;
  }

  /** A small button in a cell, after `place`; beside it stands what the one by the title says. */
  function add(cell, place, words) {
    const box = document.createElement("div");
    const [here, said] = ["button", "span"].map((tag) => box.appendChild(document.createElement(tag)));
    box.className = "live-here";
    here.type = "button";
    here.textContent = `${words} (Python, ${Math.round(bar.dataset.bytes / 1e6)} MB, once)`;
    here.onclick = () => {
      new MutationObserver(() => (said.textContent = status.textContent)).observe(status, { childList: true });
      start(here, cell);
    };
    said.ariaHidden = "true"; // the other is read aloud
    place.after(box);
    small.push(here);
  }

  button.disabled = false;
  button.onclick = () => start(button);
  for (const input of document.querySelectorAll(".cell > .cell_input"))
    if (input.textContent.includes("check(\"")) add(input.parentElement, input.firstElementChild, "Answer here");
  for (const figure of document.querySelectorAll(".cell figure.explore")) add(figure.closest(".cell"), figure, "Run this figure");
})();
