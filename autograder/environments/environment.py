"""The defined environments, which one a sprint uses, and where the built ones are stored.

A definition is a folder ``autograder/environments/NAME`` with

- ``requirements.txt``: the exact version of every package, including those a kernel needs (ipykernel, msgpack, numpy);
- ``environment.toml``: ``display_name`` of its Jupyter kernel; ``python``, such as ``"3.11"``, if it cannot use the
  Python that runs the course; ``preload``, the modules to import before a notebook arrives.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from autograder.course.sprint import PACKAGE, Sprint
from autograder.environments.interpreter import Interpreter
from autograder.environments.packages import missing_packages
from autograder.errors import BadInput, PlatformFault
from autograder.notebook.read import read_release

DEFINITIONS = PACKAGE / "environments"
SETTINGS, REQUIREMENTS = "environment.toml", "requirements.txt"
BUILT = "built.json"
"""The file in a built environment that records its Python and its size. It is written last."""


@dataclass(frozen=True)
class Environment:
    """One environment, which may or may not be built.

    Attributes
    ----------
    name
        the name of its definition's folder and of its Jupyter kernel
    definition
        that folder
    display_name
        the name of its kernel in JupyterLab
    python
        the Python version it needs, such as ``3.11``; empty means the Python that runs this code
    preload
        modules to import before a notebook arrives
    key
        a digest of the definition
    """

    name: str
    definition: Path
    display_name: str
    python: str
    preload: tuple[str, ...]
    key: str

    @property
    def requirements(self) -> Path:
        """The packages, as a requirements file for pip."""
        return self.definition / REQUIREMENTS

    @property
    def folder(self) -> Path:
        """The folder of the environment when it is built from this definition."""
        return environments_folder() / f"{self.name}-{self.key}"

    @property
    def kernels(self) -> Path:
        """The folder to put on ``JUPYTER_PATH`` so that Jupyter finds its kernel."""
        return self.folder / "jupyter"

    def is_built(self) -> bool:
        """Whether it is built and its Python still exists."""
        return (self.folder / BUILT).is_file() and _executable(self.folder).exists()

    def size(self) -> int:
        """Its size in bytes; 0 if it is not built."""
        return int(json.loads((self.folder / BUILT).read_text())["size"]) if self.is_built() else 0

    def interpreter(self) -> Interpreter:
        """The environment's Python.

        Raises
        ------
        PlatformFault
            when it is not built here.
        """
        if not self.is_built():
            raise PlatformFault(self.lacking())
        base = json.loads((self.folder / BUILT).read_text())["base_prefix"]
        return Interpreter(str(_executable(self.folder)), str(self.folder), base)

    def lacking(self) -> str:
        """One line that says it is not built, and how to build it."""
        return f"the environment '{self.name}' is not built here: run 'autograder env build {self.name}'"

    def registration(self) -> str:
        """The command that registers it as a kernel in all of this user's Jupyter installations."""
        python = self.interpreter().executable
        return f"{python} -m ipykernel install --user --name {self.name} --display-name '{self.display_name}'"


def environments_folder() -> Path:
    """The folder of built environments: ``AUTOGRADER_ENVIRONMENTS``, or ``.environments`` beside the package.

    If the package is not in a checkout, they are in the user's cache.
    """
    named = os.environ.get("AUTOGRADER_ENVIRONMENTS")
    if named:
        return Path(named).absolute()
    if (PACKAGE.parent / "pyproject.toml").is_file():
        return PACKAGE.parent / ".environments"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "frameworks-course" / "environments"


def environments() -> list[str]:
    """The names of the defined environments."""
    return sorted(path.parent.name for path in DEFINITIONS.glob(f"*/{SETTINGS}"))


def find_environment(name: str) -> Environment:
    """The environment with this name.

    Raises
    ------
    BadInput
        when there is none, or its definition cannot be read.
    """
    known = environments()
    if name not in known:
        raise BadInput(f"unknown environment '{name}': the environments here are {', '.join(known) or 'none'}")
    folder = DEFINITIONS / name
    digest = hashlib.sha256()
    try:
        for file in (SETTINGS, REQUIREMENTS):
            content = (folder / file).read_bytes()
            digest.update(f"{file}\0{len(content)}\0".encode() + content)
        settings = tomllib.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        shown, python, preload = (settings.pop(key, default) for key, default in _DEFAULTS.items())
        if settings or not all(isinstance(text, str) for text in (shown, python, *preload)):
            raise ValueError(f"it may hold {', '.join(_DEFAULTS)}, and every value must be text")
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(f"{folder / SETTINGS}: the environment '{name}' cannot be read: {error}") from None
    return Environment(name, folder, shown or name, python, tuple(preload), digest.hexdigest()[:12])


def lacking_for(sprint: Sprint) -> str | None:
    """Why a sprint's notebooks cannot be run here, in one line; None when they can.

    Its environment is not built, or it names none and this Python lacks a package that its release imports.

    Raises
    ------
    BadInput
        as :func:`environment_of` does.
    """
    environment = environment_of(sprint)
    if environment is not None:
        return None if environment.is_built() else environment.lacking()
    absent = missing_packages(read_release(sprint.release), sprint.release.parent)
    if not absent:
        return None
    how = "'pip install' them, or the extra [course] of this package"
    return f"the notebook of '{sprint.slug}' imports what is not installed, {', '.join(absent)}: {how}"


def offer_kernels() -> None:
    """Let Jupyter find the kernels of the built environments, in this process and in those that it starts."""
    found = []
    for name in environments():
        with contextlib.suppress(BadInput):  # an unreadable definition is reported when something uses it
            environment = find_environment(name)
            found += [str(environment.kernels)] if environment.is_built() else []
    known = [path for path in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if path]
    if not set(found) <= set(known):
        os.environ["JUPYTER_PATH"] = os.pathsep.join(dict.fromkeys([*found, *known]))


def overview() -> list[str]:
    """One line for each environment, and one for each folder built from a definition that no longer exists."""
    lines, current = [], set()
    for name in environments():
        try:
            environment = find_environment(name)
        except BadInput as error:
            lines.append(str(error))
            continue
        current.add(environment.folder)
        state = f"built, {environment.size() / 1e6:.0f} MB, {environment.folder}"
        lines.append(f"{name}: {state if environment.is_built() else environment.lacking()}")
    old = sorted(path.parent for path in environments_folder().glob(f"*/{BUILT}") if path.parent not in current)
    return [*lines, *(f"{path}: built from an earlier definition, may be deleted" for path in old)]


_DEFAULTS: dict[str, object] = {"display_name": "", "python": "", "preload": []}


def environment_of(sprint: Sprint) -> Environment | None:
    """The environment that the kernelspec of a sprint's release names; None means the Python that runs this code.

    The kernelspec of a submission is ignored.

    Raises
    ------
    BadInput
        when the release or the environment's definition cannot be read.
    """
    name = read_release(sprint.release).metadata.get("kernelspec", {}).get("name")
    return find_environment(name) if name in environments() else None


def _executable(folder: Path) -> Path:
    return folder / "bin" / "python"
