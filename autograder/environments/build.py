"""Builds an environment under a lock, in a temporary folder that is renamed when it is complete."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from autograder.course.sprint import Sprint
from autograder.environments.environment import BUILT, Environment, environment_of, environments_folder
from autograder.errors import BadInput

NEEDED = ("ipykernel", "msgpack", "numpy")
"""The modules that a kernel and its agent import."""
BUILD_TOOLS = ("setuptools", "wheel")
"""The tools that build source packages. They are installed first, in the versions that the requirements pin."""
OLDEST = (3, 11)
"""The oldest Python that can run the code sent into a kernel."""
_ABOUT = (
    f"import sys; assert sys.version_info >= {OLDEST}, f'Python {{sys.version.split()[0]}} is too old'\n"
    f"import json, {', '.join(NEEDED)}\n"
    "print(json.dumps({'base_prefix': sys.base_prefix, 'python': sys.version.split()[0]}))"
)

Say = Callable[[str], None]


def build_environment(environment: Environment, say: Say = print) -> Path:
    """Build an environment unless it is already built, and return its folder. ``say`` gets messages about slow steps.

    Raises
    ------
    BadInput
        when it cannot be built: one line with the reason and the log's path.
    """
    if environment.is_built():
        return environment.folder
    folder = environments_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _only_build(folder / f"{environment.name}.lock", say):
            if not environment.is_built():  # another process may have built it while it held the lock
                _build(environment, folder, say)
    except OSError as error:
        raise BadInput(f"the environment '{environment.name}' cannot be built in {folder}: {error}") from None
    return environment.folder


def build_for(sprint: Sprint, say: Say = print) -> None:
    """Build the environment that a sprint uses, if it has its own.

    Raises
    ------
    BadInput
        as :func:`build_environment` and :func:`environment_of` do.
    """
    environment = environment_of(sprint)
    if environment is not None:
        build_environment(environment, say)


@contextlib.contextmanager
def _only_build(path: Path, say: Say) -> Iterator[None]:
    """Hold an environment's lock. The system releases it whenever this process ends, even after a crash."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is building it: waiting")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(environment: Environment, folder: Path, say: Say) -> None:
    """Build in a new folder beside the final one. The caller holds the lock."""
    prefix = f".{environment.name}."
    for left in folder.glob(f"{prefix}*"):  # what interrupted builds left behind
        shutil.rmtree(left, ignore_errors=True)
    say(f"building the environment '{environment.name}' (once, a minute or two)")
    place = Path(tempfile.mkdtemp(prefix=prefix, dir=folder))
    try:
        _install(environment, place, folder / f"{environment.name}.log")
        shutil.rmtree(environment.folder, ignore_errors=True)  # an old build whose Python no longer exists
        place.chmod(0o755)
        place.rename(environment.folder)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _install(environment: Environment, place: Path, log: Path) -> None:
    """Create the environment in a folder; pip's output goes to the log.

    Raises
    ------
    BadInput
        with the last error in the log.
    """
    python, wanted = str(place / "bin" / "python"), environment.requirements
    tools = [line for line in wanted.read_text().split("\n") if line.partition("==")[0].strip() in BUILD_TOOLS]
    # our own pip installs into it; the environment has none, since nobody may add packages to a built environment
    pip = [sys.executable, "-I", "-m", "pip", "--python", python, "--no-input", "--disable-pip-version-check"]
    steps = [[_base_python(environment), "-I", "-m", "venv", "--without-pip", str(place)]]
    if tools:
        steps.append([*pip, "install", *tools])
    # every package is pinned, so there is nothing to resolve; `pip check` reports missing or conflicting pins
    steps.append([*pip, "install", "--no-build-isolation", "--no-deps", "--requirement", str(wanted)])
    steps.append([*pip, "check"])
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with log.open("wb") as said:
        for step in steps:
            before = log.stat().st_size
            done = subprocess.run(
                step, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT, env=surroundings, check=False
            )
            if done.returncode:
                raise _failure(environment, log, before)
        before = log.stat().st_size
        about = subprocess.run([python, "-I", "-c", _ABOUT], stdout=subprocess.PIPE, stderr=said, check=False)
        if about.returncode:
            raise _failure(environment, log, before)
    for script in (place / "bin").iterdir():  # they contain the temporary folder's path; `python -m` still works
        if not script.name.startswith("python"):
            script.unlink()
    write_kernelspec(environment, place / environment.kernels.relative_to(environment.folder))
    known = {"name": environment.name, "size": _size(place), **json.loads(about.stdout)}
    (place / BUILT).write_text(json.dumps(known, indent=1) + "\n")


def _failure(environment: Environment, log: Path, before: int) -> BadInput:
    """The exception for a failed build, with the last error in the log after its first ``before`` bytes."""
    lines = [line.strip() for line in log.read_bytes()[before:].decode(errors="replace").splitlines() if line.strip()]
    errors = [line.partition("ERROR:")[2].strip() for line in lines if line.startswith("ERROR:")]
    reason = (errors or lines or ["no reason was given"])[-1][:300]
    return BadInput(f"the environment '{environment.name}' could not be built: {reason}; the log is {log}")


def _base_python(environment: Environment) -> str:
    """The Python interpreter to build with.

    Raises
    ------
    BadInput
        when the Python that the environment needs is not installed.
    """
    wanted = environment.python
    if not wanted or wanted == f"{sys.version_info.major}.{sys.version_info.minor}":
        return str(getattr(sys, "_base_executable", None) or sys.executable)
    found = shutil.which(f"python{wanted}")
    if found is None:
        raise BadInput(
            f"the environment '{environment.name}' needs Python {wanted}, and there is no python{wanted} on the PATH:"
            " install it"
        )
    return found


def write_kernelspec(environment: Environment, kernels: Path) -> None:
    """Write the kernelspec, so that Jupyter can offer the environment as a kernel."""
    spec = {
        "argv": [str(environment.folder / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": environment.display_name,
        "language": "python",
    }
    folder = kernels / "kernels" / environment.name
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec, indent=1) + "\n")


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*"))
