"""Which environments there are, which of them a sprint names, and where what was built of them lies.

A definition is a folder ``autograder/environments/NAME`` with

- ``requirements.txt``: the exact version of every package, the kernel's own (ipykernel, msgpack, numpy) among them;
- ``environment.toml``: ``display_name`` of its Jupyter kernel; ``python``, as in ``"3.11"``, unless the one that runs
  the course will do; ``preload``, the modules to import before a notebook comes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
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
"""In what was built: its Python and its size. It is written last."""


@dataclass(frozen=True)
class Environment:
    """One environment, built or not.

    Attributes
    ----------
    name
        the name of its folder, and of its Jupyter kernel
    definition
        that folder
    display_name
        what JupyterLab calls its kernel
    python
        the Python it needs, as in ``3.11``; empty: the one that runs this
    preload
        modules to import before a notebook comes
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
        """The packages, as pip reads them."""
        return self.definition / REQUIREMENTS

    @property
    def folder(self) -> Path:
        """Where it lies once it is built from this definition."""
        return environments_folder() / f"{self.name}-{self.key}"

    @property
    def kernels(self) -> Path:
        """A folder for ``JUPYTER_PATH``, in which Jupyter finds its kernel."""
        return self.folder / "jupyter"

    def is_built(self) -> bool:
        """Whether it is there, and its Python still is."""
        return (self.folder / BUILT).is_file() and _executable(self.folder).exists()

    def size(self) -> int:
        """How many bytes it takes; 0 while it is not built."""
        return int(json.loads((self.folder / BUILT).read_text())["size"]) if self.is_built() else 0

    def interpreter(self) -> Interpreter:
        """Its Python.

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
        """What to do where it is not built, in one line."""
        return f"the environment '{self.name}' is not built here: run 'autograder env build {self.name}'"

    def registration(self) -> str:
        """The command that makes it a kernel of every Jupyter of this user's."""
        python = self.interpreter().executable
        return f"{python} -m ipykernel install --user --name {self.name} --display-name '{self.display_name}'"


def environments_folder() -> Path:
    """Where built environments lie: ``AUTOGRADER_ENVIRONMENTS``, or ``.environments`` beside the package.

    A package that does not lie in a checkout has them in the user's cache.
    """
    named = os.environ.get("AUTOGRADER_ENVIRONMENTS")
    if named:
        return Path(named).absolute()
    if (PACKAGE.parent / "pyproject.toml").is_file():
        return PACKAGE.parent / ".environments"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "frameworks-course" / "environments"


def environments() -> list[str]:
    """The names of those that are defined."""
    return sorted(path.parent.name for path in DEFINITIONS.glob(f"*/{SETTINGS}"))


def find_environment(name: str) -> Environment:
    """The environment of that name.

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
            raise ValueError(f"it may hold {', '.join(_DEFAULTS)}, texts all of them")
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
    """Have Jupyter, in this process and those that it starts, find the kernels of the environments that are built."""
    found = []
    for name in environments():
        with contextlib.suppress(BadInput):  # a definition that cannot be read is the affair of whoever wants it
            environment = find_environment(name)
            found += [str(environment.kernels)] if environment.is_built() else []
    known = [path for path in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if path]
    if not set(found) <= set(known):
        os.environ["JUPYTER_PATH"] = os.pathsep.join(dict.fromkeys([*found, *known]))


def hide_pythons(text: str) -> str:
    """A text for students, which does not say where this Python or a built environment lies."""
    text = re.sub(rf"{re.escape(str(environments_folder()))}/[\w.-]+", "python", text)
    for folder in (sys.prefix, sys.base_prefix):
        text = text.replace(folder, "python")
    return text


def overview() -> list[str]:
    """One line for each environment, and for each folder that was built from a definition that is no more."""
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
    """The environment a sprint names by the kernelspec of its release; None: the one that runs this.

    What a submission says of kernels is not asked.

    Raises
    ------
    BadInput
        when the release or the environment's definition cannot be read.
    """
    name = read_release(sprint.release).metadata.get("kernelspec", {}).get("name")
    return find_environment(name) if name in environments() else None


def _executable(folder: Path) -> Path:
    return folder / "bin" / "python"
