// What a cell shows, in the place of what the page was printed with.
import { make, script } from "./make.js";

const PIXEL_RATIO = 2; // of the pictures that wnlib/interactive/page.py draws

export class Outputs {
  /** `painter` gives, for the number of a figure, the function that asks Python for its pictures. */
  constructor(cell, painter) {
    this.painter = painter;
    this.place = cell.querySelector(".cell_output");
    if (!this.place) cell.append((this.place = make("div", { className: "cell_output docutils container" })));
    const pictures = [...this.place.querySelectorAll("img")].filter((image) => !image.closest("figure.explore"));
    this.alts = pictures.map((image) => image.alt);
    this.indices = [...this.place.querySelectorAll("figure.explore > script")].map((e) => JSON.parse(e.textContent));
    this.start();
  }

  /** What comes next replaces what is there; until it comes, that stays. */
  start() {
    this.old = true;
    this.stream = null;
    this.pictures = this.figures = 0;
  }

  clear() {
    if (!this.old) return;
    for (const image of this.place.querySelectorAll("img")) if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
    this.place.replaceChildren();
    this.old = false;
  }

  /** Show a piece; its kinds are those of wnlib/interactive/page.py. */
  show(kind, data) {
    this.clear();
    if (kind === "text" || kind === "stderr") return this.print(kind, data);
    this.stream = null;
    if (kind === "plain") this.text("text_plain", data);
    else if (kind === "verdict") this.text("text_plain", JSON.parse(data).plain);
    else if (kind === "error") this.add("traceback", make("pre", { textContent: JSON.parse(data).text })).role = "alert";
    else if (kind === "png") this.picture(data);
    else if (kind === "frame") this.frame.src = URL.createObjectURL(new Blob([data], { type: "image/bmp" }));
    else this.rich(kind, JSON.parse(data));
  }

  rich(kind, { data, html, plain }) {
    const element = this.add(kind === "latex" ? "text_latex math" : "text_html");
    element.dataset.plain = plain;
    if (kind === "figure") this.figure(element, html);
    else if (kind === "html") element.innerHTML = data;
    else this.formula(element, data);
  }

  add(kind, ...inside) {
    const element = make("div", { className: `output ${kind} notranslate` }, ...inside);
    this.place.append(element);
    return element;
  }

  text(kind, data) {
    const pre = make("pre", { textContent: data });
    this.add(`${kind} highlight-myst-ansi`, make("div", { className: "highlight" }, pre));
    return pre;
  }

  print(kind, data) {
    if (this.stream?.kind === kind) return this.stream.pre.append(data);
    this.stream = { kind, pre: this.text(kind === "text" ? "stream" : "stderr", data) };
  }

  picture(data) {
    // A PNG file says its width 16 bytes after its beginning.
    const size = (at) => Math.round(new DataView(data.buffer, data.byteOffset).getUint32(at) / PIXEL_RATIO);
    const alt = this.alts[this.pictures++] ?? "A figure that this cell drew";
    const src = URL.createObjectURL(new Blob([data], { type: "image/png" }));
    this.add("image_png", make("img", { src, alt, width: size(16), height: size(20) }));
  }

  figure(element, html) {
    element.innerHTML = html;
    const figure = element.querySelector("figure");
    this.frame = figure.querySelector("img");
    const { texts, strides } = JSON.parse(figure.querySelector("script").textContent);
    const printed = this.indices[this.figures++];
    // Where the handle is on the grid, the printed figure knows, as long as the grid is the same.
    const grid = texts.map((all, k) => all.filter((_, position) => position % strides[k] === 0));
    const same = printed?.handles && JSON.stringify(printed.texts.map((all) => all.length)) === JSON.stringify(grid.map((all) => all.length));
    const ready = window.ExploreFigure ? Promise.resolve() : script("../explore.js");
    ready.then(() => new window.ExploreFigure(figure, this.painter(Number(figure.dataset.live)), same ? printed.handles : null));
  }

  async formula(element, data) {
    element.textContent = data;
    try {
      await script("katex.min.js");
    } catch {
      return; // the formula stays in TeX
    }
    window.katex.render(data.replace(/^\$+|\$+$/g, ""), element, { displayMode: true, throwOnError: false, strict: false });
    window.watchScrollers(element);
  }
}
