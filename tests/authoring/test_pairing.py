"""Are the script and the notebook of a sprint one text?"""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest

from autograder.authoring.pairing import ROOT, build, is_in_sync, notebook_path, script_path, sync
from autograder.course.sprint import find_sprint, graders_folder
from autograder.environments import environment_of
from autograder.notebook.cells import is_written_answer

SPRINTS = sorted(path.parent.name for path in (ROOT / "reference").glob("*/*.py") if path.stem == path.parent.name)

SCRIPT = """\
# ---
# jupyter:
#   jupytext:
#     formats: source///ipynb,reference///py:percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["lang-en"]
# Twice two

# %% nbgrader={"grade": false, "grade_id": "given", "locked": true, "solution": false}
# copy the numbers, and no more
numbers = list(range(3))

# %% nbgrader={"grade": false, "grade_id": "solve_double", "locked": false, "solution": true}
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% tags=["active-ipynb"]
# # twice is enough
# double(2)

# %% tags=["active-ipynb"]
# # twice is enough
# double(2)
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder with one small sprint's script, and no notebook yet."""
    path = script_path("small", tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text(SCRIPT)
    return tmp_path


def test_a_comment_stays_a_comment(course: Path) -> None:
    """Does a line that begins with the name of a command, as jupytext sees it, not become code?"""
    (given,) = (cell for cell in build("small", course).cells if "numbers = " in cell.source)
    assert given.source == "# copy the numbers, and no more\nnumbers = list(range(3))"


@pytest.mark.parametrize("slug", SPRINTS)
def test_the_committed_notebook_is_what_the_script_makes(slug):
    """If not: make release."""
    assert is_in_sync(slug)


@pytest.mark.parametrize("slug", SPRINTS)
def test_the_script_is_what_jupytext_would_write(slug):
    """Does a round trip through Jupyter leave the script as it is, but for the version line?"""
    text = script_path(slug).read_text()
    written = jupytext.writes(jupytext.reads(text, fmt="py:percent"), fmt="py:percent")
    lines = [line for line in written.splitlines() if "jupytext_version" not in line]
    assert lines == text.splitlines()


def in_an_environment_of_its_own(slug: str) -> bool:
    """Whether a sprint's packages are not those of this Python."""
    return environment_of(find_sprint(slug, ROOT)) is not None


@pytest.mark.parametrize("slug", [slug for slug in SPRINTS if not in_an_environment_of_its_own(slug)])
def test_importing_the_reference_only_defines(slug, capsys, monkeypatch):
    """Does the import print nothing, draw nothing and load no data?"""
    import sklearn.datasets

    monkeypatch.setattr(sklearn.datasets, "load_iris", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    importlib.import_module(f"reference.{slug}.{slug}")
    assert capsys.readouterr() == ("", "")


IMPORT = """
import sys
import sklearn.datasets
sklearn.datasets.load_iris = None
sys.modules["matplotlib.pyplot"] = None
import reference.{slug}.{slug}
"""


@pytest.mark.parametrize("slug", list(filter(in_an_environment_of_its_own, SPRINTS)))
def test_importing_the_reference_elsewhere_only_defines(slug):
    """Does it in the sprint's own environment?"""
    environment = environment_of(find_sprint(slug, ROOT))
    if not environment.is_built():
        pytest.skip(environment.lacking())
    command = [environment.interpreter().executable, "-c", IMPORT.format(slug=slug)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("slug", SPRINTS)
def test_every_text_is_there_in_both_languages(slug):
    """Is every English cell directly followed by its Japanese twin?"""
    texts = [cell for cell in build(slug).cells if cell.cell_type == "markdown" and not is_written_answer(cell)]
    tags = [cell.metadata.get("tags", []) for cell in texts]
    assert tags == [["lang-en"], ["lang-ja"]] * (len(tags) // 2)


def needs_gpu(slug: str, cell: str) -> bool:
    """Whether each hidden test of a grade cell needs a GPU."""
    tree = ast.parse((graders_folder() / slug / f"test_{cell}.py").read_text())
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return all("pytest.mark.gpu" in map(ast.unparse, test.decorator_list) for test in tests)


@pytest.mark.parametrize("slug", SPRINTS)
def test_every_task_is_a_solution_cell_and_a_grade_cell(slug):
    """Does each grade cell T come after the solution cell solve_T, with a hint in between nothing but given cells?

    A cell that tests on a GPU what other tasks left behind has none, and an answer that a person grades is both.
    """
    about = [cell.metadata["nbgrader"] for cell in build(slug).cells if "nbgrader" in cell.metadata]
    waiting = None
    for cell in about:
        if cell["solution"] and cell["grade"]:
            assert waiting is None
        elif cell["solution"]:
            assert waiting is None
            waiting = cell["grade_id"]
        elif cell["grade"]:
            assert waiting == f"solve_{cell['grade_id']}" or (waiting is None and needs_gpu(slug, cell["grade_id"]))
            waiting = None
    assert waiting is None


@pytest.mark.parametrize("slug", SPRINTS)
def test_every_task_has_a_hint_in_both_languages(slug):
    """Is there one hint for each task and language?"""
    notebook = build(slug)
    tasks = sum(cell.metadata.get("nbgrader", {}).get("grade", False) for cell in notebook.cells)
    for tag, word in (("lang-en", "**Hint.**"), ("lang-ja", "**ヒント。**")):
        text = "\n".join(cell.source for cell in notebook.cells if tag in cell.metadata.get("tags", []))
        assert text.count(word) == tasks


def test_writing_twice_gives_the_same_bytes(course):
    """Is nothing in the notebook left to chance?"""
    first = sync("small", course).read_bytes()
    assert sync("small", course).read_bytes() == first
    assert is_in_sync("small", course)


def test_a_changed_script_is_noticed(course):
    """Is a notebook that was not made anew out of step?"""
    assert not is_in_sync("small", course)
    sync("small", course)
    script_path("small", course).write_text(SCRIPT.replace("2 * x", "x + x"))
    assert not is_in_sync("small", course)


def test_an_edited_notebook_is_noticed(course):
    """Is a notebook with an output in it out of step?"""
    path = sync("small", course)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[-1].outputs = [nbformat.v4.new_output("stream", text="4\n")]
    nbformat.write(notebook, path)
    assert not is_in_sync("small", course)


def test_cells_keep_their_ids_when_others_come_before_them(course):
    """Does a new cell at the top change no other cell's id?"""
    ids = [cell.id for cell in build("small", course).cells]
    script_path("small", course).write_text(SCRIPT.replace("# %% [mark", "# %%\nnew = 1\n\n# %% [mark", 1))
    assert [cell.id for cell in build("small", course).cells][1:] == ids
    assert len(set(ids)) == len(ids)
    assert "solve_double" in ids


def test_active_cells_are_code_in_the_notebook_and_comments_in_the_script(course):
    """Is a cell that does something run by the notebook only?"""
    notebook = nbformat.read(sync("small", course), as_version=4)
    assert notebook.cells[-1].source == "# twice is enough\ndouble(2)"
    assert not any(isinstance(node, ast.Expr) for node in ast.parse(SCRIPT).body)


def test_the_notebook_says_which_kernel_runs_it_and_nothing_of_this_machine(course):
    """Are versions and other things that differ between machines left out?"""
    notebook = nbformat.read(sync("small", course), as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {"jupytext", "kernelspec", "language_info"}
    assert set(notebook.metadata.jupytext) == {"formats"}
    assert notebook_path("small", course) == course / "source" / "small" / "small.ipynb"
