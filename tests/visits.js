// What tests/visits.py asks a page of the book, as window.visit: one question for many facts, since each costs time.
"use strict";

window.visit = (() => {
  let loadMilliseconds = 10_000;
  const SCRIPT_MILLISECONDS = 10_000;

  /** Elements that stick out of the screen although nothing around them scrolls or clips. */
  function wide() {
    const out = [...document.body.querySelectorAll("*")].filter((element) => {
      const box = element.getBoundingClientRect();
      if (!box.width || !box.height || box.right <= innerWidth + 1) return false;
      for (let around = element; around; around = around.parentElement) {
        const style = getComputedStyle(around);
        if (style.position === "fixed" || (around !== element && style.overflowX !== "visible")) return false;
        if (style.visibility === "hidden" || style.clipPath !== "none") return false;
      }
      return true;
    });
    const page = document.documentElement.scrollWidth;
    const names = out.map((element) => `${element.tagName}.${element.className}`);
    return page > innerWidth ? [...names, `the page: ${page} px`] : names;
  }

  /** Pictures whose sides do not have the ratio that they have in the file. */
  async function stretched() {
    const pictures = [...document.querySelectorAll("article img")];
    pictures.forEach((picture) => (picture.loading = "eager"));
    await Promise.all(pictures.map((picture) => picture.decode().catch(() => {})));
    const ratio = (p) => ((p.clientWidth / p.clientHeight) * p.naturalHeight) / p.naturalWidth;
    return pictures.filter((p) => p.clientWidth && !(Math.abs(ratio(p) - 1) <= 0.02)).map((p) => p.src);
  }

  const scrolls = (element) => element.scrollWidth > element.clientWidth;
  const formulas = () => [...document.querySelectorAll(".katex-display")];

  /** Code that a reader must scroll to read to its end. */
  function cut() {
    const code = [...document.querySelectorAll("article .cell_input pre")];
    return code.filter((pre) => pre.scrollWidth > pre.clientWidth + 1).map((pre) => pre.textContent.slice(0, 80));
  }

  /** Wait for the scripts that let the keyboard reach what scrolls; return what it reaches though it does not scroll. */
  async function settled() {
    const wide = [...document.querySelectorAll(".bd-article table"), ...formulas()];
    const idle = () => wide.filter((element) => !scrolls(element) && element.tabIndex >= 0);
    const missed = (element) => scrolls(element) && element.tabIndex < 0;
    const due = () => idle().length || wide.some(missed) || [...document.querySelectorAll("pre")].some(missed);
    const end = performance.now() + SCRIPT_MILLISECONDS;
    while (due() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    return idle().map((element) => element.textContent);
  }

  /** Put into each piece of a formula, in place of its many boxes, one of the same size and colour. */
  function simplifyFormulas() {
    const pieces = [...document.querySelectorAll(".katex-html .base")];
    const widths = pieces.map((piece) => piece.getBoundingClientRect().width);
    pieces.forEach((piece, k) => {
      const box = document.createElement("span");
      box.textContent = "xx"; // axe does not judge a single letter
      box.style.cssText = `display: inline-block; width: ${widths[k]}px; line-height: 1`;
      piece.replaceChildren(...piece.querySelectorAll(":scope > .strut"), box);
    });
    for (const spoken of document.querySelectorAll(".katex-mathml math")) spoken.replaceChildren(spoken.textContent);
  }

  /** Leave one element of each class in each block of code, and the bare text of the others. */
  function simplifyCode() {
    for (const block of document.querySelectorAll("pre")) {
      const kept = new Set();
      for (const span of block.querySelectorAll("span[class]:not([id])")) {
        const kind = [span.parentElement.className, span.className, span.style.cssText].join("; ");
        if (kept.has(kind)) span.replaceWith(...span.childNodes);
        else kept.add(kind);
      }
    }
  }

  /** Make the page small, for axe takes long over each element; return how many formulas scrolled, and how many do. */
  function simplify() {
    const before = formulas().filter(scrolls).length;
    simplifyFormulas();
    simplifyCode();
    return [before, formulas().filter(scrolls).length];
  }

  /** Switch the theme at once. */
  function theme(name) {
    if (!document.getElementById("visit-style")) {
      const style = document.createElement("style");
      style.id = "visit-style";
      style.textContent = "*, ::before, ::after { transition: none !important; animation: none !important; }";
      document.head.append(style);
    }
    document.documentElement.dataset.theme = name;
  }

  const TYPED = "input:not([type=range], [type=radio], [type=checkbox]), select, textarea";

  /** All that is behind an element and over it, as a text; null where nothing is seen. */
  function ground(element, known) {
    if (!element) return "";
    if (known.has(element)) return known.get(element);
    let behind = ground(element.parentElement, known);
    const style = getComputedStyle(element);
    if (style.clip !== "auto" && style.position === "absolute") behind = null;
    if (behind !== null) {
      const { backgroundColor, backgroundImage, opacity, filter, mixBlendMode, position } = style;
      const own = [];
      if (backgroundColor !== "rgba(0, 0, 0, 0)") own.push(backgroundColor);
      if (backgroundImage !== "none") own.push(backgroundImage, style.backgroundClip);
      if (opacity !== "1") own.push(`opacity ${opacity}`);
      if (filter !== "none" || mixBlendMode !== "normal") own.push(filter, mixBlendMode);
      if (["absolute", "fixed", "sticky"].includes(position)) own.push(`${position} ${element.className}`);
      if (element.matches(":disabled, [aria-disabled=true]")) own.push("disabled");
      for (const pseudo of ["::before", "::after"]) {
        const { content, backgroundColor: colour, backgroundImage: image } = getComputedStyle(element, pseudo);
        if (!["none", "normal"].includes(content) && (colour !== "rgba(0, 0, 0, 0)" || image !== "none"))
          own.push(pseudo, colour, image);
      }
      if (own.length) behind += `| ${own.join(", ")} `;
    }
    known.set(element, behind);
    return behind;
  }

  /** What axe judges an element by, whether it tells a text from its ground and a link from the text around it. */
  function look(element, known) {
    const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
    const text = own.map((node) => node.data.trim()).join("");
    if (!text && !element.matches(TYPED)) return null;
    const behind = ground(element, known);
    if (behind === null || !element.checkVisibility({ visibilityProperty: true })) return null;
    const { color, fontSize, fontWeight, textDecorationLine, textShadow, webkitTextStroke } = getComputedStyle(element);
    // axe leaves a single letter, and a text of signs alone, undecided.
    const kind = element.textContent.trim().length < 2 ? "letter" : /[\p{L}\p{N}]/u.test(text) ? "text" : "signs";
    const around = element.matches("a[href]") ? getComputedStyle(element.parentElement).color : "";
    return [kind, around, textDecorationLine, color, fontSize, fontWeight, textShadow, webkitTextStroke, behind].join("; ");
  }

  let marked = new Map();

  /** Mark elements of each look that is not among those of before; return how many looks that are. */
  function markLooks(before) {
    const known = new Map();
    const looks = new Map();
    before = new Set(before);
    for (const element of document.body.querySelectorAll("*")) {
      element.removeAttribute("data-look");
      const name = look(element, known);
      if (name === null || before.has(name)) continue;
      looks.set(name, [...(looks.get(name) ?? []), element]);
    }
    // Three, for axe leaves an element undecided that something else covers.
    const some = (elements) => [0, 0.5, 1].map((place) => elements[Math.round(place * (elements.length - 1))]);
    marked = new Map([...looks].map(([name, elements]) => [name, some(elements)]));
    for (const element of [...marked.values()].flat()) element.dataset.look = "";
    return marked.size;
  }

  const met = new WeakSet();

  /** Names of elements that are seen now and were not when this was asked before. */
  function first() {
    const seen = [...document.body.querySelectorAll("*")].filter((e) => e.checkVisibility({ visibilityProperty: true }));
    const fresh = seen.filter((element) => !met.has(element));
    fresh.forEach((element) => met.add(element));
    return [...new Set(fresh.map((e) => [e.tagName, e.className, e.getAttribute("role")].join(" ")))];
  }

  const COLOURS = "color-contrast";

  /** Run axe, by some rules or by all, and by that of contrast where elements are marked.
   *
   * Return what it finds, as pairs of name and HTML, and for each look that was marked whether axe decided on it.
   */
  async function violations(rules) {
    axe.configure({
      rules: [
        // Formulas as they are seen are hidden from screen readers; their contrast counts all the same.
        { id: COLOURS, selector: "[data-look]", excludeHidden: false },
        { id: "link-in-text-block", selector: "a[href][data-look]" },
      ],
    });
    const run = (options) => axe.run({ elementRef: true, preload: false, ...options });
    const all = { rules: { [COLOURS]: { enabled: false }, "target-size": { enabled: true } } };
    const results = [];
    if (rules?.length !== 0) results.push(await run({ resultTypes: ["violations"], ...(rules ? { runOnly: rules } : all) }));
    if (marked.size) results.push(await run({ resultTypes: ["violations", "passes"], runOnly: [COLOURS] }));
    const [found, passed] = ["violations", "passes"].map((kind) => results.flatMap((result) => result[kind]));
    const colours = [...found, ...passed].filter(({ id }) => id === COLOURS).flatMap(({ nodes }) => nodes);
    const decided = new Set(colours.map(({ element }) => element));
    const looks = [...marked].map(([name, elements]) => [name, elements.some((element) => decided.has(element))]);
    const where = ({ id, nodes }) => nodes.map((n) => [`${id} at ${n.target.join(" ")}`, n.html]);
    return { found: found.flatMap(where), looks };
  }

  const figures = () => [...document.querySelectorAll("figure.explore")];
  const slider = (control) => control.querySelector("input[type=range]");
  const checked = (control) => slider(control) ?? control.querySelector("input:checked");
  const controls = (figure) => [...figure.querySelectorAll(".explore-control")];

  /** Whether a pointer at the middle of an element meets it, and nothing that lies over it. */
  function reachable(element) {
    const { left, top, width, height } = element.getBoundingClientRect();
    const met = document.elementFromPoint(left + width / 2, top + height / 2);
    return element.contains(met) || met?.closest("label")?.contains(element) || false;
  }

  const targets = (figure) => [...figure.querySelectorAll("input[type=range], fieldset label, button, .explore-handle")];

  /** Bring a control of a figure into view and give it the focus. */
  function focus(number, k) {
    const control = controls(figures()[number])[k];
    control.scrollIntoView({ block: "center", behavior: "instant" });
    checked(control).focus({ preventScroll: true });
  }

  /** Put a slider somewhere in silence, as if it had been there. */
  function place(number, k, position) {
    slider(controls(figures()[number])[k]).value = position;
  }

  /** Wait for the picture that belongs to the controls' positions, and say all that a figure then shows. */
  async function shown(number) {
    const figure = figures()[number];
    const image = figure.querySelector("img");
    const counts = controls(figure).map((control) => Number(control.dataset.positions));
    const positions = controls(figure).map((control) => Number(checked(control).value));
    const frame = positions.reduce((sum, position, k) => sum * counts[k] + position, 0);
    const there = () => image.complete && image.naturalWidth > 0 && image.currentSrc.endsWith(`/${frame}.webp`);
    const end = performance.now() + loadMilliseconds;
    while (!there() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
    if (!there()) loadMilliseconds = 100; // a page with one fault must not take minutes over all its pictures
    const box = image.getBoundingClientRect();
    const grip = figure.querySelector(".explore-handle")?.getBoundingClientRect();
    return {
      positions,
      source: image.currentSrc,
      loaded: there(),
      alt: image.alt,
      said: figure.querySelector(".explore-readout").textContent,
      values: controls(figure).map((control) => control.querySelector("output")?.textContent ?? null),
      spoken: controls(figure).map((control) => slider(control)?.getAttribute("aria-valuetext") ?? null),
      ring: grip && [grip.x + grip.width / 2 - box.x, grip.y + grip.height / 2 - box.y],
      picture: [box.width, box.height],
    };
  }

  /** Sizes of what a finger should hit, and of the picture. */
  function sizes(number) {
    const size = (element) => [element.getBoundingClientRect().width, element.getBoundingClientRect().height];
    const figure = figures()[number];
    const picture = figure.querySelector("img");
    picture.scrollIntoView({ block: "center", behavior: "instant" });
    // The side bars of a wide window slide out of a narrow one.
    document.getAnimations().forEach((animation) => animation.finish());
    const { left, right, top, height } = picture.getBoundingClientRect();
    const whole = [left + 1, right - 1].every((x) => figure.contains(document.elementFromPoint(x, top + height / 2)));
    return { targets: targets(figure).map(size), picture: size(picture), whole, phone: reach(number) };
  }

  /** How far the controls of a figure reach below the top of its picture. */
  function reach(number) {
    const part = (name) => figures()[number].querySelector(name).getBoundingClientRect();
    return part(".explore-controls").bottom - part(".explore-picture").top;
  }

  /** Names of the targets of a figure that a pointer does not meet. */
  function covered(number) {
    return targets(figures()[number])
      .filter((target) => {
        target.scrollIntoView({ block: "center", behavior: "instant" });
        return !reachable(target);
      })
      .map((target) => target.outerHTML);
  }

  const looks = { wide, stretched, cut, settled, simplify, theme, first, markLooks, violations };
  return { ...looks, focus, place, shown, sizes, reach, covered };
})();
