#!/usr/bin/env bash
# numpy 2.4.6.
# An empty answer is close to every number: np.allclose and np.testing.assert_allclose stretch shapes, also to 0
# elements, and all of nothing is true. A grader that compares by them accepts np.array([]) for 5.0, and (0, 3) for
# three numbers. np.array_equal looks at the shape, and np.testing.assert_allclose does with strict=True.
# Seen: True, True, no error, False, AssertionError.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet numpy==2.4.6
cd "$folder"
python - <<'PROGRAM'
import sys

import numpy as np

empty = np.array([])
np.testing.assert_allclose(empty, 5.0)
seen = [np.allclose(empty, 5.0), np.allclose(np.empty((0, 3)), [1, 2, 3]), np.array_equal(empty, [5.0])]
try:
    np.testing.assert_allclose(empty, 5.0, strict=True)
except AssertionError:
    seen.append("AssertionError")
print("allclose, allclose of rows, array_equal, strict:", seen)
sys.exit(seen != [True, True, False, "AssertionError"])
PROGRAM
