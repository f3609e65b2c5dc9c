// The button "Run this page". Nothing else is fetched before it is pressed.
"use strict";

(() => {
  const { src } = document.currentScript;
  const bar = document.querySelector(".live-bar");
  const [button, status] = bar.children;
  button.disabled = false;
  button.addEventListener("click", async () => {
    if (location.protocol === "file:")
      return (status.textContent =
        "A browser runs no Python in a page that is opened as a file. Run make serve in the book's folder, and open http://127.0.0.1:8000.");
    if (typeof WebAssembly !== "object" || !window.Worker)
      return (status.textContent = "This browser has no WebAssembly, which Python in a page needs. Take a newer one.");
    const focused = document.activeElement === button;
    button.disabled = true;
    try {
      const { start } = await import(new URL("page.js", src));
      await start(bar);
      if (focused) bar.querySelector("button").focus(); // the one that has taken its place
    } catch (error) {
      button.disabled = false;
      status.textContent = `The page did not come to life (${error.message}). Is there a network? Load it again to try.`;
    }
  });
})();
