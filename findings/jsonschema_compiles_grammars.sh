#!/usr/bin/env bash
# jsonschema 4.25.1 and 4.24.1, each with the extra format-nongpl, which jupyter-events asks for.
# From 4.25.0 on, importing jsonschema imports a parser generator (lark) and compiles the grammars of IRIs, about a second,
# in every process: in each Jupyter kernel manager and each program that reads a notebook, whether it checks a format or
# not. Before, the import took some hundredths of that.
# Seen: lark and rfc3987_syntax among the imported modules with 4.25.1, neither with 4.24.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1
for version in 4.24.1 4.25.1; do
    "${PYTHON:-python3}" -m venv "$folder/$version"
    "$folder/$version/bin/pip" install --quiet "jsonschema[format-nongpl]==$version"
    "$folder/$version/bin/python" - "$version" <<'PROGRAM'
import sys
import time

start = time.monotonic()
import jsonschema  # noqa: E402, F401

seen = [name for name in ("lark", "rfc3987_syntax") if name in sys.modules]
print(f"jsonschema {sys.argv[1]}: imported in {time.monotonic() - start:.2f} s, with {seen or 'no grammars'}")
sys.exit(seen != (["lark", "rfc3987_syntax"] if sys.argv[1] == "4.25.1" else []))
PROGRAM
done
