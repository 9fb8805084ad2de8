"""Is a kernel private, small in what it inherits, and gone when it is ended?"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.environments.interpreter import Interpreter
from autograder.errors import PlatformFault
from autograder.grading import probe
from autograder.grading.allowance import Allowance
from autograder.grading.limits import Limit
from autograder.grading.session import Session
from autograder.grading.student import Student
from autograder.jail import loader
from autograder.jail import ordinary_kernel as kernel_module
from autograder.jail.kernel import Kernel
from autograder.jail.ordinary_kernel import ordinary_kernel
from tests.support.conditions import HOUR


@probe
def surroundings():  # type: ignore[no-untyped-def]
    import os
    import sys

    home = os.environ["HOME"]
    return {
        "environment": dict(os.environ),
        "cwd": os.getcwd(),
        "home": sorted(os.listdir(home)),
        "files": sorted(os.listdir(".")),
        "ours": sorted(name for name in sys.modules if name.split(".")[0] == "autograder"),
        "path": sys.path,
        "package": sys.modules["autograder"].__dict__.get("__file__"),
    }


@probe
def imported(name):  # type: ignore[no-untyped-def]
    return __import__(name).__dict__.get("__file__") or ""


Start = Callable[..., Student]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    started: list[Kernel] = []

    def go(files: Path | None = None) -> Student:
        started.append(ordinary_kernel(files))
        session = Session(started[-1], Allowance(HOUR))
        session.begin_test(Limit(5, 20), seed=0)
        return Student(session)

    yield go
    for each in started:
        each.kill()


def kernel_of(student: Student) -> Any:
    return student._session.channel._kernel


def test_a_kernel_has_a_home_and_an_environment_of_its_own(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_SEED", "secret")
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))
    monkeypatch.setenv("TOKEN", "secret")
    student = start()
    seen = student.run(surroundings)
    assert "secret" not in str(seen)
    allowed = {"PATH", "LANG", "LC_ALL", "TZ", "HOME", "IPYTHONDIR", "MPLCONFIGDIR", "TMPDIR", "TF_CPP_MIN_LOG_LEVEL"}
    allowed |= {"PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "CUDA_VISIBLE_DEVICES"}
    added = {"JPY_PARENT_PID", "JPY_SESSION_NAME", "PYDEVD_USE_FRAME_EVAL", "LC_CTYPE", "CLICOLOR", "CLICOLOR_FORCE"}
    allowed |= {"TF_ENABLE_ONEDNN_OPTS", "USER", "LOGNAME"}
    added |= {"FORCE_COLOR", "TERM", "PAGER", "GIT_PAGER", "MPLBACKEND", "KERNEL_LAUNCH_TIMEOUT"}
    assert set(seen["environment"]) <= allowed | added
    assert seen["environment"]["PYTHONHASHSEED"] == "0"
    assert seen["cwd"] == str(Path(seen["environment"]["HOME"]) / "work")
    assert seen["files"] == []


def test_only_wire_and_agent_of_the_platform_are_in_it(start: Start) -> None:
    seen = start().run(surroundings)
    inside = "autograder.jail.inside"
    modules = sorted(module.__name__ for module in loader.AGENT)
    assert seen["ours"] == ["autograder", "autograder.jail", inside, *modules]
    assert seen["package"] is None
    assert not any((Path(folder) / "autograder" / "grading").exists() for folder in seen["path"] if folder)


def test_files_come_along_and_have_no_effect_on_the_start(start: Start, tmp_path: Path) -> None:
    shadows = ["random", "json", "numpy", "msgpack", "torch", "ipykernel_launcher", "sitecustomize", "signal", "socket"]
    for name in shadows:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('mine')")
    (tmp_path / "helper.py").write_text("x = 1")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "numbers.csv").write_text("1,2")
    student = start(tmp_path)
    assert {"helper.py", "data"} < set(student.run(surroundings)["files"])
    assert student.run(imported, "helper").endswith("helper.py"), "a module beside the notebook can be imported"
    assert "site-packages" in student.run(imported, "numpy")
    assert "site-packages" in student.run(imported, "msgpack")


def test_ending_leaves_nothing(start: Start) -> None:
    student = start()
    kernel = kernel_of(student)
    assert kernel.alive()
    pid, home = kernel._process.pid, Path(kernel.folder)
    kernel.terminate()
    assert not kernel.alive(), "at once, whatever the process table says"
    kernel.kill()
    kernel.kill()
    assert not home.exists()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    assert kernel.cpu_seconds() > 0, "what it used still counts"
    kernel.interrupt()


def test_cpu_time_is_the_kernels(start: Start) -> None:
    student = start()
    before = kernel_of(student).cpu_seconds()
    student.run(busy, 0.3)
    assert 0.2 < kernel_of(student).cpu_seconds() - before < 2


@probe
def busy(seconds):  # type: ignore[no-untyped-def]
    import time

    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_kernel_that_does_not_start_is_our_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kernel_module.temporary, "short_folder", lambda: made(tmp_path / "home"))
    with pytest.raises(PlatformFault, match="a kernel did not start"):
        ordinary_kernel(None, Interpreter("/bin/false", sys.prefix, sys.base_prefix))
    assert not (tmp_path / "home").exists()


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_quitting_does_not_end_the_kernel(start: Start) -> None:
    student = start()
    student["exit"]()
    time.sleep(0.3)
    assert student.run(surroundings)["files"] == []


def test_no_descriptor_of_an_ordinary_kernel_is_the_instructors_terminal() -> None:
    """Also not the copies that ipykernel keeps: a kernel that outlived its grader wrote below the command's end."""
    kernel = ordinary_kernel(None)
    try:
        pid = kernel.manager.provisioner.pid
        opened = {os.readlink(one) for one in Path(f"/proc/{pid}/fd").iterdir() if one.is_symlink()}
    finally:
        kernel.kill()
    ours = {os.readlink(f"/proc/self/fd/{number}") for number in (1, 2)} - {"/dev/null"}
    assert not opened & ours


def test_what_a_kernel_said_before_it_failed_is_in_the_message(tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nseq 20000 >&2\necho 'No module named ipykernel_launcher' >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(PlatformFault, match=r"a kernel did not start: .*; it said: No module named ipykernel_launcher"):
        ordinary_kernel(None, Interpreter(str(program), str(tmp_path), str(tmp_path)))
