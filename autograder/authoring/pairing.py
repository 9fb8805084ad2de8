"""A sprint's percent script is the source of truth; its source notebook is generated from it.

If a sprint names an environment, a copy of the environment's requirements is put next to the notebook, for students.
Generating the files again gives the same bytes, so a test can tell whether somebody forgot to.
"""

import hashlib
import sys
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.environments import environments, find_environment
from autograder.notebook.cells import grade_id

ROOT = Path(__file__).resolve().parents[2]

PERCENT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
"""The format of the scripts. By default jupytext takes a comment such as ``# copy the data`` for a command of IPython,
and makes it code in the notebook."""


def script_path(slug: str, root: Path = ROOT) -> Path:
    """The path of the sprint's percent script."""
    return root / "reference" / slug / f"{slug}.py"


def notebook_path(slug: str, root: Path = ROOT) -> Path:
    """The path where nbgrader looks for the instructor's notebook."""
    return root / "source" / slug / f"{slug}.ipynb"


def build(slug: str, root: Path = ROOT) -> NotebookNode:
    """The instructor's notebook, generated from the script, with solutions and without outputs."""
    script = script_path(slug, root)
    notebook = jupytext.reads(script.read_text(encoding="utf-8"), fmt=PERCENT)
    formats = notebook.metadata.get("jupytext", {}).get("formats")
    notebook.metadata = nbformat.from_dict(
        {
            **({"jupytext": {"formats": formats}} if formats else {}),
            "kernelspec": notebook.metadata["kernelspec"],
            "language_info": {"name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    taken: set[str] = set()
    for cell in notebook.cells:
        cell.metadata.pop("lines_to_next_cell", None)  # it is about the layout of the script only
        cell.id = _cell_id(cell, taken)
        taken.add(cell.id)
    nbformat.validate(notebook)
    return notebook


def sync(slug: str, root: Path = ROOT) -> Path:
    """Write the sprint's source notebook and the files next to it from the script; return the notebook's path."""
    target = notebook_path(slug, root)
    target.parent.mkdir(parents=True, exist_ok=True)
    for path, content in _files(slug, root).items():
        path.write_bytes(content)
    return target


def is_in_sync(slug: str, root: Path = ROOT) -> bool:
    """Whether the source notebook and the files next to it are byte for byte what the script generates."""
    return all(path.is_file() and path.read_bytes() == content for path, content in _files(slug, root).items())


def _files(slug: str, root: Path) -> dict[Path, bytes]:
    """The generated files: the notebook and, if it names an environment, the requirements that students install."""
    notebook, target = build(slug, root), notebook_path(slug, root)
    files = {target: _bytes(notebook)}
    name = notebook.metadata["kernelspec"]["name"]
    if name in environments():
        requirements = find_environment(name).requirements
        files[target.with_name(requirements.name)] = requirements.read_bytes()
    return files


def _bytes(notebook: NotebookNode) -> bytes:
    text: str = nbformat.writes(notebook)
    return (text.rstrip("\n") + "\n").encode("utf-8")


def _cell_id(cell: NotebookNode, taken: set[str]) -> str:
    """An id that stays the same when other cells are added: the grade_id, or else a digest of the source."""
    stem = grade_id(cell) or hashlib.sha256(cell.source.encode("utf-8")).hexdigest()[:12]
    candidate, count = stem, 1
    while candidate in taken:
        count += 1
        candidate = f"{stem}-{count}"
    return str(candidate)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        print(sync(name))
