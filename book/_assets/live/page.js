// A living page: its cells can be edited and run. start.js loads this when the button is pressed.
import { editor } from "./editor.js";
import { button, make, script } from "./make.js";
import { Outputs } from "./outputs.js";
import { Python } from "./python.js";

const EDITS = `wnlib-live:${location.pathname}`;
const ANSWERS = `wnlib-right:${location.pathname}`;
const KEPT = "What you change is kept in this browser, and nothing leaves this machine.";

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    /* no room, or the reader allows none: the page works without */
  }
}

/** What was edited on this page: by the id of the cell, what it was and what it is now. */
const edits = {
  read: () => read(EDITS),
  write: (id, edit) => write(EDITS, { ...read(EDITS), [id]: edit }),
};

/** Which exercises of this page are answered rightly, each with the id of the cell that answers it. */
const answers = {
  of: 0,
  read() {
    return read(ANSWERS).right ?? {};
  },
  write(right) {
    write(ANSWERS, { of: this.of, right });
    dispatchEvent(new Event("live-answers")); // marks.js shows them in the table of contents
  },
  /** Those that were answered when the page had other exercises count no more. */
  start(labels) {
    this.of = labels.size;
    this.write(Object.fromEntries(Object.entries(this.read()).filter(([label]) => labels.has(label))));
  },
  tell(id, { label, right }) {
    const { [label]: _, ...others } = this.read();
    this.write(right ? { ...others, [label]: id } : others);
  },
  forget(id) {
    this.write(Object.fromEntries(Object.entries(this.read()).filter(([, cell]) => cell !== id)));
  },
};

class Cell {
  constructor(page, element, number, source) {
    Object.assign(this, { page, element, number, id: source.id, original: [source.source].flat().join("") });
    const saved = edits.read()[this.id];
    this.note = make("span", { className: "live-note" });
    this.runs = button("Run", () => (this.busy ? page.stop() : page.run([this])), { className: "live-button live-run" });
    this.above = button("Run all above", () => page.run(page.cells.slice(0, number)));
    this.reset = button("Reset", () => this.editor.replace(this.original));
    const place = make("div", { className: "live-editor" });
    for (const key of ["keydown", "keypress", "keyup"]) place.addEventListener(key, (event) => event.stopPropagation()); // "/" is the page's key for its search
    this.editor = editor({
      parent: place,
      text: saved?.now ?? this.original,
      label: `Code of cell ${number + 1}`,
      run: () => this.busy || page.run([this]),
      changed: () => this.changed(),
    });
    const tools = make("div", { className: "live-tools" }, this.runs, ...(number ? [this.above] : []), this.reset, this.note);
    element.querySelector(".cell_input").replaceChildren(place, tools, ...this.older(saved));
    this.outputs = new Outputs(element, (figure) => page.python.painter(figure));
    this.tell();
  }

  /** The book's own cell, where it has changed since the reader edited it. */
  older(saved) {
    if (!saved || saved.was === this.original) return [];
    const summary = make("summary", { textContent: "The book's own cell has changed since you edited yours. It is now:" });
    return [make("details", { className: "live-original" }, summary, make("pre", { textContent: this.original }))];
  }

  get text() {
    return this.editor.text();
  }

  changed() {
    const same = this.text === this.original;
    edits.write(this.id, same ? undefined : { was: this.original, now: this.text });
    if (same) answers.forget(this.id);
    this.page.tell();
  }

  /** Say how things stand: what waits or runs, and whether what is shown is what the page's cells now give. */
  tell(latest = 0) {
    const { ran, busy } = this;
    let note = "not run yet";
    if (busy) note = busy;
    else if (ran && ran.text !== this.text) note = "changed since it ran";
    else if (ran && ran.order < latest) note = "ran before a cell above it";
    else if (ran?.ok) note = `ran in ${ran.seconds.toFixed(ran.seconds < 1 ? 2 : 1)} s`;
    else if (ran) note = /^NameError/m.test(this.error.text) ? "failed: perhaps a cell above has to run first" : "failed";
    else if (this.halted) note = this.halted;
    this.note.textContent = note;
    this.element.classList.toggle("live-stale", !busy && !(ran?.ok && ran.text === this.text && ran.order >= latest));
    this.element.classList.toggle("live-busy", Boolean(busy));
    this.element.dataset.live = busy ? "busy" : ran ? (ran.ok ? "ran" : "failed") : "new";
    this.runs.textContent = busy ? "Stop" : "Run";
    this.reset.hidden = this.text === this.original;
    return Math.max(latest, ran?.order ?? 0);
  }

  wait() {
    this.busy = "waiting …";
    this.sent = this.text;
    this.editor.mark(null);
    this.outputs.start();
  }

  hear(message) {
    if (message.kind === "running") this.busy = "running …";
    else if (message.kind === "loading") this.busy = `fetching ${message.name} …`;
    else if (message.kind === "again") this.outputs.start();
    else if (message.kind === "output") {
      this.outputs.show(message.output, message.data);
      if (message.output === "error") this.error = JSON.parse(message.data);
      if (message.output === "error") this.editor.mark(this.error.line);
      // The book's own answer is nobody's.
      if (message.output === "verdict" && this.sent !== this.original) answers.tell(this.id, JSON.parse(message.data));
      return;
    } else this.done(message);
    this.page.tell();
  }

  done({ ok, seconds }) {
    this.outputs.clear();
    this.busy = "";
    // The button that led here has gone with the printed figure.
    if (this.led && document.activeElement === document.body)
      this.outputs.place.querySelector("figure.explore :is(input, select)")?.focus({ preventScroll: true });
    this.led = false;
    this.ran = { ok, seconds, text: this.sent, order: ++this.page.order };
    performance.mark("live-ran", { detail: { cell: this.number, seconds } });
  }

  halt(note) {
    this.busy = "";
    this.ran = null;
    this.halted = note;
  }
}

class Page {
  constructor(bar, notebook) {
    this.bar = bar;
    this.notebook = notebook;
    this.order = 0;
    this.status = bar.querySelector(".live-status");
    const sources = notebook.cells.filter((cell) => cell.cell_type === "code");
    const elements = [...document.querySelectorAll("div.cell:has(> .cell_input, > details .cell_input)")];
    if (elements.length !== sources.length)
      throw new Error(`the page shows ${elements.length} cells, and its notebook has ${sources.length}`);
    script("katex.min.js").catch(() => {}); // a page that has come to life needs no network
    const { place, packages, bytes } = bar.dataset;
    this.bytes = Number(bytes);
    const large = packages.split(" ").filter(Boolean); // others are fetched by the cell that asks for them
    this.python = new Python(new URL(place, location).href, large, (message) => this.hear(message));
    this.cells = elements.map((element, k) => new Cell(this, element, k, sources[k]));
    answers.start(new Set(this.cells.flatMap((cell) => [...cell.original.matchAll(/\bcheck\("([\w.]+)"/g)].map(([, label]) => label))));
    bar.querySelector(".live-start").replaceWith(
      button("Run all", () => this.run(this.cells), { className: "btn btn-sm btn-primary live-all" }),
      button("Stop", () => this.stop(), { className: "live-button live-stop" }),
      button("Reset all", () => this.cells.forEach((cell) => cell.editor.replace(cell.original))),
      button("Download", () => this.download()),
    );
    bar.append(make("span", { className: "live-kept", textContent: KEPT }));
  }

  run(cells) {
    for (const cell of cells.filter((cell) => !cell.busy)) {
      cell.wait();
      this.python.run(cell.number, cell.sent);
    }
    this.tell();
  }

  /** Lead the reader to a cell: run it with what stands above it if it shows a figure, else write in it. */
  lead(element) {
    const cell = this.cells.find((cell) => cell.element === element);
    const missing = (above) => !above.ran?.ok;
    if (element.querySelector("figure.explore")) {
      cell.led = true;
      return this.run(this.cells.slice(0, cell.number + 1).filter((above) => above === cell || missing(above)));
    }
    // The cell that imports what judges an answer imports all that it needs.
    this.run(this.cells.filter(({ original }) => /\bimport\b[^"]*\bcheck\b/.test(original)).slice(0, 1).filter(missing));
    element.querySelector(".cm-content").focus();
  }

  stop() {
    const running = this.cells.some((cell) => cell.busy);
    this.python.stop();
    for (const cell of this.cells) cell.halt(cell.busy ? "stopped" : "not run since Python was stopped");
    this.again = running ? "The cell was stopped. " : "";
    this.status.textContent = `${this.again}Python starts afresh …`;
    this.ready = false;
    this.tell();
  }

  tell() {
    this.cells.reduce((latest, cell) => cell.tell(latest), 0);
  }

  hear(message) {
    if (message.cell !== undefined && message.cell !== null) return this.cells[message.cell].hear(message);
    const mega = (count) => (count / 1e6).toFixed(1);
    if (message.kind === "progress") {
      if (!this.ready) this.status.textContent = `Fetching Python: ${mega(message.got)} of about ${mega(this.bytes)} MB`;
    } else if (message.kind === "starting") this.status.textContent = "Starting Python …";
    else if (message.kind === "ready") {
      const again = this.again === undefined ? "" : `${this.again}Python has started afresh, and all variables are gone. `;
      this.status.textContent = `${again}Python is ready. Change a cell, and run it with Shift+Enter.`;
      this.ready = true;
      performance.mark("live-ready");
    } else this.fail(message);
  }

  fail({ kind, text }) {
    const what = kind === "broken" ? "Python has broken down, perhaps for want of memory." : "Python did not start, is there a network?";
    this.status.textContent = `${what} Press Stop to start it afresh. It said: ${text}`;
    for (const cell of this.cells) cell.halt("not run");
    this.tell();
  }

  /** Save the notebook with the cells as they are now. */
  download() {
    const texts = new Map(this.cells.map((cell) => [cell.id, cell]));
    const cells = this.notebook.cells.map((source) => {
      const cell = texts.get(source.id);
      if (!cell || cell.text === cell.original) return source;
      return { ...source, source: cell.text, outputs: [], execution_count: null };
    });
    const needs = "This notebook needs `wnlib`, the library of the book: `pip install .` in the folder of the book's repository.";
    const first = { cell_type: "markdown", id: "how-to-run", metadata: {}, source: needs };
    const text = JSON.stringify({ ...this.notebook, cells: [first, ...cells] }, null, 1);
    const href = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
    make("a", { href, download: this.bar.dataset.source.split("/").pop() }).click();
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  }
}

export async function start(bar) {
  performance.mark("live-press");
  document.head.append(make("link", { rel: "stylesheet", href: new URL("live.css", import.meta.url).href }));
  const response = await fetch(bar.dataset.source);
  if (!response.ok) throw new Error(`${bar.dataset.source}: ${response.status}`);
  return new Page(bar, await response.json());
}
