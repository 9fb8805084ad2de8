#!/usr/bin/env bash
# absl-py 2.5.1 (which TensorFlow imports) and traitlets 5.16.1 (which every Jupyter application is made with).
# absl's logging handler keeps what sys.stderr is when absl.logging is imported. A traitlets application that is made
# with a log level calls logging.config.dictConfig, which closes every handler of the process, and absl's closes its
# stream unless that is sys.stderr or sys.stdout at this moment. So a file that stood in for stderr during an import of
# TensorFlow, put back long ago, is closed when somebody makes an nbgrader, nbconvert or Jupyter application. Test runners
# that capture stderr in one file for all tests lose it: each later test fails with "I/O operation on closed file".
# Seen: the file open after the import, and closed after Application(log_level=40).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1
"${PYTHON:-python3}" -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet absl-py==2.5.1 traitlets==5.16.1
"$folder/env/bin/python" - "$folder/captured" <<'PROGRAM'
import contextlib
import sys

captured = open(sys.argv[1], "w")
with contextlib.redirect_stderr(captured):
    import absl.logging  # noqa: F401

from traitlets.config import Application

before = captured.closed
Application(log_level=40)
print(f"the file that was stderr while absl was imported: closed {before} before Application(log_level=40), {captured.closed} after")
sys.exit((before, captured.closed) != (False, True))
PROGRAM
