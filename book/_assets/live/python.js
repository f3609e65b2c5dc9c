// Python in a worker: it can be stopped by ending the worker, and then starts afresh.

export class Python {
  /** `place` says where Pyodide is; `hear` gets what the worker says: progress, ready, failed, and of each cell. */
  constructor(place, packages, hear) {
    this.settings = { place, packages };
    this.hear = hear;
    this.start();
  }

  start() {
    this.draws = new Map(); // ticket -> what waits for the picture
    this.tickets = 0;
    this.worker = new Worker(new URL("worker.js", import.meta.url));
    this.worker.onerror = (event) => this.hear({ kind: "failed", text: event.message || "the worker did not load" });
    this.worker.onmessage = ({ data }) => (data.kind === "drawn" ? this.drawn(data) : this.hear(data));
    this.worker.postMessage({ kind: "start", ...this.settings });
  }

  /** End what runs, and all variables with it. */
  stop() {
    this.worker.terminate();
    for (const { reject } of this.draws.values()) reject({ said: "Python was stopped. Run this cell again." });
    this.start();
  }

  run(cell, code) {
    this.worker.postMessage({ kind: "run", cell, code });
  }

  /** A function that gives the picture of a figure at positions of its controls. */
  painter(figure) {
    const { worker } = this;
    return (positions) =>
      new Promise((resolve, reject) => {
        if (worker !== this.worker) return reject({ said: "Python was stopped since. Run this cell again." });
        const ticket = ++this.tickets;
        this.draws.set(ticket, { resolve, reject });
        worker.postMessage({ kind: "draw", figure, positions, ticket });
      });
  }

  drawn({ ticket, image, alt, handle }) {
    const { resolve, reject } = this.draws.get(ticket);
    this.draws.delete(ticket);
    if (!image) return reject({ said: alt });
    const src = URL.createObjectURL(new Blob([image], { type: "image/bmp" }));
    const picture = new Image();
    picture.src = src;
    picture.decode().then(() => resolve({ src, alt, handle }), reject);
  }
}
