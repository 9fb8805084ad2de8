"""Do the benchmarks' peers run what they are measured with?"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.paths import ROOT

FOLDER = ROOT / "benchmarks"
ASK = """
from autograder.course.sprint import find_sprint
from one_notebook import require_tests_run
require_tests_run(find_sprint("define_by_run"))
"""


def test_hidden_tests_accept_the_reference_in_a_kernel() -> None:
    """Stock nbgrader and otter are compared with this project on these tests; one that cannot run them is fast."""
    path = os.pathsep.join(map(str, (FOLDER, ROOT)))
    done = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=os.environ | {"PYTHONPATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
