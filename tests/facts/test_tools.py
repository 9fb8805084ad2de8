"""nbgrader, Jupyter, jupytext and pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tests.facts.fact import fact

RUN = "autograder/grading/run.py"
NOTEBOOK_RUN = "autograder/grading/notebook_run.py"
PLUGIN = "autograder/grading/pytest.ini"
SAVE = "autograder/bridge/save.py"
PAIRING = "autograder/authoring/pairing.py"


def nbgrader(course: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run nbgrader in a course of its own, without this project's configuration."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        env={**os.environ, "PATH": path, "JUPYTER_CONFIG_PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )


def new_course(folder: Path, check: str) -> Path:
    """A course with one notebook: an answer, and a cell of 2 points with this check."""
    plain = {"schema_version": 3, "task": False}
    answer = plain | {"grade_id": "a", "solution": True, "grade": False, "locked": False}
    grade = plain | {"grade_id": "b", "solution": False, "grade": True, "locked": True, "points": 2}
    cells = [new_code_cell("x = 1", metadata={"nbgrader": answer}), new_code_cell(check, metadata={"nbgrader": grade})]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    (folder / "source/ps").mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / "source/ps/p.ipynb")
    (folder / "nbgrader_config.py").write_text('c = get_config()\nc.CourseDirectory.course_id = "c"\n')
    return folder


def submitted(folder: Path, check: str) -> Path:
    """The same, released, and handed in by ada as it was released."""
    course = new_course(folder, check)
    nbgrader(course, "generate_assignment", "ps")
    (course / "submitted/ada").mkdir(parents=True)
    shutil.copytree(course / "release/ps", course / "submitted/ada/ps")
    return course


def score(course: Path) -> float:
    """What ada has."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        return book.find_submission("ps", "ada").score


@fact(
    "nbgrader",
    rests={"docs/ci/student/check.py": "a student's CI runs the checks by this program, which exits with 1"},
    slow=True,
)
def test_validate_exits_0_on_a_failing_check(tmp_path):
    """nbgrader validate prints the cell that failed and exits with 0."""
    course = new_course(tmp_path, "assert False")
    done = nbgrader(course, "validate", "source/ps/p.ipynb")
    assert "The following cell failed" in done.stdout
    assert done.returncode == 0


@fact(
    "nbgrader",
    rests={
        "docs/teaching.md": "told under The commands of a course",
        "tests/bridge/test_end_to_end.py": "names in the gradebook outlast grading",
    },
    slow=True,
)
def test_a_second_student_add_clears_names(tmp_path):
    """nbgrader db student add of a student who is there sets what is not given to nothing: the names are gone."""
    course = new_course(tmp_path, "assert True")
    nbgrader(course, "db", "student", "add", "ada", "--first-name=Ada", "--last-name=Lovelace")
    assert "Lovelace, Ada" in nbgrader(course, "db", "student", "list").stdout
    nbgrader(course, "db", "student", "add", "ada", "--email=ada@example.org")
    listed = nbgrader(course, "db", "student", "list").stdout
    assert "ada (None, None) -- ada@example.org" in listed


@fact(
    "nbgrader",
    "numpy",
    rests={SAVE: "scores come from hidden tests alone: what a grade cell prints or returns is worth nothing"},
    slow=True,
)
def test_a_number_of_numpy_is_full_credit(tmp_path):
    """A grade cell whose last line is 0.5 gives half a point, as nbgrader's partial credit; np.float64(0.5), which
    prints the same in older versions of numpy, is no number to it and gives all points."""
    half = submitted(tmp_path / "plain", "0.5")
    nbgrader(half, "autograde", "ps")
    array = submitted(tmp_path / "numpy", "import numpy as np\nnp.float64(0.5)")
    nbgrader(array, "autograde", "ps")
    assert (score(half), score(array)) == (0.5, 2.0)


@fact(
    "nbgrader",
    rests={
        "autograder/bridge/config.py": "feedback is always generated with force",
        "tests/bridge/test_end_to_end.py": "test_a_new_comment_is_in_the_next_feedback",
    },
    slow=True,
)
def test_a_new_comment_does_not_reach_feedback(tmp_path):
    """A comment that was written after feedback was generated is not in it when generate_feedback runs again: the
    submission is skipped, with exit code 0. --force writes it."""
    from nbgrader.api import Gradebook

    course = submitted(tmp_path, "assert True")
    nbgrader(course, "autograde", "ps")
    nbgrader(course, "generate_feedback", "ps")
    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        book.find_comment("a", "p", "ps", "ada").manual_comment = "Well done"
        book.db.commit()
    page = course / "feedback/ada/ps/p.html"
    assert nbgrader(course, "generate_feedback", "ps").returncode == 0
    assert "Well done" not in page.read_text()
    nbgrader(course, "generate_feedback", "ps", "--force")
    assert "Well done" in page.read_text()


def outputs(*cells: str) -> list[str]:
    """What nbclient writes into each cell."""
    from nbclient import NotebookClient

    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_name="python3").execute()
    return ["".join(output.get("text", "") for output in cell.outputs) for cell in notebook.cells]


@fact("nbclient", "ipykernel", rests={NOTEBOOK_RUN: "a late output is put into the cell that its parent message names"})
def test_output_of_a_task_of_an_earlier_cell():
    """What an asyncio task prints after its cell has ended is in no cell: the kernel names the earlier cell as its
    origin, and nbclient listens to the running cell only."""
    start = "import asyncio\nasync def late():\n    await asyncio.sleep(0.3)\n    print('late')\n"
    start += "task = asyncio.get_running_loop().create_task(late())"
    assert outputs(start, "await asyncio.sleep(1)") == ["", ""]


@fact("nbclient", "ipykernel", rests={NOTEBOOK_RUN: "output of threads is in the cell that runs"})
def test_output_of_a_thread_of_an_earlier_cell():
    """What a thread prints after its cell has ended is in the cell that runs by then."""
    start = "import threading, time\ndef late():\n    time.sleep(0.3)\n    print('late')\n"
    start += "threading.Thread(target=late).start()"
    assert outputs(start, "time.sleep(1)") == ["", "late\n"]


@fact("jupytext", rests={PAIRING: "a sprint's text is a percent script, and strings in it may hold such lines"})
def test_a_cell_marker_in_a_string():
    """jupytext leaves a line `# %%` in a triple-quoted string alone, but splits the cell at one in a plain string that
    goes on after a backslash. It is often said that any string is cut; this version cuts only these."""
    import jupytext

    def cells(text):
        return len(jupytext.reads(text, fmt="py:percent").cells)

    assert cells('x = """\n# %% one\n"""\n') == 1
    assert cells('x = "one\\\n# %% two\\\nthree"\n') == 2


@fact("jupytext", rests={PAIRING: "scripts are read with comment_magics off"})
def test_a_comment_that_becomes_code():
    """jupytext takes a comment in a script that begins with the name of a command, such as copy, cat or ls, for a
    command of IPython, and makes it code in the notebook: "# copy the data" is then a SyntaxError. comment_magics=False
    keeps it."""
    import jupytext

    text = "# %%\n# copy the data\nx = 1\n"
    percent = {"extension": ".py", "format_name": "percent"}
    (by_default,) = jupytext.reads(text, fmt=percent).cells
    (switched_off,) = jupytext.reads(text, fmt={**percent, "comment_magics": False}).cells
    assert by_default.source == "copy the data\nx = 1"
    assert switched_off.source == "# copy the data\nx = 1"


@fact(
    "pytest",
    rests={
        PLUGIN: "filterwarnings = error makes such a test fail",
        "docs/grading-contract.md": "a warning in a test is no pass",
    },
    slow=True,
)
def test_a_test_that_returns_false(tmp_path):
    """A test that returns False passes in pytest 9, with a warning; where warnings are errors it fails."""
    (tmp_path / "test_it.py").write_text("def test_it():\n    return 1 == 2\n")

    def run(*arguments):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, str(tmp_path)]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).returncode

    assert run() == 0
    assert run("-W", "error") == 1
