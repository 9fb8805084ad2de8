"""Environments for tests: one that is built in seconds without a network, and one that is put together without pip."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import nbformat
import pytest

from autograder.course.sprint import Sprint
from autograder.environments import Environment, build, environment, find_environment
from tests.support import tiny

NAME = "tiny"
MODULE = "only_here"
"""A module that this environment has, and no other."""
SETTINGS = 'display_name = "Python (tiny)"\npreload = ["only_here"]\n'


def definitions(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, requirements: str = "", settings: str = SETTINGS
) -> Path:
    """A folder of definitions with one in it, taken instead of the package's; built environments go beside it."""
    place = folder / "definitions" / NAME
    place.mkdir(parents=True, exist_ok=True)
    (place / environment.SETTINGS).write_text(settings)
    (place / environment.REQUIREMENTS).write_text(requirements)
    monkeypatch.setattr(environment, "DEFINITIONS", place.parent)
    monkeypatch.setenv("AUTOGRADER_ENVIRONMENTS", str(folder / "environments"))
    return place


def write_wheel(folder: Path, version: str = "1.0", needs: str = "") -> Path:
    """A package for pip, with one module and nothing to download."""
    wheel = folder / f"{MODULE}-{version}-py3-none-any.whl"
    about = f"{MODULE}-{version}.dist-info"
    requires = f"Requires-Dist: {needs}\n" if needs else ""
    files = {
        f"{MODULE}.py": "VALUE = 7\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {MODULE}\nVersion: {version}\n{requires}",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr(f"{about}/RECORD", "".join(f"{name},,\n" for name in (*files, f"{about}/RECORD")))
    return wheel


def put_together(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment that is as if it were built: a kernel's packages, shared with this one, and one of its own."""
    definitions(folder, monkeypatch)
    made = find_environment(NAME)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made.folder)], check=True)
    packages = next(made.folder.glob("lib/python*/site-packages"))
    for package in _closure(build.NEEDED):
        _link(package, packages)
    (packages / f"{MODULE}.py").write_text("VALUE = 7\n")
    mark_built(made)
    return made


def mark_built(made: Environment) -> None:
    """Have an environment whose Python is there pass for one that was built."""
    build.write_kernelspec(made, made.kernels)
    known = {"name": made.name, "size": 1_000_000, "base_prefix": sys.base_prefix, "python": "3"}
    (made.folder / environment.BUILT).write_text(json.dumps(known))


def sprint_on(kernel: str, folder: Path) -> Sprint:
    """The throw-away sprint, released for a kernel of that name."""
    made = tiny.sprint(tiny.write_course(folder / "course"))
    nb = nbformat.read(made.release, as_version=4)
    nb.metadata.kernelspec = {"name": kernel, "display_name": kernel, "language": "python"}
    nbformat.write(nb, made.release)
    return made


def _closure(names: tuple[str, ...]) -> list[Distribution]:
    """What is installed here of these packages and what they require."""
    found: dict[str, Distribution] = {}
    left = list(names)
    while left:
        name = re.split(r"[^\w.-]", left.pop(), maxsplit=1)[0].lower().replace("_", "-")
        if name not in found:
            try:
                found[name] = distribution(name)
            except PackageNotFoundError:  # for another system or an extra that nobody asked for
                continue
            left += [line for line in found[name].requires or () if "extra ==" not in line]
    return list(found.values())


def _link(package: Distribution, target: Path) -> None:
    for file in package.files or ():
        source, place = Path(str(package.locate_file(file))), target / file
        if ".." in file.parts or file.suffix == ".pyc" or not source.is_file() or place.exists():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, place)
        except OSError:  # on another file system
            shutil.copyfile(source, place)
