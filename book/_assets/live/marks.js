// Beside each page in the table of contents: how many of its exercises this reader has answered rightly.
"use strict";

(() => {
  const make = (className, properties) => Object.assign(document.createElement("span"), { className, ...properties });

  function read(key) {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? {};
    } catch {
      return {};
    }
  }

  function show() {
    for (const link of document.querySelectorAll(".bd-links a")) {
      for (const old of link.querySelectorAll(".right-mark, .right-words")) old.remove();
      const { right: answers = {}, of } = read(`wnlib-right:${link.pathname}`);
      const right = Object.keys(answers).length;
      if (!right) continue;
      const words = `${right} of ${of} exercise${of === 1 ? "" : "s"} right`;
      const mark = make("right-mark", { title: words, ariaHidden: "true" });
      mark.style.setProperty("--right-part", `${(100 * right) / of}%`);
      link.append(mark, make("right-words", { textContent: ` (${words})` }));
    }
  }

  show();
  // On this page, in another window, and when the reader comes back to this one.
  for (const kind of ["live-answers", "storage", "pageshow"]) addEventListener(kind, show);
})();
