"""Does an audit pass what is right, and point out graders that were weakened?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.audit import audit
from autograder.audit.audit import covering, run_audit
from autograder.audit.audited import Audit
from autograder.audit.gradings import grading_pool
from autograder.audit.matrix import always_together, figures, show_audit, write_page
from autograder.audit.mutants import _plain_of_cell
from autograder.audit.promises import LEDGER
from autograder.authoring.variants import Variant
from autograder.course.sprint import Sprint
from autograder.errors import BadInput
from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, Results, TestResult
from autograder.reports.terminal import Console
from tests.support.sprints_made import grader_in, make_sprint, replace, variant, with_a_gradient

FIRST, EMPTY = "test_first_task.py::test_mean_of_all_elements", "test_first_task.py::test_empty_is_refused"
SLIGHTLY_OFF = f"A little too large.\n\nCaught by:\n    {FIRST}\n"
GRADES = audit
OFF = "def mean(x):\n    if not np.size(x):\n        raise ValueError\n    return 1.0001 * float(np.mean(x))\n"


def audited(sprint: Sprint, root: Path, *, fast: bool = True, at_most: int = 0) -> Audit:
    """An audit by one process."""
    return run_audit(sprint, root, fast=fast, at_most=at_most, behaviours=0, workers=1)


def said(audit: Audit) -> str:
    return "\n".join(map(str, audit.findings))


def test_a_new_sprint_passes_the_whole_audit(tmp_path: Path) -> None:
    """Are all figures there, and right?"""
    calls: list[tuple[int, int]] = []
    sprint = make_sprint(tmp_path)
    done = run_audit(
        sprint, tmp_path, at_most=8, behaviours=3, workers=2, progress=lambda n, total, _: calls.append((n, total))
    )
    assert said(done) == ""
    lines = figures(done)
    assert lines[:3] == [
        "right solutions accepted: 2 of 2", "wrong solutions caught: 2 of 2", "hidden tests needed: 2 of 2"
    ]  # fmt: skip
    assert lines[3:5] == [
        "hidden tests with a public example: 2 of 2",
        "examples that show the fault of wrong solutions: 2 of 2 (100.0%)",
    ]
    assert re.fullmatch(r"examples that show the fault of mutants: \d of 8 \(\d+.\d%\)", lines[5])
    assert lines[6] == "promises with a test: 3 of 3; statements that promise nothing: 0"
    assert re.fullmatch(r"trivial solutions without a point: (\d\d) of \1", lines[7])
    assert lines[8:] == [
        "mutants caught: 8 of 8 (100.0%), 0 more are equivalent",
        "behavioural mutants caught: 3 of 3 (100.0%), 0 more are equivalent",
    ]
    assert calls[-1][0] == calls[-1][1] == len(calls)
    assert done.share == 1
    assert len(done.caught) == 11


@pytest.mark.parametrize("gpus", [0, 1])
def test_tests_that_need_a_gpu_wait_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpus: int) -> None:
    """Without a GPU, is nothing asked of them that cannot be known, and is that said? Are they like others with one?"""
    monkeypatch.setenv("AUTOGRADER_GPUS", str(gpus))
    monkeypatch.setattr(audit, "grading_pool", grading_pool)  # one that knows of it
    sprint = make_sprint(tmp_path)
    head = f"def {EMPTY.partition('::')[2]}("
    replace(grader_in(tmp_path), head, f"@pytest.mark.gpu\n{head}")
    done = audited(sprint, tmp_path)
    assert said(done) == ""
    lines = figures(done)
    assert f"hidden tests needed: {1 + gpus} of {1 + gpus}" in lines
    assert f"wrong solutions caught: {1 + gpus} of {1 + gpus}" in lines
    waits = "not proven here: 1 tests that wait for a GPU, and 1 wrong solutions that only they catch"
    assert (waits in lines) == (not gpus)


def test_a_deleted_test_is_pointed_out(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    text = grader_in(tmp_path).read_text()
    grader_in(tmp_path).write_text(text[: text.index("@pytest.mark.points(1)")].replace("points(2)", "points(3)"))
    assert f"names {EMPTY}, which does not exist" in said(audited(sprint, tmp_path))


@pytest.mark.slow
def test_a_wide_tolerance_is_pointed_out(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    variant(tmp_path, "chaffs", "slightly_off", SLIGHTLY_OFF, OFF)
    assert said(audited(sprint, tmp_path, fast=False)) == ""
    replace(grader_in(tmp_path), 'shape}")', 'shape}", rtol=1e-1)')
    found = said(audited(sprint, tmp_path, fast=False))
    assert f"chaffs/slightly_off: {FIRST} is named and does not fail" in found


def test_a_verdict_that_depends_on_the_seed_is_pointed_out(tmp_path: Path) -> None:
    """A wrong solution that a drawn input only sometimes shows, and a right one that is only sometimes refused."""
    sprint = make_sprint(tmp_path)
    replace(grader_in(tmp_path), "for shape in ((5,), (3, 4)):", "for shape in ((5,),):")
    sometimes = OFF.replace("1.0001 * float(np.mean(x))", "float(np.mean(x)) if np.ravel(x)[0] > 0 else 0.0")
    about = f"Wrong where the first is not positive.\n\nCaught by:\n    {FIRST}\n"
    variant(tmp_path, "chaffs", "now_and_then", about, sometimes)
    variant(tmp_path, "wheats", "now_and_then", "Another.", sometimes)
    found = said(audited(sprint, tmp_path))
    for kind, what in (("chaffs", "is named and does not fail"), ("wheats", "refuses what is right")):
        assert re.search(rf"{kind}/now_and_then: {re.escape(FIRST)} {what} with [12] of 3 seeds \(audit \d", found)


def test_what_only_a_second_run_in_one_process_shows_is_no_finding(tmp_path: Path) -> None:
    """A submission's tests run once: what a solution keeps from the run with another seed does not count."""
    sprint = make_sprint(tmp_path)
    tired = (
        "def mean(x, calls=[]):\n    if not np.size(x):\n        raise ValueError\n    calls.append(x)\n"
        "    return float(np.mean(x)) if len(calls) < 6 else 0.0\n"
    )
    variant(tmp_path, "wheats", "tired", "Another.", tired)
    assert said(audited(sprint, tmp_path)) == ""


def test_an_example_that_is_wrong_is_pointed_out(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    replace(grader_in(tmp_path), "gives=3.0", "gives=4.0")
    found = said(audited(sprint, tmp_path))
    assert f"reference: the example of {FIRST} gives 3.0, not 4.0" in found
    assert f"wheats/another_way: the example of {FIRST} gives 3.0, not 4.0" in found


@pytest.mark.slow
def test_an_upstream_gradient_of_ones_is_pointed_out(tmp_path: Path) -> None:
    """By the wrong solution that it lets through, and by mutants that survive."""
    sprint = with_a_gradient(tmp_path)
    strong = audited(sprint, tmp_path, fast=False, at_most=20)
    assert (said(strong), strong.share) == ("", 1)
    replace(grader_in(tmp_path), "rng.normal(size=4), rng.normal(size=4)", "rng.normal(size=4), np.ones(4)")
    weak = audited(sprint, tmp_path, fast=False, at_most=20)
    assert "chaffs/upstream_ignored: test_first_task.py::test_gradient is named and does not fail" in said(weak)
    assert "mutants are not caught" in said(weak)
    assert any("2 * x / g" in mutant.diff for mutant in weak.survivors)


@pytest.mark.slow
def test_a_test_that_refuses_what_is_right_is_pointed_out(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    source = "def mean(x):\n    if not np.size(x):\n        raise ValueError\n    return np.mean(x, keepdims=True)\n"
    variant(tmp_path, "wheats", "keeps_axes", "Another shape.", source)
    assert f"wheats/keeps_axes: {FIRST} refuses what is right" in said(audited(sprint, tmp_path))


def test_a_grader_that_errs_and_one_that_needs_nothing_are_pointed_out(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    replace(grader_in(tmp_path), "    with raises", "    1 / 0\n    with raises")
    assert f"reference: {EMPTY} errs" in said(audited(sprint, tmp_path))


@pytest.mark.slow
def test_a_test_that_everything_passes_is_pointed_out(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    replace(grader_in(tmp_path), "points(2)", "points(1)")
    extra = '@pytest.mark.points(1)\ndef test_exists(student):\n    """There is a mean."""\n    student.mean\n'
    grader_in(tmp_path).write_text(grader_in(tmp_path).read_text() + "\n\n" + extra)
    with (tmp_path / "reference" / sprint.slug / LEDGER).open("a") as file:
        tests = [f"{FIRST.partition('::')[0]}::test_exists"]
        file.write(f'\n[text]\nsum = {{ says = "the sum of its elements", tests = {tests} }}\n')
    found = said(audited(sprint, tmp_path, fast=False))
    assert "test_exists: catches no wrong solution and no mutant" in found
    assert "unsolved: test_first_task.py::test_exists passes" in found


@pytest.mark.slow
def test_a_survivor_that_is_recorded_is_not_asked_again(tmp_path: Path) -> None:
    sprint = with_a_gradient(tmp_path)
    replace(grader_in(tmp_path), "rng.normal(size=4), rng.normal(size=4)", "rng.normal(size=4), np.ones(4)")
    first = audited(sprint, tmp_path, fast=False, at_most=20)
    names = [mutant.name for mutant in first.survivors]
    record = "".join(f'[[mutant]]\nname = "{name}"\nreason = "for the test"\n' for name in names)
    (tmp_path / "reference" / sprint.slug / "equivalent.toml").write_text(record)
    again = audited(sprint, tmp_path, fast=False, at_most=20)
    assert again.survivors == []
    assert f"{len(names)} more are equivalent" in figures(again)[-1]


def test_a_few_solutions_name_every_test() -> None:
    chaffs = [
        Variant(name, "d", tuple(tests), {}) for name, tests in [("a", "xy"), ("b", "x"), ("c", "z"), ("d", "yz")]
    ]
    assert [chaff.name for chaff in covering(chaffs)] in (["a", "c"], ["a", "d"])


def test_a_promise_that_nobody_tests_is_a_finding_beside_the_gradings(tmp_path: Path) -> None:
    sprint = make_sprint(tmp_path)
    with (tmp_path / "reference" / sprint.slug / LEDGER).open("a") as file:
        file.write('\n[text]\nsum = { says = "the sum of its elements", untested = "that it is a sum" }\n')
    done = audited(sprint, tmp_path)
    assert said(done) == "text.sum: no test holds 'the sum of its elements': that it is a sum"
    assert done.right


def test_what_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sprint = with_a_gradient(tmp_path)
    replace(grader_in(tmp_path), "rng.normal(size=4), rng.normal(size=4)", "rng.normal(size=4), np.ones(4)")
    done = audited(sprint, tmp_path, fast=False, at_most=20)
    show_audit(done, Console(soft_wrap=True, highlight=False))
    out = capsys.readouterr().out
    for text in ("equivalent, or a missing test?", "[[mutant]]", "upstream_ignored", "NOTHING", "hidden tests needed"):
        assert text in out
    page = tmp_path / "sub" / "page.html"
    write_page(done, page)
    html = page.read_text()
    assert "upstream_ignored" in html
    assert "<script" not in html
    assert "http" not in html
    assert always_together(done) == []


def test_tests_that_fail_together_are_one_group(tmp_path: Path) -> None:
    def graded(*failed: str) -> Results:
        fell = {name: Outcome.FAILED if name in failed else Outcome.PASSED for name in "abcde"}
        return Results("s", "s", [CellResult("cell", 5, [TestResult(n, "t", out, 0, 1) for n, out in fell.items()])])

    done = Audit(make_sprint(tmp_path), fast=False, tests=list("abcde"))
    done.wrong = {"chaffs/one": graded("a", "c", "d", "b"), "chaffs/two": graded("b", "e")}
    assert always_together(done) == [["a", "c", "d"]]
    done.fast = True
    assert always_together(done) == []


def test_mutants_without_the_library_are_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sprint = make_sprint(tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "cosmic_ray.ast", None)
    _plain_of_cell.cache_clear()  # other tests have had these mutants made
    with pytest.raises(BadInput, match="--fast"):
        audited(sprint, tmp_path, fast=False, at_most=5)
