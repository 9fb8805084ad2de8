"""Does what is built from the repository hold the platform, whole, and nothing of the course?"""

from __future__ import annotations

import configparser
import json
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.paths import ROOT
from tests.support.wheels import build_wheel, copy_repository, tracked

NAME = "frameworks_course_autograder"
HIDDEN = ("autograder/graders", "reference", "source", "assignments", "course", "tests", "docs")
"""What is never shipped."""
KERNELSPEC = "autograder/jail/kernelspec/kernel.json"
EXTENSION = "autograder/bridge/labextensions/autograder-feedback"
LEFT = "autograder/graders/define_by_run/test_left_by_an_earlier_build.py"


def platform() -> set[str]:
    """What git tracks of the package, but for the graders: modules, templates, settings, requirements."""
    return {name for name in tracked("autograder") if not name.startswith("autograder/graders/")}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, with what an earlier build that packed hidden tests would have left in it."""
    place = copy_repository(tmp_path_factory.mktemp("repository"))
    (place / "course").mkdir()
    (place / "course" / "seed").write_text("secret")
    for left in (place / LEFT, place / "build" / "lib" / LEFT):
        left.parent.mkdir(parents=True, exist_ok=True)
        left.touch()
    sources = place / f"{NAME}.egg-info" / "SOURCES.txt"
    sources.parent.mkdir()
    sources.write_text("\n".join([*tracked(*HIDDEN), LEFT, "course/seed"]))
    return place


@pytest.fixture(scope="module")
def wheel(repository: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(build_wheel(repository, repository / "dist"))


def file_in(wheel: zipfile.ZipFile, end: str) -> str:
    (name,) = (name for name in wheel.namelist() if name.endswith(end))
    return wheel.read(name).decode()


def test_the_wheel_holds_every_module_and_file_of_the_platform(wheel: zipfile.ZipFile) -> None:
    inside = {name for name in wheel.namelist() if name.startswith("autograder/")}
    assert inside == platform() - {KERNELSPEC}
    for name in ("autograder/cli.py", "autograder/grading/pytest.ini", "autograder/audit/matrix.html.jinja",
                 "autograder/classroom/template/setup.sh.jinja", "autograder/authoring/template/test.py.jinja",
                 "autograder/environments/chainer/requirements.txt"):  # fmt: skip
        assert name in inside


def test_the_wheel_registers_the_command_the_plugin_and_the_kernels(wheel: zipfile.ZipFile) -> None:
    points = configparser.ConfigParser()
    points.read_string(file_in(wheel, ".dist-info/entry_points.txt"))
    assert {group: dict(points[group]) for group in points.sections()} == {
        "console_scripts": {"autograder": "autograder.cli:main"},
        "pytest11": {"autograder": "autograder.grading.plugin"},
        "jupyter_client.kernel_provisioners": {"autograder-jail": "autograder.jail.provisioner:JailProvisioner"},
    }
    installed = file_in(wheel, ".data/data/share/jupyter/kernels/autograder-jail/kernel.json")
    assert installed == (ROOT / KERNELSPEC).read_text()


def test_the_wheel_installs_the_extension_of_jupyterlab(wheel: zipfile.ZipFile) -> None:
    """Whole, where JupyterLab looks for it, and with the file that its package.json tells JupyterLab to load?"""
    place = ".data/data/share/jupyter/labextensions/autograder-feedback"
    about = json.loads(file_in(wheel, f"{place}/package.json"))
    assert about["name"] == "autograder-feedback"
    loaded = about["jupyterlab"]["_build"]["load"]
    assert file_in(wheel, f"{place}/{loaded}") == (ROOT / EXTENSION / loaded).read_text()


def test_the_wheel_holds_nothing_of_the_course(wheel: zipfile.ZipFile) -> None:
    """Neither in its names nor, hidden in some file, in its text: not one hidden test's code."""
    parts = {name.split("/")[0] for name in wheel.namelist()}
    assert {part.removeprefix(NAME) for part in parts} == {"autograder", "-0.1.0.data", "-0.1.0.dist-info"}
    assert not [name for name in wheel.namelist() if "graders" in name.split("/") or name.endswith("/seed")]
    texts = b"".join(wheel.read(name) for name in wheel.namelist())
    for name in tracked("autograder/graders"):
        if Path(name).name.startswith("test_"):
            assert (ROOT / name).read_bytes() not in texts, name


def test_the_wheel_requires_no_framework_but_as_an_extra(wheel: zipfile.ZipFile) -> None:
    about = Parser().parsestr(file_in(wheel, ".dist-info/METADATA"))
    needed, course = set(), set()
    for text in about.get_all("Requires-Dist", []):
        requirement = Requirement(text)
        extra = requirement.marker is not None and "extra ==" in str(requirement.marker)
        if not extra:
            needed.add(requirement.name)
        elif requirement.marker is not None and requirement.marker.evaluate({"extra": "course"}):
            course.add(requirement.name)
    assert {"torch", "tensorflow-cpu", "scikit-learn", "matplotlib", "flask", "jupyterlab"} <= course
    assert not needed & course


def test_a_source_distribution_holds_nothing_of_the_course_either(repository: Path, tmp_path: Path) -> None:
    """Can the platform be built from it all the same?"""
    build = f"from setuptools import build_meta; print(build_meta.build_sdist({str(tmp_path)!r}))"
    done = subprocess.run([sys.executable, "-c", build], cwd=repository, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    with tarfile.open(tmp_path / done.stdout.split()[-1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert not [name for name in names if name.startswith(HIDDEN)]
    assert platform() <= names
    assert {"pyproject.toml", "setup.py", "constraints.txt", "LICENSE"} <= names


def test_what_sets_up_the_whole_course_installs_its_frameworks() -> None:
    """Each place that installs from a checkout, and no graders' folder is lost to an editable installation."""
    for name in ("Makefile", "docs/cluster/Dockerfile", "autograder/classroom/template/setup.sh.jinja"):
        (line,) = (line for line in (ROOT / name).read_text().splitlines() if "--editable" in line)
        extras = line.partition("[")[2].partition("]")[0].split(",")
        assert "course" in extras, line
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(project["optional-dependencies"]) == {"course", "audit", "postgres", "dev"}
