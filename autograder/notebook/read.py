"""Reads an untrusted notebook. One that cannot be graded is refused with one clear line."""

from __future__ import annotations

import copy
import functools
import json
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.course.sprint import why_not_released
from autograder.errors import BadInput
from autograder.notebook.cells import grade_id, is_graded
from autograder.notebook.match import match_cells
from autograder.notebook.tidy import raw_cells, tidy

MAX_BYTES = 50_000_000
MAX_STRUCTURE = 2_000_000
"""How many objects, lists and separators a notebook's JSON may have. Python takes up to 100 times their bytes."""
MAX_KEYS = 1_000_000
"""How many keys its objects may have: each takes Python some 200 bytes beside its own text."""
MAX_WIDE = 100_000_000
"""How many bytes a notebook may take as text, and again as values. One emoji makes it four bytes for each character."""
MAX_CELLS = 1_000
MAX_TEXT = 1_000_000
"""How many characters the cells may have together, without the outputs, which are not kept."""
MAX_PICTURES = 8_000_000
"""How many characters of base64 the pictures that were pasted into text cells may have together."""
FORMATS = (3, 4)
_KEY = re.compile(r'"\s*:')
_CONFLICT = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)


def parsed(text: str) -> NotebookNode:
    """A notebook of our own from its JSON: what nbformat's `from_dict` makes, each object once on the way up."""
    notebook: NotebookNode = json.loads(text, object_hook=NotebookNode)
    return notebook


def read_notebook(path: Path) -> NotebookNode:
    """The notebook in a file, made well-formed and without outputs.

    Raises
    ------
    BadInput
        the file is missing, too large, not a notebook, broken, of an unknown format or empty
    """
    content = _read_json(path)
    if not isinstance(content, dict) or not ("cells" in content or "worksheets" in content):
        raise BadInput(f"{path}: not a notebook (JSON, but without cells); give an .ipynb file saved by Jupyter")
    if content.get("nbformat") not in FORMATS:
        raise BadInput(
            f"{path}: notebook format {_shown(content.get('nbformat'))} is not supported;"
            " open it in JupyterLab 4 and save it again"
        )
    if not raw_cells(content):
        raise BadInput(f"{path}: the notebook has no cells; fetch the assignment again and copy your answers into it")
    if len(raw_cells(content)) > MAX_CELLS:
        raise BadInput(
            f"{path}: {len(raw_cells(content)):,} cells are more than the {MAX_CELLS:,} a notebook may have;"
            " delete those that hold no answer"
        )
    notebook = tidy(content)
    _check_size(notebook, path)
    return notebook


def _check_size(notebook: NotebookNode, path: Path) -> None:
    text = sum(len(cell.source) for cell in notebook.cells)
    if text > MAX_TEXT:
        raise BadInput(
            f"{path}: its cells have {text:,} characters, {MAX_TEXT:,} are allowed; take out what is no answer,"
            " such as data: put those into a file beside the notebook"
        )
    attached = (bundle for cell in notebook.cells for bundle in cell.get("attachments", {}).values())
    pictures = sum(len(data) for bundle in attached for data in bundle.values())
    if pictures > MAX_PICTURES:
        raise BadInput(
            f"{path}: the pictures in its text cells take {pictures / 1e6:.0f} MB, {MAX_PICTURES / 1e6:.0f} MB are"
            " allowed; make them smaller and paste them again"
        )


def read_release(path: Path) -> NotebookNode:
    """The released notebook in a file, unchanged.

    Raises
    ------
    BadInput
        the assignment has not been generated
    """
    if not path.is_file():
        raise BadInput(why_not_released(path))
    about = path.stat()
    return copy.deepcopy(_release(path, about.st_mtime_ns, about.st_size))


@functools.lru_cache(maxsize=16)
def _release(path: Path, changed_ns: int, size: int) -> NotebookNode:
    """The notebook, cached until its file changes: grading asks for it three times per submission."""
    return nbformat.read(path, as_version=4)


def check_submission(nb: NotebookNode, base: NotebookNode, path: Path) -> None:
    """Refuse a notebook that has none of the grade cells of the released notebook `base`, by name, id or text.

    Raises
    ------
    BadInput
        the notebook belongs to another sprint, or its grade cells are gone
    """
    theirs = {name for cell in nb.cells if (name := grade_id(cell))}
    released = {name for cell in base.cells if (name := grade_id(cell))}
    if theirs and not theirs & released:
        raise BadInput(f"{path}: this is the notebook of another sprint; give the sprint it belongs to")
    if any(is_graded(base.cells[index]) for index in match_cells(nb.cells, base.cells)):
        return
    raise BadInput(f"{path}: no grade cells are left; fetch the assignment again and copy your answers into it")


def _read_json(path: Path) -> Any:
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise BadInput(f"{path}: this is a folder; give the notebook inside it")
        if not path.is_file():
            raise BadInput(f"{path}: not a regular file; give an .ipynb file")
        if size > MAX_BYTES:
            raise BadInput(
                f"{path}: {size / 1e6:.0f} MB is more than the {MAX_BYTES / 1e6:.0f} MB a notebook may have;"
                " clear its outputs and save it again"
            )
        text = _decoded(path.read_bytes())
    except FileNotFoundError:
        raise BadInput(f"{path}: there is no such file; check the path") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path}: not a notebook (not UTF-8 text); give an .ipynb file saved by Jupyter") from None
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror or error}); check the path and its rights") from None
    if not text.strip():
        raise BadInput(f"{path}: the file is empty; save the notebook again")
    _check_text(text, size, path)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if conflict := _CONFLICT.search(text):
            line = text.count("\n", 0, conflict.start()) + 1
            raise BadInput(
                f"{path}: git's conflict markers are in it (line {line}); keep one side of each and save it again"
            ) from None
        what = "broken JSON" if text.lstrip().startswith("{") else "not a notebook"
        raise BadInput(
            f"{path}: {what} (line {error.lineno}: {error.msg}); open it in JupyterLab and save it again"
        ) from None
    except (ValueError, RecursionError):  # a number with too many digits, or nesting that is too deep
        raise BadInput(f"{path}: not a notebook (JSON that no notebook has); give an .ipynb file") from None


def _check_text(text: str, size: int, path: Path) -> None:
    """Refuse what would take too much memory as text, or as values."""
    if sys.getsizeof(text) > MAX_WIDE + 100:
        raise BadInput(
            f"{path}: {size / 1e6:.0f} MB are more than the {MAX_WIDE / 4e6:.0f} MB a notebook with an emoji may have;"
            " clear its outputs and save it again"
        )
    structure = sum(map(text.count, "[{,"))
    keys = sum(1 for _ in _KEY.finditer(text)) if structure > MAX_KEYS else 0
    for what, count, most in (("values", structure, MAX_STRUCTURE), ("keys", keys, MAX_KEYS)):
        if count > most:
            raise BadInput(
                f"{path}: {count:,} {what} are more than the {most:,} a notebook may have;"
                " clear its outputs and save it again"
            )


def _decoded(content: bytes) -> str:
    """The text: UTF-8, or UTF-16 as some editors and shells write it."""
    return content.decode(json.detect_encoding(content))


def _shown(value: object) -> str:
    return str(value) if isinstance(value, int) and abs(value) < 1000 else "unknown"
