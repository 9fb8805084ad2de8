"""Is an environment built whole or not at all, found by what defines it, and said in one line when it cannot be?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from autograder import cli
from autograder.course.sprint import PACKAGE, Sprint
from autograder.environments import (
    build,
    build_environment,
    environment_of,
    environments,
    find_environment,
    lacking_for,
    offer_kernels,
    overview,
)
from autograder.environments.environment import DEFINITIONS, environments_folder
from autograder.errors import BadInput, PlatformFault
from tests.support.environments_made import MODULE, NAME, definitions, put_together, sprint_on, write_wheel

BUILD = """
import sys
from pathlib import Path
from autograder.environments import build, build_environment, environment, find_environment

environment.DEFINITIONS = Path(sys.argv[1])
build.NEEDED = ("sys",)
build_environment(find_environment("tiny"))
"""


@pytest.fixture
def definition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A definition whose one package is at hand; what a kernel needs is left out, for it would have to be fetched."""
    monkeypatch.setattr(build, "_ABOUT", build._ABOUT.replace(f"import json, {', '.join(build.NEEDED)}", "import json"))
    return definitions(tmp_path, monkeypatch, requirements=f"{write_wheel(tmp_path)}\n")


def names(folder: Path) -> set[str]:
    """What is in the folder of built environments."""
    return {path.name for path in folder.iterdir()}


def test_what_is_built_is_an_environment_with_its_packages(definition: Path) -> None:
    made, said = find_environment(NAME), []
    assert not made.is_built()
    with pytest.raises(
        PlatformFault, match=f"^the environment 'tiny' is not built here: run 'autograder env build {NAME}'"
    ):
        made.interpreter()
    folder = build_environment(made, said.append)
    python = made.interpreter()
    source = f"import sys, {MODULE}; print({MODULE}.VALUE, sys.prefix, sys.base_prefix)"
    ran = subprocess.run([python.executable, "-I", "-c", source], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["7", str(folder), sys.base_prefix] == ["7", python.prefix, python.base_prefix]
    assert 10_000 < made.size() < 1_000_000
    assert names(environments_folder()) == {folder.name, "tiny.lock", "tiny.log"}
    assert all(path.name.startswith("python") for path in (folder / "bin").iterdir())
    assert said == ["building the environment 'tiny' (once, a minute or two)"]
    assert build_environment(made, said.append) == folder
    assert len(said) == 1

    definition.joinpath("requirements.txt").write_text("# another\n")
    changed = find_environment(NAME)
    assert changed.folder != folder
    assert not changed.is_built()
    assert overview() == [f"tiny: {changed.lacking()}", f"{folder}: built from an earlier definition, may be deleted"]


@pytest.mark.parametrize(
    ("requirements", "reason"),
    [
        ("/no/such/file-1.0-py3-none-any.whl\n", "No such file or directory"),
        ("needy", "only-here 1.0 requires what-nobody-has"),
        ("no requirement at all\n", "Invalid requirement"),
    ],
)
def test_what_does_not_build_is_one_line_and_leaves_nothing(
    requirements: str, reason: str, tmp_path: Path, definition: Path
) -> None:
    """Is it said what pip said, and where the rest of it is?"""
    wheel = f"{write_wheel(tmp_path, needs='what-nobody-has')}\n"
    definition.joinpath("requirements.txt").write_text(wheel if requirements == "needy" else requirements)
    with pytest.raises(BadInput) as error:
        build_environment(find_environment(NAME), print)
    line = str(error.value)
    assert line.startswith("the environment 'tiny' could not be built: ")
    assert reason in line
    assert line.endswith(f"the log is {environments_folder() / 'tiny.log'}")
    assert "\n" not in line
    assert names(environments_folder()) == {"tiny.lock", "tiny.log"}


def test_one_that_no_kernel_could_run_in_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    definitions(tmp_path, monkeypatch, requirements=f"{write_wheel(tmp_path)}\n")
    with pytest.raises(BadInput, match="could not be built: .*No module named 'ipykernel'"):
        build_environment(find_environment(NAME), print)
    assert not find_environment(NAME).is_built()


def test_one_that_is_interrupted_leaves_nothing_half(definition: Path) -> None:
    """Killed in the midst of it, is it not taken for built, and is the next build whole and alone?"""
    folder = environments_folder()
    command = [sys.executable, "-c", BUILD, str(definition.parent)]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)}, start_new_session=True)
    end = time.monotonic() + 60
    while not list(folder.glob(".tiny.*/bin")) and time.monotonic() < end:
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert list(folder.glob(".tiny.*"))
    assert not find_environment(NAME).is_built()
    made = build_environment(find_environment(NAME), print)
    assert names(folder) == {made.name, "tiny.lock", "tiny.log"}


def test_two_at_once_build_it_once(definition: Path) -> None:
    said: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        folders = set(pool.map(lambda _: build_environment(find_environment(NAME), said.append), range(2)))
    assert len(folders) == 1
    assert sorted(said) == [
        "another process is building it: waiting", "building the environment 'tiny' (once, a minute or two)",
    ]  # fmt: skip


def test_one_whose_python_has_gone_is_built_anew(definition: Path) -> None:
    folder = build_environment(find_environment(NAME), print)
    for link in (folder / "bin").iterdir():
        link.unlink()
        link.symlink_to("/no/such/python")
    assert not find_environment(NAME).is_built()
    build_environment(find_environment(NAME), print)
    assert find_environment(NAME).is_built()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("display_name = ", "cannot be read"),
        ("preload = 3", "cannot be read"),
        ("pythn = '3.11'", "it may hold display_name, python, preload"),
        ("preload = ['a\\nb', 1]", "cannot be read"),
    ],
)
def test_a_definition_that_cannot_be_read(
    settings: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is it one line, and does it stop nothing but who asks for it?"""
    definitions(tmp_path, monkeypatch, settings=settings)
    with pytest.raises(BadInput, match=said):
        find_environment(NAME)
    offer_kernels()
    assert len(overview()) == 1


def test_a_python_that_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    definitions(tmp_path, monkeypatch, settings="python = '3.4'\n")
    with pytest.raises(BadInput, match="needs Python 3.4, and there is no python3.4 on the PATH: install it"):
        build_environment(find_environment(NAME), print)


def test_a_sprint_names_its_environment_by_its_releases_kernel(
    sprint: Sprint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    definitions(tmp_path, monkeypatch)
    assert environment_of(sprint) is None
    assert lacking_for(sprint) is None
    mine = sprint_on(NAME, tmp_path)
    made = environment_of(mine)
    assert made is not None
    assert made.name == NAME
    assert lacking_for(mine) == made.lacking()
    assert environment_of(sprint_on("what-somebody-saved-it-with", tmp_path / "other")) is None


def test_jupyter_finds_its_kernel_beside_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_PATH", "/somebodys/own")
    before = KernelSpecManager().get_kernel_spec("python3").resource_dir
    made = put_together(tmp_path, monkeypatch)
    offer_kernels()
    offer_kernels()
    assert os.environ["JUPYTER_PATH"].split(os.pathsep) == [str(made.kernels), "/somebodys/own"]
    spec = KernelSpecManager().get_kernel_spec(NAME)
    assert (spec.argv[0], spec.display_name) == (made.interpreter().executable, "Python (tiny)")
    assert KernelSpecManager().get_kernel_spec("python3").resource_dir == before


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    monkeypatch.setattr(sys, "argv", ["autograder", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code or 0


def test_the_command_builds_and_lists(
    definition: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "env", "list") == 0
    assert capsys.readouterr().out == f"tiny: {find_environment(NAME).lacking()}\n"
    assert run(monkeypatch, "env", "build", NAME) == 0
    made = find_environment(NAME)
    assert f"\ntiny: {made.folder}\n" in capsys.readouterr().out
    assert run(monkeypatch, "env", "list") == 0
    assert capsys.readouterr().out == f"tiny: built, {made.size() / 1e6:.0f} MB, {made.folder}\n"


def test_one_that_does_not_build_does_not_stop_the_others(
    definition: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = definition.with_name("a_broken_one")
    other.mkdir()
    (other / "environment.toml").write_text("")
    (other / "requirements.txt").write_text("/no/such/file-1.0-py3-none-any.whl\n")
    assert run(monkeypatch, "env", "build") == 2
    said = capsys.readouterr()
    assert said.err.startswith("autograder: the environment 'a_broken_one' could not be built: ")
    assert said.err.count("\n") == 1
    assert find_environment(NAME).is_built()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody",), "autograder: unknown environment 'nobody': the environments here are tiny\n"),
        ((NAME, "--sprint", "define_by_run"), "autograder: NAME and --sprint exclude each other"),
    ],
)
def test_bad_usage_is_one_line_and_exit_2(
    arguments: tuple[str, ...], said: str, definition: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert run(monkeypatch, "env", "build", *arguments) == 2
    assert capsys.readouterr().err.startswith(said)


def test_a_sprint_without_one_needs_nothing_built(
    definition: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "env", "build", "--sprint", "define_by_run") == 0
    assert capsys.readouterr().out == ""
    assert not find_environment(NAME).is_built()


@pytest.mark.parametrize("name", environments())
def test_every_definition_of_the_course_pins_all_it_has(name: str) -> None:
    """Has each package one version, what a kernel needs among them, and is the definition named by a sprint?"""
    made = find_environment(name)
    lines = [line for line in made.requirements.read_text().splitlines() if line and not line.startswith("#")]
    pins = dict(line.split("==") for line in lines)
    assert set(build.NEEDED) <= set(pins)
    assert list(pins) == sorted(pins)
    assert made.definition.parent == DEFINITIONS
    assert made.display_name in made.requirements.read_text(), "students are told to register it under this name"
    assert set(made.preload)
