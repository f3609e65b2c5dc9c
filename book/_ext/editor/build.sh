#!/usr/bin/env sh
# Bundle the editor into book/_assets/live/editor.js, byte for byte the same each time. Needs npm; a build of the book does not.
set -eu
cd "$(dirname "$0")"
npm ci --ignore-scripts --no-audit --no-fund --silent
npx esbuild editor.mjs --bundle --minify --format=esm --charset=utf8 --legal-comments=none \
  --banner:js="/* CodeMirror 6 and Lezer, by Marijn Haverbeke and others, under the MIT license: https://codemirror.net */" \
  --outfile="${1:-../../_assets/live/editor.js}"
