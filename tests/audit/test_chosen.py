"""Are the solutions that are named graded, and nothing else? Is it said where one is not what it claims to be?"""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.audit import chosen
from autograder.audit.chosen import choose, grade_chosen, show_chosen
from autograder.course.sprint import Sprint
from autograder.errors import BadInput
from tests.support.sprints_made import SLUG, grader_in, make_sprint, replace, variant

GRADES = chosen
FIRST, EMPTY = "test_first_task.py::test_mean_of_all_elements", "test_first_task.py::test_empty_is_refused"
ZERO = "def mean(x):\n    return 0.0\n"


def tried(sprint: Sprint, root: Path, capsys: pytest.CaptureFixture[str], *wanted: str) -> tuple[bool, str]:
    """Whether there are findings, and what is printed."""
    some = choose(sprint, root, wanted)
    found = show_chosen(some, grade_chosen(sprint, root, some, fast=True, workers=1))
    return found, capsys.readouterr().out


def names(sprint: Sprint, root: Path, *wanted: str) -> list[str]:
    return [one.name for one in choose(sprint, root, wanted)]


def test_names_patterns_and_files_mean_each_solution_once(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    variant(tmp_path, "chaffs", "always_zero", f"Zero.\n\nCaught by:\n    {FIRST}\n", ZERO)
    own = str(tmp_path / "reference" / SLUG / "chaffs" / "always_zero.py")
    wanted = ["chaffs/always_zero"]
    assert names(sprint, tmp_path, "always_zero") == names(sprint, tmp_path, "chaffs/always*", own) == wanted
    every = names(sprint, tmp_path, "wheats/*", "chaffs/*")
    assert {name.partition("/")[0] for name in every} == {"wheats", "chaffs"}
    assert len(every) == len(set(every)) > 2


def test_what_each_test_says_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sprint = make_sprint(tmp_path)
    variant(tmp_path, "chaffs", "always_zero", f"Zero.\n\nCaught by:\n    {FIRST}\n    {EMPTY}\n", ZERO)
    found, out = tried(sprint, tmp_path, capsys, "always_zero")
    assert not found
    assert f"{FIRST}  failed" in out
    assert "│ Hint:" in out
    assert "caught by 2 tests" in out
    assert out.endswith("nothing to fix\n")


def test_a_list_that_is_out_of_date_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sprint = make_sprint(tmp_path)
    variant(tmp_path, "chaffs", "always_zero", f"Zero.\n\nCaught by:\n    {FIRST}\n", ZERO)
    variant(tmp_path, "chaffs", "no_list", "Zero.", ZERO)
    found, out = tried(sprint, tmp_path, capsys, "always_zero", "no_list")
    assert found
    assert f"chaffs/always_zero: {EMPTY} fails and is not named" in out
    assert "chaffs/no_list: names no test" in out
    assert f"chaffs/no_list: {FIRST} fails and is not named" in out


def test_a_right_solution_that_is_refused_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sprint = make_sprint(tmp_path)
    variant(tmp_path, "wheats", "not_right", "Another way.", ZERO)
    found, out = tried(sprint, tmp_path, capsys, "wheats/*")
    assert found
    assert f"wheats/not_right: {FIRST} refuses what is right" in out


def test_a_guest_claims_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sprint = make_sprint(tmp_path)
    guest = tmp_path / "guest.py"
    guest.write_text(f'"""From outside."""\n\n# %% solve_first_task\n{ZERO}')
    found, out = tried(sprint, tmp_path, capsys, str(guest))
    assert not found
    assert f"{guest}  0/" in out
    assert "caught by 2 tests" in out


def test_what_cannot_be_graded_is_one_line(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    guest = tmp_path / "guest.py"
    with pytest.raises(BadInput, match=r"^'guess' is no file .* and no right or wrong solution of throw_away$"):
        choose(sprint, tmp_path, ["guess"])
    variant(tmp_path, "chaffs", "always_zero", f"Zero.\n\nCaught by:\n    {FIRST}\n", ZERO)
    with pytest.raises(BadInput, match="is it 'chaffs/always_zero'"):
        choose(sprint, tmp_path, ["allways_zero"])
    for text, said in (
        ('"""Mine."""\n\n# %% solve_second\nx = 1\n', "no solution cell 'solve_second': it has solve_first_task"),
        ('"""Mine."""\n\n# %% solve_first_task\nx = \n', "line 4 is not Python"),
        ("# %% solve_first_task\nx = 1\n", "a variant begins with a description"),
    ):
        guest.write_text(text)
        with pytest.raises(BadInput, match=said) as refused:
            choose(sprint, tmp_path, [str(guest)])
        assert "\n" not in str(refused.value)
        assert str(guest) in str(refused.value)
    replace(tmp_path / "reference" / SLUG / f"{SLUG}.py", "def mean(x", "def mean(y")
    with pytest.raises(BadInput, match=f"run 'autograder release {SLUG}'"):
        choose(sprint, tmp_path, ["always_zero"])


def test_a_grader_that_errs_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sprint = make_sprint(tmp_path)
    replace(
        grader_in(tmp_path),
        "def test_mean_of_all_elements(student, rng):\n",
        "def test_mean_of_all_elements(student, rng):\n    raise KeyError\n",
    )
    found, out = tried(sprint, tmp_path, capsys, "wheats/*")
    assert found
    assert f"{FIRST} errs" in out
