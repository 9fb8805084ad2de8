"""Answers that a person grades: do they wait for that person, and for nothing else?"""

from __future__ import annotations

import importlib
import io
import json
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from rich.console import Console

from autograder.audit.leaks import of_release
from autograder.authoring.pairing import ROOT
from autograder.authoring.variants import fill, parse, reference
from autograder.bridge.language import ANSWER_HERE
from autograder.classroom.standing import Standing, show_standing
from autograder.course.sprint import find_sprint
from autograder.errors import BadInput
from autograder.grading.by_hand import with_answers
from autograder.grading.results import CellResult, Results, TestResult
from autograder.notebook.cells import grade_id
from autograder.notebook.read import read_release
from autograder.reports.gradescope import gradescope
from autograder.reports.markdown import markdown
from autograder.reports.scored import with_scores
from autograder.reports.terminal import show_results
from tests.support.releases import generate

SLUG = "framework_survey"
ANSWERS = {"what_the_chart_says": 4.0, "which_way": 5.0}
PASSED = CellResult("shares", 3.0, [TestResult("test_shares.py::test_all", "It divides.", "passed", 3.0, 3.0)])


@pytest.fixture(scope="module")
def released() -> NotebookNode:
    return read_release(find_sprint(SLUG, ROOT).release)


def answered(released: NotebookNode) -> Results:
    """Results of a notebook in which the first question has been answered."""
    (notebook,) = [fill(released)]
    next(cell for cell in notebook.cells if grade_id(cell) == "what_the_chart_says").source = "14 of 22 use PyTorch."
    return Results(SLUG, SLUG, with_answers([PASSED], notebook))


def test_an_answer_waits_and_none_is_nothing(released: NotebookNode) -> None:
    """Is a written answer open, and one that nobody has written 0, as in nbgrader's gradebook?"""
    _, first, second = answered(released).cells
    assert [(cell.id, cell.max_points, cell.by_hand) for cell in (first, second)] == [
        (name, points, True) for name, points in ANSWERS.items()
    ]
    assert (first.status, first.points, first.tests) == ("pending", 0, ())
    assert (second.status, second.points, second.tests) == ("graded", 0, ())
    assert first.rows[0].message.startswith("Waiting for a person")
    assert second.rows[0].message == "Nothing was written here."


def test_results_are_not_final_and_wait_for_no_machine(released: NotebookNode) -> None:
    """Is the status one of the three there are, and does nobody look for a GPU?"""
    results = answered(released)
    assert (results.score, results.max_score, results.status, results.waiting) == (3, 12, "pending", False)
    assert [cell.id for cell in results.to_read] == ["what_the_chart_says"]
    assert Results.from_json(results.to_json()) == results
    assert Results.from_json(results.to_json().replace('"kind": "written_answer",', "")) == results, (
        "as it was written before"
    )
    outcomes = {test["outcome"] for cell in results.as_dict()["cells"] for test in cell["tests"]}
    assert outcomes == {"passed", "pending", "failed"}


def test_the_results_follow_the_notebook(released: NotebookNode) -> None:
    """Are the cells in the notebook's order, whatever order they were graded in?"""
    cells = [CellResult(name, 3.0) for name in ("two_ways", "tidy")]
    assert [cell.id for cell in with_answers(cells, released)] == ["tidy", "two_ways", *ANSWERS]


def test_everybody_is_told_that_a_person_decides(released: NotebookNode) -> None:
    """Do terminal, summary and Gradescope say how many points wait, and for whom?"""
    console = Console(width=120, record=True, file=io.StringIO())
    show_results(answered(released), console)
    printed = console.export_text()
    said = "Not final: 4 points wait for a person (what_the_chart_says)."
    assert said in printed
    assert "what_the_chart_says  0/4  (a person grades it)" in printed
    assert said in markdown(answered(released))
    assert gradescope(answered(released))["output"] == said
    assert "status" not in gradescope(answered(released))["tests"][1]
    assert "Not final" not in markdown(Results(SLUG, SLUG, [PASSED]))


def test_a_class_is_graded_when_only_answers_are_open() -> None:
    """Is nobody listed as waiting for a GPU whose answers a person has to read?"""
    standing = Standing()
    standing.add("aiko", "pending", False)
    standing.add("bela", "pending", True)
    standing.add("chen", "graded", False)
    assert (standing.graded, standing.pending, standing.to_read) == (["aiko", "chen"], ["bela"], 1)
    console = Console(width=120, record=True, file=io.StringIO())
    show_standing(standing, console)
    printed = console.export_text()
    assert "1 have answers that a person grades" in printed
    assert [line.split()[0] for line in printed.splitlines() if "GPU" in line][-1] == "│"
    assert "aiko" not in printed


def test_the_notebook_keeps_the_answer(released: NotebookNode) -> None:
    """Is no score written into a text cell?"""
    notebook = fill(released, reference(SLUG))
    graded = with_scores(fill(notebook), answered(released), find_sprint(SLUG, ROOT).graders)
    cells = {grade_id(cell): cell for cell in graded.cells}
    assert "outputs" not in cells["which_way"]
    assert cells["which_way"].source == reference(SLUG).cells["which_way"]
    assert cells["shares"].outputs[0].data["text/plain"] == "3.0"
    nbformat.validate(graded)


def test_a_variant_may_write_an_answer(tmp_path: Path, released: NotebookNode) -> None:
    """Is the text in the comments what the student wrote, and does it come into its cell?"""
    path = tmp_path / "short.py"
    path.write_text('"""Short."""\n\n\n# %% [markdown] which_way\n# One line,\n#\n# - and a list.\n')
    variant = parse(path, reference(SLUG).cells)
    assert variant.cells == {"which_way": "One line,\n\n- and a list."}
    notebook = fill(released, reference(SLUG), variant)
    assert next(cell for cell in notebook.cells if grade_id(cell) == "which_way").source == variant.cells["which_way"]


def test_the_minimum_is_of_what_tests_give(tmp_path: Path, released: NotebookNode) -> None:
    """Does `autograder grade --minimum` leave out points that it cannot give?"""
    from typer.testing import CliRunner

    from autograder.cli import app

    notebook = fill(released, reference(SLUG))
    path = tmp_path / f"{SLUG}.ipynb"
    nbformat.write(notebook, path)
    results = tmp_path / "results.json"
    said = CliRunner().invoke(
        app, ["grade", str(path), "--minimum", "100", "--results", str(results), "--sandbox", "preferred"]
    )
    assert said.exit_code == 0, said.output
    assert "29/38  pending" in said.output
    assert "9 points wait for a person (what_the_chart_says, which_way)" in said.output
    document = json.loads(results.read_text())
    assert (document["score"], document["max_score"], document["status"]) == (29, 38, "pending")
    said = CliRunner().invoke(app, ["grade", str(path), "--only", "gpu", "--results", str(results)])
    assert isinstance(said.exception, BadInput)
    assert "no test of 'framework_survey' needs a GPU" in str(said.exception)


@pytest.mark.parametrize("language", ANSWER_HERE)
def test_the_cell_to_write_in_speaks_the_release_s_language(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Does the student find a place to write in their language, and nothing of the instructor's answer?"""
    monkeypatch.setenv("COURSE_LANGUAGE", language)
    generate(SLUG, ROOT, tmp_path)
    path = tmp_path / SLUG / f"{SLUG}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cells = {grade_id(cell): cell.source for cell in notebook.cells}
    assert {cells[name] for name in ANSWERS} == {ANSWER_HERE[language]}
    sprint = replace(find_sprint(SLUG, ROOT), release=path)
    assert [str(finding) for finding in of_release(sprint, ROOT)] == []


def test_a_released_answer_is_a_leak(tmp_path: Path, released: NotebookNode) -> None:
    """Would the audit see a sentence of the instructor's answer in what students get?"""
    path = tmp_path / f"{SLUG}.ipynb"
    notebook = fill(released)
    sentence = reference(SLUG).cells["which_way"].splitlines()[2]
    notebook.cells[0].source += f"\n\n{sentence}"
    nbformat.write(notebook, path)
    found = [str(finding) for finding in of_release(replace(find_sprint(SLUG, ROOT), release=path), ROOT)]
    assert any(sentence in line for line in found)


def test_the_numbers_in_the_rubric_are_those_of_the_sample() -> None:
    """Do 14 of 22 ML engineers and 3 of 15 data engineers use PyTorch, and 16 of 21 data scientists scikit-learn?"""
    survey = importlib.import_module(f"reference.{SLUG}.{SLUG}")
    answers = survey.read(survey.ANSWERS)
    roles, frameworks = list(survey.ROLES), list(survey.FRAMEWORKS)
    counts = survey.count_people(survey.tidy(answers), frameworks, roles)
    people = [[role for role, _ in answers].count(role) for role in (*roles, None)]
    assert people == [15, 21, 22, 2]
    asked = {(framework, role): counts[i, j] for i, framework in enumerate(frameworks) for j, role in enumerate(roles)}
    assert (asked["PyTorch", "ML engineer"], asked["PyTorch", "data engineer"]) == (14, 3)
    assert asked["scikit-learn", "data scientist"] == 16
