"""Where a sprint runs in an environment of its own: does a student choose it, and does a jail there show more?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course.sprint import PACKAGE
from autograder.environments import Environment, environment_of
from autograder.grading.conditions import Conditions
from autograder.grading.engine import grade_notebook
from autograder.jail.jailed_kernel import jailed_kernel
from autograder.jail.kernel import Kernel
from autograder.jail.lane import lane_for
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.jail.warm import WarmJail
from autograder.notebook.rebuild import load_submission
from tests.support import tiny
from tests.support.environments_made import MODULE, NAME, sprint_on
from tests.support.jails import SMALL, needs_sandbox, run, small_jail
from tests.support.tiny import QUICK

LOOK = """
import os
hidden = ("/proc", "/sys", "/dev", "/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", PYTHON)
found = []
for top, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(top, name) not in hidden]
    found += [os.path.join(top, name) for name in (*folders, *files)]
with open("/proc/self/mountinfo") as file:
    mounts = [line.split()[4] for line in file]
with open("/etc/passwd") as file:
    users = file.read()
files = "\\n".join(found).encode("utf-8", "surrogateescape")  # as bytes: a list of so many names is too large to cross
result = {"files": files, "mounts": mounts, "users": users, "environment": sorted(os.environ)}
"""
"""All that is in view but for the system's programs, devices and processes, and the Python that it runs on."""


def look(kernel: Kernel, python: str) -> dict[str, Any]:
    seen = run(kernel, LOOK.replace("PYTHON", repr(python)))
    assert isinstance(seen, dict)
    return seen | {"files": seen["files"].decode("utf-8", "surrogateescape").split("\n")}


@pytest.fixture
def there(tiny_environment: Environment) -> Iterator[Kernel]:
    """A jailed kernel of the other environment."""
    jail = WarmJail(SMALL, preload=["numpy", "msgpack"], python=tiny_environment.interpreter())
    kernel = jailed_kernel(None, jail)
    yield kernel
    kernel.kill()
    jail.close()


def private(files: list[str]) -> set[str]:
    """Without what is of one kernel alone."""
    return {path for path in files if not path.startswith(("/run/kernel", "/home/student/", "/tmp/matplotlib/"))}


@needs_sandbox
def test_a_kernel_of_another_environment_sees_no_more_of_the_machine(
    there: Kernel, tiny_environment: Environment
) -> None:
    """Neither files nor mounts that the main one does not have, nor the main one's packages, nor the project."""
    with small_jail() as jail:
        here = jailed_kernel(None, jail)
        ours = look(here, sys.prefix)
        here.kill()
    prefix = str(tiny_environment.folder)
    theirs = look(there, prefix)
    assert {"/etc/passwd", "/home/student/work"} <= set(theirs["files"])
    on_the_way = {str(path) for path in Path(prefix).parents} | {prefix}
    assert private(theirs["files"]) - private(ours["files"]) <= on_the_way
    assert set(theirs["mounts"]) - set(ours["mounts"]) <= {prefix}
    assert (theirs["users"], theirs["environment"]) == (ours["users"], ours["environment"])
    for path in (sys.prefix, str(PACKAGE), str(tiny_environment.definition)):
        assert run(there, f"import os\nresult = os.path.exists({path!r})") is False, path


def test_without_a_jail_it_would_see_all_of_it(tiny_environment: Environment) -> None:
    kernel = ordinary_kernel(None, tiny_environment.interpreter())
    try:
        for path in (sys.prefix, str(PACKAGE), str(tiny_environment.definition)):
            assert run(kernel, f"import os\nresult = os.path.exists({path!r})") is True, path
    finally:
        kernel.kill()


@needs_sandbox
def test_nobody_changes_an_environment_for_those_who_come_after(there: Kernel, tiny_environment: Environment) -> None:
    """Not its packages, not its interpreter, and not by mounting over it."""
    source = f"""
import os, {MODULE}
changed = []
for path in ({MODULE}.__file__, "{tiny_environment.folder}/new", "{tiny_environment.folder}/bin/new"):
    try:
        open(path, "w").close()
        changed.append(path)
    except OSError:
        pass
result = changed
"""
    assert run(there, source) == []


@pytest.mark.parametrize("released", [NAME, "python3"])
@pytest.mark.parametrize("wanted", [NAME, "python3", "../../tiny", None])
def test_what_a_submission_says_of_kernels_chooses_no_environment(
    released: str, wanted: str | None, tiny_environment: Environment, tmp_path: Path
) -> None:
    """Neither by the kernelspec's name, nor by what else metadata may hold: only the release is asked."""
    sprint = sprint_on(released, tmp_path)
    where = f"import sys\nprint(sys.prefix == {str(tiny_environment.folder)!r})\n"
    nb = tiny.submission(where + tiny.DOUBLE_ANSWER)
    python = tiny_environment.interpreter().executable if released == "python3" else sys.executable
    spec = {"name": wanted, "display_name": "x", "language": "python", "argv": [python], "environment": wanted}
    nb.metadata.update({"kernelspec": spec, "environment": wanted, "language_info": {"name": wanted}})
    path = tmp_path / "tiny.ipynb"
    path.write_text(nbformat.v4.writes(nb))
    lane = lane_for("preferred", environment=environment_of(sprint))
    done = grade_notebook(load_submission(path, sprint), sprint, Conditions(lane, "s", QUICK))
    assert done.notebook.cells[1].outputs[0].text == f"{released == NAME}\n"
    assert done.notebook.metadata.kernelspec.name == released
    assert done.results.score == 3
