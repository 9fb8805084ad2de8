"""Run a course's notebooks and say which of their public checks pass.

A notebook is NAME/NAME.ipynb. Its public checks are the cells below each task. They show the form of the task; the
points come from hidden tests, which are not here.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient

SECONDS = 120
"""What one cell may take."""
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def main() -> int:
    """0 when all public checks pass, 1 when one does not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--since", metavar="COMMIT", help="check only what has changed since")
    parser.add_argument("--summary", type=Path, metavar="F.md", help="append the result, as Markdown")
    given = parser.parse_args()
    text, passed = "", True
    for path in notebooks(given.since):
        lines, all_passed = report(path)
        text += "\n".join(lines) + "\n\n"
        passed = passed and all_passed
    text = text or "No notebook has changed.\n"
    if given.summary:
        with given.summary.open("a", encoding="utf-8") as file:
            file.write(text)
    print("\n".join(f"| {line}" for line in text.splitlines()))
    return 0 if passed else 1


def notebooks(since: str | None) -> list[Path]:
    """The course's notebooks; only those that differ from a commit, if git knows it."""
    found = sorted(path for path in Path().glob("*/*.ipynb") if path.stem == path.parent.name)
    command = ["git", "diff", "--name-only", "--end-of-options", since or "", "--"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not since or done.returncode:
        return found
    return [path for path in found if path.as_posix() in done.stdout.splitlines()]


def report(path: Path) -> tuple[list[str], bool]:
    """A table of a notebook's public checks, and whether all of them pass."""
    lines = [f"## {path.stem}: public checks", ""]
    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # not JSON, not a notebook, not text: all the same to the student
        kind = type(error).__name__
        return [*lines, f"The notebook cannot be read ({kind}): save it in Jupyter and push again."], False
    try:
        kernel = AsyncKernelManager(kernel_name="python3")
        kernel.kernel_spec.argv[0] = python_of(path, notebook)
        NotebookClient(
            notebook, km=kernel, timeout=SECONDS, interrupt_on_timeout=True, allow_errors=True,
            resources={"metadata": {"path": str(path.parent)}},
        ).execute()  # fmt: skip
    except Exception as error:
        lines += [f"The notebook could not be run to its end: {type(error).__name__}.", ""]
    checks = [(name_of(cell), said(cell)) for cell in notebook.cells if is_check(cell)]
    lines += ["| task | public check |", "|---|---|"]
    if os.environ.get("GITHUB_ACTIONS"):
        print("\n".join(annotations(path, checks)))
    lines += [f"| {name} | {'✅ passes' if why is None else '❌ ' + why} |" for name, why in checks]
    lines += ["", "Public checks show the form of a task. Points come from other tests, after the deadline."]
    return lines, all(why is None for _, why in checks)


def python_of(path: Path, notebook: nbformat.NotebookNode) -> str:
    """The Python a notebook runs on: this one, or one with the packages listed beside it, which is made once."""
    listed = path.with_name("requirements.txt")
    if notebook.metadata.get("kernelspec", {}).get("name") == "python3" or not listed.is_file():
        return sys.executable
    place = Path(f".venv-{path.stem}").absolute()
    python, done, text = str(place / "bin" / "python"), place / "requirements.txt", listed.read_text()
    if not done.is_file() or done.read_text() != text:
        tools = [line for line in text.splitlines() if line.startswith(("setuptools==", "wheel=="))]
        install = [python, "-m", "pip", "install", "--quiet"]
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        if tools:
            subprocess.run([*install, *tools], check=True)
        subprocess.run([*install, "--no-build-isolation", "--requirement", str(listed)], check=True)
        done.write_text(text)
    return python


def annotations(path: Path, checks: list[tuple[str, str | None]]) -> list[str]:
    """GitHub's commands that mark what does not pass in the notebook, at the line of the cell's id."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = []
    for name, why in checks:
        if why is not None:
            line = next((number for number, text in enumerate(lines, 1) if f'"grade_id": "{name}"' in text), 1)
            said = why.replace("%", "%25")
            found.append(f"::error file={path.as_posix()},line={line},title={name}::{said}")
    return found


def is_check(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell is a task's public check."""
    return cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade", False)


def name_of(cell: nbformat.NotebookNode) -> str:
    """The task's name, as far as it is one."""
    return re.sub(r"[^\w.-]", "", str(cell.metadata.nbgrader.get("grade_id")))


def said(cell: nbformat.NotebookNode) -> str | None:
    """Why a check does not pass, in one line; None when it does."""
    if cell.execution_count is None:
        return "did not run"
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if not errors:
        return None
    text = ANSI.sub("", f"{errors[0].ename}: {errors[0].evalue}")
    shown = "".join(letter for letter in " ".join(text.split())[:200] if letter.isprintable())
    return "`` " + re.sub(r"[`|]", "'", shown) + " ``"


if __name__ == "__main__":
    sys.exit(main())
