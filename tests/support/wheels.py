"""The repository's files, and the wheel that is built from them, without a network."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT


def tracked(*under: str) -> list[str]:
    """The repository's files, those that git does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *under]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [name for name in listed if name and (ROOT / name).is_file()]


def copy_repository(place: Path) -> Path:
    """A copy of them: what a build leaves behind is not left in the repository."""
    for name in tracked():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place / name, follow_symlinks=False)
    return place


def build_wheel(repository: Path, to: Path) -> Path:
    """Build it with the setuptools of this environment."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    command += ["--wheel-dir", str(to), str(repository)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = to.glob("*.whl")
    return built
