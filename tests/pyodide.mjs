// node pyodide.mjs FOLDER WNLIB.ZIP SCRIPT…: run Python scripts in the Pyodide of the book; what they print is printed.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [folder, wnlib, ...scripts] = process.argv.slice(2);
const { loadPyodide } = createRequire(import.meta.url)(path.resolve(folder, "pyodide.js"));
const packages = ["numpy"];
const python = await loadPyodide({ indexURL: folder + path.sep, packages });
python.FS.writeFile("wnlib.zip", fs.readFileSync(wnlib));
python.runPython(`import shutil; shutil.unpack_archive("wnlib.zip", ".")`);
for (const script of scripts) python.FS.writeFile(path.basename(script), fs.readFileSync(script));
python.runPython(fs.readFileSync(scripts.at(-1), "utf8"));
