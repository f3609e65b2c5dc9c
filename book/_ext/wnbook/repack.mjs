// node repack.mjs FOLDER LIBRARY WHEEL…: in the standard library and in each wheel bytecode in place of sources, by the
// Pyodide in the folder; no tests.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [folder, library, ...wheels] = process.argv.slice(2);
const { loadPyodide } = createRequire(import.meta.url)(path.resolve(folder, "pyodide.js"));
const python = await loadPyodide({ indexURL: folder + path.sep });
python.runPython(`
import importlib.util, re, zipfile
from importlib._bootstrap_external import _code_to_hash_pyc

LEFT_OUT = re.compile(r"(^|/)(tests|benchmarks)/|mpl-data/(sample_data|fonts/(afm|pdfcorefonts))|[.](pyi|pyx|pxd|h|c|a)$")

def repack(old, new, place):
    with zipfile.ZipFile(old) as source, zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            name, data = entry.filename, source.read(entry)
            if LEFT_OUT.search(name):
                continue
            if name.endswith(".py"):
                code = compile(data, place + name, "exec", dont_inherit=True)
                data, name = bytes(_code_to_hash_pyc(code, importlib.util.source_hash(data), False)), name + "c"
            target.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
`);
for (const name of [library, ...wheels]) {
  const file = path.join(folder, name);
  const place = name === library ? "/lib/python312.zip/" : "/lib/python3.12/site-packages/";
  python.FS.writeFile("old.zip", fs.readFileSync(file));
  python.runPython(`repack("old.zip", "new.zip", "${place}")`);
  fs.writeFileSync(file, python.FS.readFile("new.zip"));
}
