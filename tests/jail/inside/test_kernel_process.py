"""Does the warm process import all that a kernel needs, so that none of its forks has to?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, os, sys
import matplotlib.pyplot, matplotlib_inline.backend_inline
from autograder.jail.inside import kernel_process

if {warm}:
    kernel_process.warm_up()
else:
    import ipykernel.kernelapp
before = set(sys.modules)
app = sys.modules["ipykernel.kernelapp"].IPKernelApp.instance()
app.initialize(["-f", {connection!r}, *kernel_process.SETTINGS])
kernel_process._show_pictures(app.shell)
app.shell.run_cell("1 / 0")
new = sorted({{name for name in set(sys.modules) - before if name.split(".")[0] not in sys.stdlib_module_names}})
open({answer!r}, "w").write(json.dumps(new))
os._exit(0)
"""


def imported(folder: Path, *, warm: bool) -> list[str]:
    """What a kernel imports beyond the standard library until its first traceback is shown."""
    answer = folder / "answer.json"
    script = SCRIPT.format(warm=warm, connection=str(folder / "connection.json"), answer=str(answer))
    env = os.environ | {"MPLBACKEND": "agg", "IPYTHONDIR": str(folder), "JUPYTER_RUNTIME_DIR": str(folder)}
    subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, check=True, timeout=120)
    found: list[str] = json.loads(answer.read_text())
    return found


def test_a_kernel_imports_no_package_that_the_warm_process_lacks(tmp_path: Path) -> None:
    assert imported(tmp_path, warm=True) == []


@pytest.mark.parametrize("name", ["psutil", "stack_data"])
def test_without_it_each_kernel_would_import_them(tmp_path: Path, name: str) -> None:
    assert name in imported(tmp_path, warm=False)
