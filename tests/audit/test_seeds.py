"""Which tests run again with other seeds: those that a wrong solution names, and those of the tasks that it changes."""

from __future__ import annotations

from pathlib import Path

from autograder.audit.seeds import about
from autograder.audit.structure import all_tests
from autograder.authoring.variants import chaffs
from autograder.course.sprint import find_sprint
from autograder.notebook.read import read_release

ROOT = Path(__file__).resolve().parents[2]


def test_what_it_names_runs_with_all_seeds_and_its_task_with_three() -> None:
    sprint = find_sprint("define_by_run", ROOT)
    chaff = next(chaff for chaff in chaffs(sprint.slug, ROOT) if chaff.name == "added_in_place")
    again = about(chaff, read_release(sprint.release), all_tests(sprint))
    assert set(chaff.caught_by) <= set(again)
    assert {again[test] for test in chaff.caught_by} == {19}
    file = chaff.caught_by[0].partition("::")[0]
    others = {test for test in again if test.startswith(file)} - set(chaff.caught_by)
    assert others
    assert {again[test] for test in set(again) - set(chaff.caught_by)} == {2}
    assert len(again) < len(all_tests(sprint))
