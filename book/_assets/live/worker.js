// Pyodide in a worker: runs cells one after the other, and in between draws the pictures that figures ask for.
"use strict";

let python, page;
let cell = null; // the one that runs
let got = 0; // bytes fetched
const cells = []; // that wait
const draws = new Map(); // figure -> the picture that it wants last

const quiet = { messageCallback() {}, errorCallback() {} };
const plainFetch = self.fetch;

/** Count what arrives. The copy is read, so that the browser can keep the compiled code of the original. */
self.fetch = async (...request) => {
  const response = await plainFetch(...request);
  const reader = response.clone().body?.getReader();
  (async () => {
    for (let part; reader && !(part = await reader.read()).done; ) {
      got += part.value.length;
      postMessage({ kind: "progress", got });
    }
  })().catch(() => {});
  return response;
};

async function start({ place }) {
  importScripts(new URL("pyodide.js", place));
  const own = fetch("wnlib.zip").then((response) => {
    if (!response.ok) throw new Error(`wnlib.zip: ${response.status}`);
    return response.arrayBuffer();
  });
  [python] = await Promise.all([loadPyodide({ indexURL: place, packages: ["numpy", "matplotlib"], stderr: console.info }), own]);
  postMessage({ kind: "starting" });
  python.unpackArchive(await own, "zip", { extractDir: "." });
  // matplotlib writes lists of properties into its descriptions, which takes a third of a second; they stay empty.
  python.runPython("import matplotlib.artist; matplotlib.artist.kwdoc = lambda artist: ''");
  page = python.pyimport("wnlib.interactive.page");
  page.start((kind, data) => {
    const plain = data?.toJs ? data.toJs() : data;
    data?.destroy?.();
    postMessage({ kind: "output", cell, output: kind, data: plain });
  });
}

async function run({ cell: number, code }) {
  cell = number;
  postMessage({ kind: "running", cell });
  const begun = performance.now();
  let how = page.run(`cell ${cell + 1}`, code);
  for (let tries = 0; how.startsWith("missing "); tries++) {
    const name = how.slice("missing ".length);
    const answer = tries < 3 ? await load(name) : "not there";
    if (answer === "loaded") {
      postMessage({ kind: "again", cell });
      how = page.run(`cell ${cell + 1}`, code);
    } else {
      page.complain(answer === "not fetched" ? `${name} could not be fetched. Is there a network? Then run this cell again.` : "");
      how = "failed";
    }
  }
  postMessage({ kind: "done", cell, ok: how === "done", seconds: (performance.now() - begun) / 1000 });
}

/** Load the package of a module that a cell asked for: "loaded", "not there" or "not fetched". */
async function load(name) {
  if (python.loadedPackages[name]) return "not there";
  postMessage({ kind: "loading", cell, name });
  try {
    await python.loadPackage(name, quiet);
  } catch (error) {
    return /^No known package/.test(error.message) ? "not there" : "not fetched";
  }
  python.runPython("import importlib; importlib.invalidate_caches()");
  return python.loadedPackages[name] ? "loaded" : "not fetched";
}

function draw({ figure, positions, ticket }) {
  const answer = page.answer(figure, python.toPy(positions));
  const [image, alt, handle] = answer.toJs();
  answer.destroy();
  postMessage({ kind: "drawn", ticket, image, alt, handle }, image ? [image.buffer] : []);
}

async function next() {
  if (cells.length) return run(cells.shift());
  const [figure, wanted] = draws.entries().next().value;
  draws.delete(figure);
  draw(wanted);
}

let started;
let busy = false;
onmessage = async ({ data }) => {
  if (data.kind === "start") {
    started = start(data).then(
      () => {
        postMessage({ kind: "ready" });
        // Cells wait for these. What can't be fetched now, the cell that asks for it tries again, and says so.
        return python.loadPackage(data.packages, quiet).catch(() => {});
      },
      (error) => postMessage({ kind: "failed", text: String(error.message ?? error).trim().split("\n").pop() }),
    );
    return;
  }
  if (data.kind === "run") cells.push(data);
  else {
    const replaced = draws.get(data.figure);
    if (replaced) postMessage({ kind: "drawn", ticket: replaced.ticket, alt: "" });
    draws.set(data.figure, data);
  }
  if (busy) return;
  busy = true;
  await started;
  while (cells.length || draws.size) {
    try {
      await next();
    } catch (error) {
      return postMessage({ kind: "broken", text: String(error.message ?? error).trim().split("\n").pop() });
    }
    await new Promise((resolve) => setTimeout(resolve)); // let a newer request replace an older one
  }
  busy = false;
};
