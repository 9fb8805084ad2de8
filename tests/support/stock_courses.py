"""A course without hidden graders, as nbgrader grades it by itself and as this project's configuration does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.environments import hide_paths
from tests.support.builders import code, graded, locked, notebook, solution, text
from tests.support.courses import TIME, answer, command

SLUG = "ps1"
MAIN, SECOND = "main", "second"
STOCK = """
from pathlib import Path
c = get_config()
root = Path(__file__).resolve().parent
c.CourseDirectory.course_id = "dl-frameworks"
c.CourseDirectory.root = str(root)
c.CourseDirectory.release_directory = "assignments"
for step in ("submitted", "autograded", "feedback", "solution"):
    c.CourseDirectory[f"{step}_directory"] = f"course/{step}"
c.CourseDirectory.db_url = f"sqlite:///{root}/course/gradebook.db"
"""
OURS = """
from pathlib import Path
from autograder.bridge.config import configure
c = get_config()
configure(c, Path(__file__).resolve().parent)
"""
SETTINGS = """
c.Execute.timeout = 4
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = ".*a warning that the course ignores.*"
c.ClearHiddenTests.enforce_metadata = True
"""
HIDDEN = """
assert double(2) == 4
### BEGIN HIDDEN TESTS
assert double(21) == 42
### END HIDDEN TESTS
"""
SHOWS = """
from IPython.display import display, Markdown, clear_output
print("to be cleared"); clear_output()
print("one\\rtwo\\b\\bTWO", end="")
class Table:
    def _repr_html_(self):
        return "<table><tr><td>1</td></tr></table>"
shown = display(Markdown("*before*"), display_id="d")
display(Table())
shown.update(Markdown("*after*"))
(1, "two", None)
"""


def source() -> dict[str, NotebookNode]:
    """The instructor's notebooks."""
    stub = "def {0}(x):\n    ### BEGIN SOLUTION\n    return {1}\n    ### END SOLUTION"
    main = notebook(
        text("# A problem set", "title"),
        locked("imports", "import os, sys, warnings\nimport helper\nfactor = int(open('data.txt').read())"),
        solution("solve_double", stub.format("double", "factor * x")),
        graded("double", 2, HIDDEN),
        solution("solve_part", stub.format("part", "1.5")),
        graded("part", 3, "part(0)"),
        graded("part_of_float", 3, "float(part(0))"),
        solution("solve_noise", stub.format("noise", "None")),
        graded("quiet", 1, "noise(0)"),
        graded("free", 1, "assert True"),
        solution("solve_last", stub.format("last", "0")),
        graded("last", 1, "assert last(1) == 0; 'not a number'"),
        code(SHOWS, "shows"),
        code("os.environ.get('NBGRADER_EXECUTION'), os.environ.get('NBGRADER_VALIDATING')", "why"),
        code("input('a question? ')", "asks"),
        code("helper.fails()", "library"),
        code("await __import__('asyncio').sleep(0)\n%xmode Context\nopen('made.txt', 'w').write('by main')", "writes"),
        code("raise ValueError('in the tagged cell')", "tagged", tags=["skip-execution"]),
        code("", "empty"),
    )
    second = notebook(
        solution("answer", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"),
        graded("beside", 1, "assert open('made.txt').read() == 'by main'"),
        graded("x", 1, "assert x == 1"),
    )
    return {MAIN: main, SECOND: second}


STUDENTS: dict[str, dict[str, str]] = {
    "right": {
        "solve_double": "def double(x): return factor * x",
        "solve_part": "def part(x): return 3",
        "solve_noise": "def noise(x): return None",
        "solve_last": "def last(x): return 0",
        "answer": "x = 1",
    },
    "partly": {
        "solve_double": "def double(x): return {2: 4}[x]",
        "solve_part": "def part(x): return 0.25",
        "solve_noise": "def noise(x): warnings.warn('a warning that the course ignores')",
        "solve_last": "def last(x): print('printed'); return 0",
        "answer": "x = 1; print(x, file=sys.stderr)\nimport sys",
    },
    "wrong": {
        "solve_double": "def double(x) return 1",
        "solve_part": "def part(x): return 'many'",
        "solve_noise": "def noise(x): sys.stderr.write('a warning')",
        "solve_last": "def last(x):\n    import time\n    time.sleep(30)",
    },
    "odd": {
        "solve_double": "def double(x): return [x, x]",
        "solve_part": "def part(x): return -1.0",
        "solve_noise": "class Shown:\n    def __repr__(self): return '0.5'\ndef noise(x): return Shown()",
        "solve_last": "def last(x): raise SystemExit",
    },
    "blank": {},
}


def make(root: Path, *, ours: bool, more: str = "", students: dict[str, dict[str, str]] = STUDENTS) -> Path:
    """The course with its release and what students handed in; ``more``: lines of configuration."""
    (root / "nbgrader_config.py").write_text((OURS if ours else STOCK) + SETTINGS + more)
    folder = root / "source" / SLUG
    folder.mkdir(parents=True)
    for name, nb in source().items():
        nbformat.write(nb, folder / f"{name}.ipynb")
    (folder / "data.txt").write_text("2")
    (folder / "helper.py").write_text("def fails():\n    raise KeyError('helper')\n")
    (root / "course").mkdir(exist_ok=True)
    command(root, "generate_assignment", SLUG)
    for student, answers in students.items():
        hand_in(root, student, answers)
    return root


def hand_in(root: Path, student: str, answers: dict[str, str]) -> Path:
    """Put a submission where `nbgrader collect` puts it; a student's own data.txt does not count."""
    folder = root / "course" / "submitted" / student / SLUG
    folder.mkdir(parents=True)
    for name in (MAIN, SECOND):
        nb = nbformat.read(root / "assignments" / SLUG / f"{name}.ipynb", as_version=4)
        nbformat.write(answer(nb, **answers), folder / f"{name}.ipynb")
    (folder / "timestamp.txt").write_text(TIME)
    (folder / "data.txt").write_text("7")
    return folder


def scores(root: Path) -> dict[tuple[str, str, str], tuple[Any, ...]]:
    """What the gradebook says of each cell: by student, notebook and cell."""
    found = {}
    with Gradebook(f"sqlite:///{root}/course/gradebook.db", "dl-frameworks") as gradebook:
        for submission in gradebook.assignment_submissions(SLUG):
            for book in submission.notebooks:
                for grade in book.grades:
                    found[submission.student_id, book.name, grade.name] = (
                        grade.auto_score, grade.needs_manual_grade, grade.max_score
                    )  # fmt: skip
    return found


def graded_notebook(root: Path, student: str, name: str = MAIN) -> NotebookNode:
    """A student's graded notebook."""
    return nbformat.read(root / "course" / "autograded" / student / SLUG / f"{name}.ipynb", as_version=4)


def shown(root: Path, student: str, name: str = MAIN) -> list[tuple[str, Any, list[str]]]:
    """Each cell's source, execution count and outputs, without what no two runs share."""
    cells = graded_notebook(root, student, name).cells
    return [(cell.source, cell.get("execution_count"), _plain(cell.get("outputs", []))) for cell in cells]


def _plain(outputs: list[NotebookNode]) -> list[str]:
    """Outputs as text: text of one stream in one piece, paths and durations left out."""
    joined: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    texts = [json.dumps(output, sort_keys=True) for output in joined]
    texts = [re.sub(r"/tmp/ipykernel_\d+/\d+\.py|[~/][\w~/.-]*/(?=helper\.py)", "", one) for one in texts]
    texts = [re.sub(r"[\d.]+ (ns|µs|\\u00b5s|ms|s)\b|0x[0-9a-f]{6,}", "", one) for one in texts]
    return [hide_paths(one) for one in texts]  # the one thing that the platform changes in outputs
