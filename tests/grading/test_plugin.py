"""Is a pytest run over a sprint's hidden tests a grading, from the command line and from Python?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.errors import GradersFault
from autograder.grading.engine import grade_notebook
from autograder.grading.limits import Limit, Limits
from autograder.jail.gpus import gpu_count
from autograder.notebook.rebuild import load_submission
from tests.support import tiny
from tests.support.conditions import conditions
from tests.support.jails import needs_sandbox

Pytest = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    path = tmp_path / "mine.ipynb"
    nbformat.write(tiny.submission(*tiny.ANSWERS), path)
    return path


@pytest.fixture
def run_pytest(installed: Path) -> Pytest:
    """Run pytest in the course's folder, with the plugin and no other."""

    def run(
        *arguments: object, graders: str = "autograder/graders/tiny", sandbox: str = ""
    ) -> subprocess.CompletedProcess[str]:
        plugin = ["--disable-plugin-autoload", "-p", "autograder.grading.plugin"]
        command = [sys.executable, "-m", "pytest", *plugin, graders, *map(str, arguments)]
        kept = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
        env = kept | {"PYTHONPATH": str(installed), "AUTOGRADER_ROOT": str(installed), "AUTOGRADER_SEED": "s"}
        env["AUTOGRADER_SANDBOX"] = sandbox or os.environ.get("AUTOGRADER_SANDBOX", "required")
        return subprocess.run(command, cwd=installed, env=env, capture_output=True, text=True, timeout=120)

    return run


def one_test(body: str = "pass", marks: str = "@pytest.mark.points(1)", name: str = "x") -> str:
    return f"import pytest\n\n\n{marks}\ndef test_{name}(student, rng):\n    '''A title.'''\n    {body}\n"


def said(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr


# the command line


@needs_sandbox
@pytest.mark.parametrize(("sandbox", "status"), [("required", 1), ("off", 0)])
def test_a_notebook_reads_files_of_the_user_only_without_the_sandbox(
    run_pytest: Pytest, tmp_path: Path, sandbox: str, status: int
) -> None:
    """With a twin: the answers are right only where this file can be read."""
    secret, path = tmp_path / "secret", tmp_path / "mine.ipynb"
    secret.write_text("x")
    reads = [f"open({str(secret)!r}).read()\n{answer}" for answer in tiny.ANSWERS]
    nbformat.write(tiny.submission(*reads), path)
    done = run_pytest(f"--submission={path}", sandbox=sandbox)
    assert done.returncode == status, said(done)


def test_an_unknown_policy_is_one_line(run_pytest: Pytest, submission: Path) -> None:
    done = run_pytest(f"--submission={submission}", sandbox="perhaps")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "unknown sandbox policy 'perhaps'" in said(done)
    assert "Traceback" not in said(done)


def test_a_right_notebook_passes_in_notebook_order(run_pytest: Pytest, submission: Path, tmp_path: Path) -> None:
    results, junit = tmp_path / "r.json", tmp_path / "r.xml"
    done = run_pytest(f"--submission={submission}", f"--results={results}", f"--junitxml={junit}", "-v")
    assert done.returncode == 0, said(done)
    document = json.loads(results.read_text())
    assert (document["score"], document["max_score"], document["status"]) == (7.0, 7.0, "graded")
    assert (document["sprint"], document["notebook"]) == ("tiny", "tiny")
    assert [cell["id"] for cell in document["cells"]] == ["double", "box", "subtract"]
    first = document["cells"][0]["tests"]
    assert [test["name"] for test in first] == [
        "test_double.py::public_check",
        "test_double.py::test_numbers",
        "test_double.py::test_arrays",
        "test_double.py::test_strings_are_refused",
    ]
    assert first[1]["title"] == "Numbers are doubled."
    assert sum(test["max_points"] for cell in document["cells"] for test in cell["tests"]) == 7
    cases = ET.parse(junit).getroot().findall(".//testcase")
    assert len(cases) == 9
    assert done.stdout.index("test_double.py") < done.stdout.index("test_box.py")


def test_a_wrong_notebook_fails_and_says_why(run_pytest: Pytest, tmp_path: Path) -> None:
    path, results, junit = tmp_path / "mine.ipynb", tmp_path / "r.json", tmp_path / "r.xml"
    nbformat.write(tiny.submission("def double(x):\n    return x", tiny.BOX_ANSWER), path)
    done = run_pytest(f"--submission={path}", f"--results={results}", f"--junitxml={junit}")
    assert done.returncode == 1
    document = json.loads(results.read_text())
    assert (document["score"], document["status"]) == (3.0, "graded")
    for text in (done.stdout, junit.read_text(), results.read_text()):
        assert "double(x) is wrong; what came back: 1.5" in text
        assert "x + x will do" in text
        assert tiny.CANARY not in text
        assert "assert_close(student" not in text
        assert "271828" not in text
        assert str(tmp_path) not in text.replace(str(junit), "").replace(str(results), "")


def test_chosen_tests_can_be_run_alone(run_pytest: Pytest, submission: Path, tmp_path: Path) -> None:
    results = tmp_path / "r.json"
    one = "autograder/graders/tiny/test_double.py::test_arrays"
    done = run_pytest(f"--submission={submission}", f"--results={results}", graders=one)
    assert done.returncode == 0, said(done)
    names = [t["name"] for c in json.loads(results.read_text())["cells"] for t in c["tests"]]
    assert names == ["test_double.py::public_check", "test_double.py::test_arrays"]


@pytest.mark.parametrize(
    ("slug", "graders", "says"),
    [
        (
            "sum",
            {"subtract": one_test(marks="@pytest.mark.points(3)")},
            "the points add up to 3, the cell 'subtract' has 1",
        ),
        ("free", {"subtract": one_test(marks="")}, "test_x: a hidden test needs @pytest.mark.points"),
        ("minus", {"subtract": one_test(marks="@pytest.mark.points(-1)")}, "n > 0"),
        ("missing", {"nothing": one_test()}, "test_nothing.py: the notebook has no grade cell 'nothing'"),
        ("unknown", {"subtract": one_test(marks="@pytest.mark.point(1)")}, "'point' not found"),
        ("syntax", {"subtract": "def test_x(:"}, "SyntaxError"),
    ],
)
def test_a_mistake_in_the_graders_stops_the_run(tmp_path: Path, slug: str, graders: dict[str, str], says: str) -> None:
    with pytest.raises(GradersFault, match=f"^the hidden tests of {slug} could not be run: [^\n]*$") as caught:
        grade_with(tmp_path, slug, **graders)
    assert says in str(caught.value)


def test_without_a_submission_it_says_what_is_missing(run_pytest: Pytest) -> None:
    done = run_pytest()
    assert done.returncode != 0
    assert "'student' not found" in said(done) or "--submission" in said(done)


def test_a_notebook_that_cannot_be_graded_is_one_line(run_pytest: Pytest, tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    path.write_text("{")
    done = run_pytest(f"--submission={path}")
    assert done.returncode == 4
    assert "broken JSON" in done.stderr
    assert "Traceback" not in said(done)


def test_settings_beside_the_submission_are_never_used(run_pytest: Pytest, tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    nbformat.write(tiny.submission(), path)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:autograder-run\n")
    (tmp_path / "conftest.py").write_text("raise SystemExit(0)")
    results = tmp_path / "r.json"
    done = run_pytest("--submission", path, f"--results={results}")
    assert done.returncode in (1, 4), "graded, or refused for want of a '='"
    assert not results.exists() or json.loads(results.read_text())["score"] == 0


# from Python


def grade_with(tmp_path: Path, slug: str, answer: str = tiny.SUBTRACT_ANSWER, gpu: bool = True, **graders: str) -> Any:
    course = tiny.write_course(tmp_path / slug, slug, graders)
    sprint = tiny.sprint(course, slug)
    path = tmp_path / "mine.ipynb"
    nbformat.write(tiny.submission(*tiny.ANSWERS[:2], answer), path)
    limits = Limits(cell=Limit(2, 12), test=Limit(1, 8))
    return grade_notebook(load_submission(path, sprint), sprint, conditions(limits=limits)).results


def by_name(results: Any) -> dict[str, Any]:
    return {t.name.rpartition("::")[2]: t for t in results.tests}


OUTCOMES = """
import pytest
from autograder.errors import GradersFault, PlatformFault
from autograder.grading import assert_close, check, value

HALF = pytest.mark.points(0.1)


@pytest.mark.points(0.1)
@pytest.mark.gpu
def test_gpu(student):
    '''On a GPU.'''


@HALF
@pytest.mark.parametrize("path", ["a/b", "c d"])
def test_with_slashes(student, path):
    pass


@HALF
def test_grader_fault(student, rng):
    '''A fault of ours.'''
    raise RuntimeError("cAnArY 271828")


@HALF
def test_strange_form(student):
    student.subtract(1, 1).shape


@HALF
def test_library_on_strange_form(student):
    import numpy as np
    np.linalg.inv(student.subtract(1, 1) * np.zeros((2, 2)))


@HALF
def test_before_anything_came(student):
    {}["x"]


@pytest.mark.points(0.05)
def test_overflow(student):
    import numpy as np
    large = np.square(np.float64(student.subtract(1e300, 1)))
    assert_close(large - large, 0.0)


@pytest.mark.points(0.05)
def test_a_flag_is_no_verdict(student):
    import numpy as np
    assert_close(student.subtract(3, 1) / np.float64(0), np.inf)


@HALF
@pytest.mark.timeout(0.3)
def test_timeout(student):
    student.subtract("spin", 1)


@HALF
def test_crash(student):
    student.subtract("die", 1)
"""
ODD_SUBTRACT = """
import os
def subtract(a, b):
    if a == "die":
        os._exit(1)
    while a == "spin":
        pass
    return a - b
"""


def test_every_end_of_a_test_has_its_outcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograder.grading.channel.GRACE_S", 0.5)
    results = grade_with(tmp_path, "outcomes", ODD_SUBTRACT, subtract=OUTCOMES)
    tests = by_name(results)
    assert {name: test.outcome for name, test in tests.items()} == {
        "public_check": "passed",
        "test_gpu": "passed" if gpu_count() else "pending",
        "test_with_slashes[a/b]": "passed",
        "test_with_slashes[c d]": "passed",
        "test_grader_fault": "broken",
        "test_strange_form": "failed",
        "test_library_on_strange_form": "failed",
        "test_before_anything_came": "broken",
        "test_overflow": "failed",
        "test_a_flag_is_no_verdict": "passed",
        "test_timeout": "timeout",
        "test_crash": "crashed",
    }
    assert results.status == "broken"
    assert "cAnArY" not in results.to_json()
    assert "271828" not in results.to_json()
    assert "0.3 s of CPU time" in tests["test_timeout"].message
    assert (
        "another form than the task asks for: reading it raised AttributeError." in tests["test_strange_form"].message
    )
    assert tests["test_overflow"].message.startswith("the result is wrong; what came back: nan")


def test_a_gpu_test_without_a_gpu_is_neither_zero_nor_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRADER_GPUS", "0")
    grader = one_test(marks="@pytest.mark.gpu\n@pytest.mark.points(1)", body="assert False")
    results = grade_with(tmp_path, "gpu", subtract=grader)
    assert (results.score, results.status) == (0, "pending")
    assert by_name(results)["test_x"].outcome == "pending"


def test_two_sprints_with_cells_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    wrong = grade_with(tmp_path, "first", subtract=one_test("assert False, 'the first'"))
    right = grade_with(tmp_path, "second", subtract=one_test())
    assert by_name(wrong)["test_x"].outcome == "failed"
    assert by_name(right)["test_x"].outcome == "passed"


def test_inputs_are_drawn_from_the_seed_and_the_tests_name(tmp_path: Path) -> None:
    body = "assert False, str(rng.integers(1 << 60))"
    halves = "@pytest.mark.points(0.5)"
    grader = one_test(body, halves, "x") + one_test(body, halves, "y").replace("import pytest\n", "")
    draws = []
    for slug in ("draw", "draw2"):
        tests = by_name(grade_with(tmp_path, slug, subtract=grader))
        draws += [tests["test_x"].message, tests["test_y"].message]
    assert len(set(draws)) == 4


def test_a_cell_without_hidden_tests_is_not_graded_here(tmp_path: Path) -> None:
    results = grade_with(tmp_path, "few", subtract=one_test())
    assert [cell.id for cell in results.cells] == ["subtract"]


def test_a_fixture_may_use_the_student_when_it_is_torn_down(tmp_path: Path) -> None:
    """Is the kernel still there for a cell's last test's fixtures?"""
    grader = """
import pytest
from autograder.grading import assert_close


@pytest.fixture
def switched(student):
    yield student
    assert_close(student.subtract(3, 1), 2)


@pytest.mark.points(1)
def test_x(switched):
    '''A title.'''
"""
    assert by_name(grade_with(tmp_path, "torn", subtract=grader))["test_x"].outcome == "passed"
    wrong = grader.replace("subtract(3, 1), 2)", "subtract(3, 1), 3)")
    assert by_name(grade_with(tmp_path, "torn2", subtract=wrong))["test_x"].outcome == "failed"
