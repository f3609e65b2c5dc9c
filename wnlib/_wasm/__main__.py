"""`python -m wnlib._wasm` compiles loops.c with clang and lld: Debian's 14 gave the module that stands beside it."""

import subprocess
import sys
import tempfile
from pathlib import Path

from wnlib._wasm import MODULE

# The flags of Pyodide's side modules; nothing of Emscripten itself is needed for three functions.
COMPILE = ["clang", "--target=wasm32-unknown-emscripten", "-O2", "-fPIC", "-fvisibility=default", "-ffreestanding"]
COMPILE += ["-fno-builtin", "-c"]
LINK = ["wasm-ld", "-shared", "--experimental-pic", "--import-undefined", "--strip-all", "--export=run"]
LINK += ["--export=flow_steps", "--export=recovery_steps"]


def build(target):
    """Compile and link the module into the file `target`."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder, "loops.o")
        subprocess.run([*COMPILE, MODULE.with_name("loops.c"), "-o", compiled], check=True)
        subprocess.run([*LINK, compiled, "-o", target], check=True)


if __name__ == "__main__":
    build(sys.argv[1] if len(sys.argv) > 1 else MODULE)
