"""Are variants read as they are meant, and refused in one clear line when they are not?"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.pairing import script_path
from autograder.authoring.variants import Variant, chaffs, fill, parse, reference, wheats
from tests.support.builders import code, graded, notebook, solution

CHAFF = '''\
"""Doubles nothing.

It says so nowhere.

Caught by:
    test_double.py::test_value
    test_double.py::test_zero
"""

# %% solve_double
def double(x):
    return x

# %% solve_half
def half(x):
    return x / 2
'''


@pytest.fixture
def write(tmp_path: Path):
    """Write a variant file and give its path."""

    def to_file(text: str, name: str = "bug.py") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return to_file


def test_a_chaff_is_read(write):
    """Are description, tests and cells those of the file?"""
    variant = parse(write(CHAFF))
    assert variant.name == "bug"
    assert variant.description == "Doubles nothing. It says so nowhere."
    assert variant.caught_by == ("test_double.py::test_value", "test_double.py::test_zero")
    assert variant.cells == {
        "solve_double": "def double(x):\n    return x",
        "solve_half": "def half(x):\n    return x / 2",
    }


def test_a_wheat_names_no_tests(write):
    """Is a docstring without the block one of a right solution?"""
    assert parse(write('"""Adds."""\n\n# %% solve_double\ndouble = lambda x: x + x\n')).caught_by == ()


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (CHAFF, "# %% solve_double\nx = 1\n", "begins with a docstring"),
        ("Doubles nothing.\n\nIt says so nowhere.\n\n", "", "says nothing before"),
        ("    test_double.py::test_value\n    test_double.py::test_zero\n", "", "names no test"),
        ("test_double.py::test_value", "test_value", "'test_value' is not of the form"),
        ("test_double.py::test_zero", "test_double.py::test_value", "is named twice"),
        ("# %% solve_double", "# %%", "must be followed by the grade_id"),
        ("# %% solve_double", "# %% solve double", "must be followed by the grade_id"),
        ("# %% solve_half", "# %% solve_double", "'solve_double' is there twice"),
        ("def half(x):\n    return x / 2\n", "\n", "'solve_half' is empty"),
        ("# %% solve_double\n", "import numpy\n\n# %% solve_double\n", "before the first"),
        ("# %%", "# --", "there is no cell"),
        ("return x / 2", "return x /", "is not Python"),
        ('test_zero\n"""', 'test_zero\n# %% not_a_cell\n"""', "is not of the form"),
    ],
)
def test_a_malformed_file_is_refused_by_name(write, old, new, complaint):
    """Does the one line name the file and say what is wrong?"""
    path = write(CHAFF.replace(old, new))
    with pytest.raises(ValueError, match=complaint) as caught:
        parse(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_cell_line_inside_a_text_is_refused(write):
    """Is a file that would be cut in the middle of a string refused?"""
    path = write('"""Strange."""\nx = """\n# %% solve_double\n"""\n')
    with pytest.raises(ValueError, match="before the first"):
        parse(path)


def test_filling_in_is_what_a_student_does():
    """Do only solution cells change, and only in the copy?"""
    released = notebook(
        code("import math"), solution("solve_double", "raise NotImplementedError()"), graded("double", 1)
    )
    filled = fill(released, Variant("right", "", (), {"solve_double": "double = 2 .__mul__"}))
    assert [cell.source for cell in filled.cells] == ["import math", "double = 2 .__mul__", released.cells[2].source]
    assert released.cells[1].source == "raise NotImplementedError()"
    assert filled.cells[1].metadata == released.cells[1].metadata


def test_later_solutions_win():
    """Does a variant stand on the reference?"""
    released = notebook(solution("solve_double", "..."), solution("solve_half", "..."))
    whole = Variant("reference", "", (), {"solve_double": "a", "solve_half": "b"})
    part = Variant("bug", "", (), {"solve_half": "c"})
    assert [cell.source for cell in fill(released, whole, part).cells] == ["a", "c"]


@pytest.mark.parametrize("name", ["solve_nothing", "double"])
def test_only_what_is_asked_for_can_be_filled_in(name):
    """Is a variant for another notebook, or for a locked cell, an error?"""
    released = notebook(solution("solve_double", "..."), graded("double", 1))
    with pytest.raises(ValueError, match=f"bug: the notebook has no solution cell '{name}'"):
        fill(released, Variant("bug", "", (), {name: "x"}))


def test_the_reference_is_the_script_without_markers(tmp_path):
    """Is every solution cell there, as a student would have written it?"""
    path = script_path("small", tmp_path)
    path.parent.mkdir(parents=True)
    path.write_text(
        "# ---\n# jupyter:\n#   kernelspec:\n#     display_name: Python 3\n#     name: python3\n# ---\n\n"
        '# %% nbgrader={"grade": false, "grade_id": "solve_double", "locked": false, "solution": true}\n'
        "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION\n\n\n# %%\nfour = double(2)\n"
    )
    assert reference("small", tmp_path).cells == {"solve_double": "def double(x):\n    return 2 * x"}


def test_folders_are_read_by_name(write, tmp_path):
    """Are wheats and chaffs sorted, and is a chaff that no test catches refused?"""
    right = '"""Right."""\n# %% solve_double\ndouble = abs\n'
    for name in ("b", "a"):
        write(right, f"reference/small/wheats/{name}.py")
    write(CHAFF, "reference/small/chaffs/bug.py")
    assert [variant.name for variant in wheats("small", tmp_path)] == ["a", "b"]
    assert [variant.name for variant in chaffs("small", tmp_path)] == ["bug"]
    write(right, "reference/small/chaffs/silent.py")
    with pytest.raises(ValueError, match="silent.py: a wrong solution must say"):
        chaffs("small", tmp_path)
