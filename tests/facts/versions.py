"""`make facts`: the facts with the versions that are installed, or with others in an environment that is thrown away.

    python -m tests.facts.versions tensorflow-cpu==2.20.0

The environment lies over the project's own: what is asked for, and what that needs in other versions, is installed
above it. Nothing in .venv changes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from importlib.metadata import distributions
from pathlib import Path

from tests.facts.fact import ROOT

PYTEST = (
    "-m",
    "pytest",
    "tests/facts",
    "--confcutdir=tests/facts",
    "-p",
    "no:cacheprovider",
    "-q",
    "--tb=no",
    "-r",
    "",
)


def main(requirements: list[str]) -> int:
    """Run the facts, and return pytest's exit code; pip's when the versions cannot be installed."""
    if not requirements:
        return subprocess.run([sys.executable, *PYTEST], cwd=ROOT).returncode
    with tempfile.TemporaryDirectory(prefix="facts-") as folder:
        start = time.monotonic()
        python, packages = overlay(Path(folder))
        print(f"installing {' '.join(requirements)} over the project's environment …", flush=True)
        pip = (sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-warn-conflicts")
        done = subprocess.run([*pip, "--disable-pip-version-check", *requirements], stdin=subprocess.DEVNULL)
        if done.returncode:
            return done.returncode
        print(f"installed in {time.monotonic() - start:.0f} s:", flush=True)
        for line in moved(packages):
            print(f"  {line}", flush=True)
        command = [str(python), *PYTEST, "--deselect", "tests/facts/test_page.py"]
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **surroundings()}).returncode


def overlay(folder: Path) -> tuple[Path, Path]:
    """An empty environment that sees everything in this one: its Python, and where its own packages go."""
    venv.create(folder, with_pip=False, symlinks=True)
    packages = next(folder.glob("lib/python3*/site-packages"))
    below = sysconfig.get_path("purelib")
    (packages / "below.pth").write_text(f"import site; site.addsitedir({below!r})\n")
    return folder / "bin" / "python", packages


def surroundings() -> dict[str, str]:
    """Where the project's programs and data are: nbgrader runs alembic, nbconvert reads templates."""
    paths = {"PATH": Path(sys.executable).parent, "JUPYTER_PATH": Path(sys.prefix, "share", "jupyter")}
    return {name: os.pathsep.join(filter(None, [str(path), os.environ.get(name)])) for name, path in paths.items()}


def moved(packages: Path) -> list[str]:
    """What was installed there, with the version that is in the project's environment."""
    below = {one.name.lower(): one.version for one in distributions()}
    above = {one.name: one.version for one in distributions(path=[str(packages)])}
    lines = (f"{name} {below.get(name.lower(), 'not there')} -> {above[name]}" for name in sorted(above))
    return [line for line in lines if line.split()[1] != line.split()[-1]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
