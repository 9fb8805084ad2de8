"""Are variants read as they are meant, and refused in one clear line when they are not?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.authoring.outline import variant_files
from autograder.authoring.pairing import ROOT, script_path
from autograder.authoring.variants import Variant, chaffs, fill, find_variant, parse, reference, wheats
from autograder.course.sprint import slugs
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

SOLVED = {
    "solve_double": "def double(x):\n    return 2 * x",
    "solve_half": "def half(x):\n    if x is None:\n        return x\n\n    return x / 2",
    "which_way": "The first way.\n\n- It is short.",
}

EDITS = """\
Doubles nothing.

It says so nowhere.

Caught by:
    test_double.py::test_value
    test_double.py::test_zero

# %% solve_double
-    return 2 * x
+    return x

# %% solve_half
     if x is None:
-        return x
+        return 0
@@
-    return x / 2
+    half = x / 2
+
+    return half
"""
SCRIPT = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     name: python3
# ---

# %% nbgrader={"grade": false, "grade_id": "solve_double", "locked": false, "solution": true}
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %%
four = double(2)
"""


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
    variant = parse(write(CHAFF), SOLVED)
    assert variant.name == "bug"
    assert variant.description == "Doubles nothing. It says so nowhere."
    assert variant.caught_by == ("test_double.py::test_value", "test_double.py::test_zero")
    assert variant.cells == {
        "solve_double": "def double(x):\n    return x",
        "solve_half": "def half(x):\n    return x / 2",
    }


def test_a_wheat_names_no_tests(write):
    """Is a docstring without the block one of a right solution?"""
    assert parse(write('"""Adds."""\n\n# %% solve_double\ndouble = lambda x: x + x\n'), SOLVED).caught_by == ()


def test_a_chaff_of_edits_is_read(write):
    """Is it what the whole cells would be, several edits and empty lines included?"""
    variant = parse(write(EDITS, "bug.diff"), SOLVED)
    assert variant.name == "bug"
    assert variant.description == "Doubles nothing. It says so nowhere."
    assert variant.caught_by == ("test_double.py::test_value", "test_double.py::test_zero")
    assert variant.cells == {
        "solve_double": "def double(x):\n    return x",
        "solve_half": "def half(x):\n    if x is None:\n        return 0\n\n    half = x / 2\n\n    return half",
    }


def test_a_written_answer_may_be_edited(write):
    """Does its text stand as it is, no comments and no Python?"""
    edits = " The first way.\n\n-- It is short.\n+- I feel so.\n"
    path = write(f"Says nothing.\n\n# %% [markdown] which_way\n{edits}", "bug.diff")
    assert parse(path, SOLVED).cells == {"which_way": "The first way.\n\n- I feel so."}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (CHAFF, "# %% solve_double\nx = 1\n", "begins with a description, the docstring"),
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
        parse(path, SOLVED)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (EDITS[: EDITS.index("# %%")], "", "begins with a description, the text before the first cell"),
        ("Doubles nothing.\n\nIt says so nowhere.\n\n", "", "says nothing before"),
        ("    test_double.py::test_value\n    test_double.py::test_zero\n", "", "names no test"),
        ("test_double.py::test_zero", "test_double.py::test_value", "is named twice"),
        ("# %% solve_half", "# %% solve_double", "'solve_double' is there twice"),
        ("-    return 2 * x\n+    return x\n", "\n", "'solve_double' is empty"),
        ("# %%", "# --", "there is no cell"),
        ("solve_double", "solve_triple", "no solution cell 'solve_triple': it has solve_double, solve_half, which_way"),
        ("-    return 2 * x", "-    return 3 * x", "'solve_double': the reference has no line 'return 3 * x': copy"),
        ("+    return x\n", "+    return\tx +\n", "'solve_double': line 2 of the edited cell is not Python"),
        ("+    return x\n", "", "'solve_double': line 1 of the edited cell is not Python: expected an indented block"),
    ],
)
def test_a_malformed_file_of_edits_is_refused_by_name(write, old, new, complaint):
    """Does the one line name the file, the cell and what is wrong?"""
    assert old in EDITS
    path = write(EDITS.replace(old, new), "bug.diff")
    with pytest.raises(ValueError, match=re.escape(complaint)) as caught:
        parse(path, SOLVED)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["bug.py", "bug.diff"])
def test_two_files_of_one_name_are_refused(write, name):
    """Would one of them be graded under the other's name?"""
    paths = {"bug.py": write(CHAFF, "bug.py"), "bug.diff": write(EDITS, "bug.diff")}
    (other,) = paths.keys() - {name}
    with pytest.raises(ValueError, match=f"{name}: there is {other} too"):
        parse(paths[name], SOLVED)


def test_a_cell_line_inside_a_text_is_refused(write):
    """Is a file that would be cut in the middle of a string refused?"""
    path = write('"""Strange."""\nx = """\n# %% solve_double\n"""\n')
    with pytest.raises(ValueError, match="before the first"):
        parse(path, SOLVED)


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
    path.write_text(SCRIPT)
    assert reference("small", tmp_path).cells == {"solve_double": "def double(x):\n    return 2 * x"}


def test_folders_are_read_by_name(write, tmp_path):
    """Are wheats and chaffs sorted, whatever their form, and is a chaff that no test catches refused?"""
    right = '"""Right."""\n# %% solve_double\ndouble = abs\n'
    write(SCRIPT, "reference/small/small.py")
    for name in ("b", "a"):
        write(right, f"reference/small/wheats/{name}.py")
    write("", "reference/small/chaffs/__init__.py")
    write(CHAFF, "reference/small/chaffs/bug.py")
    write(EDITS[: EDITS.index("# %% solve_half")], "reference/small/chaffs/another.diff")
    assert [variant.name for variant in wheats("small", tmp_path)] == ["a", "b"]
    assert [variant.name for variant in chaffs("small", tmp_path)] == ["another", "bug"]
    write(right, "reference/small/chaffs/silent.py")
    with pytest.raises(ValueError, match="silent.py: a wrong solution must say"):
        chaffs("small", tmp_path)


def test_one_variant_is_found_by_name(write, tmp_path):
    """Is it found in either form, and missed by name?"""
    write(SCRIPT, "reference/small/small.py")
    write(CHAFF, "reference/small/chaffs/whole.py")
    write(EDITS[: EDITS.index("# %% solve_half")], "reference/small/demo/edited.diff")
    assert find_variant("small", "chaffs/whole", tmp_path).cells["solve_double"] == "def double(x):\n    return x"
    assert find_variant("small", "demo/edited", tmp_path).cells == {"solve_double": "def double(x):\n    return x"}
    with pytest.raises(ValueError, match="chaffs: there is neither edited.py nor edited.diff"):
        find_variant("small", "chaffs/edited", tmp_path)


@pytest.mark.parametrize("slug", slugs())
def test_every_chaff_of_this_course_is_read(slug):
    """Does every file, whole or of edits, change each cell that it names?"""
    solved, found = reference(slug).cells, chaffs(slug)
    folder = ROOT / "reference" / slug / "chaffs"
    assert {path.name for path in folder.iterdir() if path.is_file()} == {path.name for path in variant_files(folder)}
    assert len(found) == len(variant_files(folder)) > 0
    for variant in found:
        for cell, source in variant.cells.items():
            assert source != solved[cell], variant.name
