"""Is nobody named in a page for sharing, and no figure shown of fewer than ten students?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.reports.class_report.analysis import ENDS, analyse
from autograder.reports.class_report.anonymous import FEWEST, anonymous
from autograder.reports.class_report.course import course_page, course_report
from autograder.reports.class_report.data import ClassData, Remark, Student
from autograder.reports.class_report.page import sprint_page
from autograder.reports.class_report.tables import report_csv, report_json
from tests.support.class_data import by_scores, by_tests, chaff

COUNTS = ("count", "handed_in", "absent", "counted", "attempted", "graded", "at_zero", "at_full")
TESTS = {"add": ("plus", "minus"), "use": ("once", "twice")}


def the_class() -> ClassData:
    """48 students: 12 share a misconception, 9 another; two share a message with a name in it, 11 one without."""
    rows = ["PFPP"] * 12 + ["PPFP"] * 9 + ["PPPP"] * 20 + ["FFFF"] * 4 + ["TPPP"] * 3
    ids = [f"student{n:02}" for n in range(len(rows))]
    said = {(name, "minus"): "no difference" for name in ids[:11]}
    said |= {(ids[11], "minus"): "wrong", **{(name, "once"): "student07 was here" for name in ids[12:]}}
    data = by_tests(
        dict(zip(ids, rows, strict=True)), TESTS,
        said={(name, test): text for (name, test), text in said.items() if rows[ids.index(name)] != "PPPP"},
        chaffs=[chaff("no_minus", "add/minus", cells=["solve_add"]), chaff("no_once", "use/once", cells=["solve_use"])],
        needs={"timeout": tuple(ids[-3:]), "late": tuple(ids[:12])},
        attempts=dict.fromkeys(ids[:3], (1.0, 2.0)),
        remarks={"no_minus": Remark("see me, student03", tuple(ids[:12]))},
        absent=(Student("gone", "Nobody Seen"),),
        notes=("/home/instructor/x.py: this chaff was left out",),
    )  # fmt: skip
    names = tuple(Student(name, f"Given{n} Family{n}") for n, name in enumerate(ids))
    data.students = names
    return data


def counts(value: Any) -> Iterator[int]:
    """Every number of students in a report's JSON."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in COUNTS and inner is not None:
                yield inner
            yield from counts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from counts(inner)


def test_no_name_and_no_small_cell() -> None:
    data = the_class()
    report = anonymous(analyse(data))
    texts = [sprint_page(report, language) for language in ("en", "ja")]
    texts += [report_json(report), report_csv(report)]
    for text in texts:
        for student in (*data.students, *data.absent):
            for part in (student.id, *student.name.split()):
                assert not re.search(rf"\b{part}\b", text), part
        assert "instructor" not in text
        assert "see me" not in text
    # a 0 would be a statement about all, and stands for none here
    said = list(counts(json.loads(report_json(report))))
    assert said
    assert min(said) >= FEWEST


def test_every_number_in_a_cell_is_of_ten_students_or_more() -> None:
    """Counts in the page are in cells of their own; shares and points are no numbers of students."""
    report = anonymous(analyse(the_class()))
    for task in report.tasks:
        for test in task.tests:
            for end in ENDS:
                count = test.ended[end].count
                assert count is None or count >= FEWEST
                assert test.ended[end].students == ()
    page = sprint_page(report, "en")
    cells = re.findall(r"<td>(\d+) \(\d+ %\)</td>", page)
    assert cells
    assert min(map(int, cells)) >= FEWEST


def test_what_many_share_stays() -> None:
    report = anonymous(analyse(the_class()))
    assert [one.id for one in report.misconceptions] == ["no_minus"]
    assert [one.text for one in report.messages] == ["no difference"]
    assert [need.kind for need in report.needs] == ["late"]
    assert report.spread.mean is not None
    assert report.progress is None


def test_a_message_with_a_name_is_left_out_however_many_got_it() -> None:
    said = {(f"student{n:02}", "plus"): "STUDENT07 says no" for n in range(20)}
    data = by_tests({f"student{n:02}": "F" for n in range(20)}, {"add": ("plus",)}, said=said)
    assert len(analyse(data).messages) == 1
    report = anonymous(analyse(data))
    assert report.messages == ()
    assert [one.message for one in report.candidates] == [""]


def test_a_message_that_few_of_a_large_group_read_is_left_out() -> None:
    said = {(f"student{n:02}", "plus"): "few read this" if n < 3 else f"own {n}" for n in range(20)}
    data = by_tests({f"student{n:02}": "F" for n in range(20)}, {"add": ("plus",)}, said=said)
    assert [one.message for one in analyse(data).candidates] == ["few read this"]
    report = anonymous(analyse(data))
    assert [one.group.count for one in report.candidates] == [20]
    assert "few read this" not in sprint_page(report, "en") + report_json(report)


def test_what_is_left_out_is_not_said_to_be_nothing() -> None:
    """Five share a misconception and three are late: "nobody" would be false."""
    said = {(f"student{n:02}", "minus"): "m" for n in range(5)}
    rows = {f"student{n:02}": "PF" if n < 5 else "FP" if n < 8 else "PP" for n in range(20)}
    chaffs = [chaff("no_minus", "add/minus", cells=["solve_add"])]
    data = by_tests(rows, {"add": ("plus", "minus")}, said=said, chaffs=chaffs, needs={"late": tuple(rows)[:3]})
    page = sprint_page(anonymous(analyse(data)), "en")
    assert "Nobody" not in page
    assert "Nothing waits" not in page
    assert "None.</p>" not in page
    assert page.count("None of ten or more students.") == 4


def test_nine_students_show_nothing() -> None:
    report = anonymous(analyse(by_scores(np.eye(9).tolist())))
    assert (report.handed_in, report.counted, report.spread.mean, report.reliability, report.bins) == (
        None, None, None, None, (),
    )  # fmt: skip
    assert {(task.facility, task.discrimination.value, task.efficiency, task.count) for task in report.tasks} == {
        (None, None, None, None)
    }


def test_fifths_need_ten_students_each() -> None:
    def fifths(students: int) -> list[float | None]:
        data = by_scores([[n % 2, 1, n] for n in range(students)], [1, 1, students])
        return [one.mean for one in anonymous(analyse(data)).tasks[1].fifths]

    assert fifths(49) == [1, 1, 1, 1, None]
    assert fifths(50) == [1] * 5


def test_the_course_for_sharing_has_no_students() -> None:
    small, large = analyse(by_scores([[1], [0]])), analyse(the_class())
    course = course_report([small, large], ["secret: a note"], anonymous=True)
    page = course_page(course, "en", {})
    assert course.lines == ()
    assert "student07" not in page
    assert "secret" not in page
    assert (course.sprints[0].handed_in, course.sprints[0].mean, course.sprints[1].handed_in) == (None, None, 48)
