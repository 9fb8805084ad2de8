"""Does one comment reach everybody in a group and nobody else, and can it be replaced and taken back?"""

from __future__ import annotations

import fcntl
import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.bridge.group_comment import without
from tests.support.classes import autograde, hand_in
from tests.support.courses import NOTEBOOK, SLUG, command
from tests.support.types import Command

SAME = "def double(x): return 2 * x or 1"


def comments(course: Path) -> dict[str, str | None]:
    """The instructor's comment on the answer to `double`, by student."""
    with Gradebook(f"sqlite:///{course}/course/gradebook.db") as gradebook:
        students = [one.student_id for one in gradebook.assignment_submissions(SLUG)]
        return {
            name: gradebook.find_comment("solve_double", SLUG, SLUG, name).manual_comment for name in sorted(students)
        }


def write(course: Path, student: str, text: str) -> None:
    """Write a comment as the formgrader does."""
    with Gradebook(f"sqlite:///{course}/course/gradebook.db") as gradebook:
        gradebook.find_comment("solve_double", SLUG, SLUG, student).manual_comment = text
        gradebook.db.commit()


def comment(autograder: Command, *arguments: object, signature: str = "nothing_is_one") -> str:
    status, out, err = autograder("comment", SLUG, "--signature", signature, *arguments)
    assert status == 0, err
    return out


def test_everybody_in_the_group_and_nobody_else_has_it(course: Path, autograder: Command) -> None:
    out = comment(autograder, "Nothing is 0: `or` takes the other one.")
    assert out.splitlines()[0] == "given to 1: wrong"
    assert "generate_feedback" in out
    assert comments(course) == {
        "ada": None, "missing": None, "noisy": None, "wrong": "Nothing is 0: `or` takes the other one.",
    }  # fmt: skip


def test_it_stands_below_what_the_instructor_wrote(course: Path, autograder: Command) -> None:
    write(course, "wrong", "Well tried.")
    comment(autograder, "One.")
    assert comments(course)["wrong"] == "Well tried.\n\nOne."
    comment(autograder, "One.")
    assert comments(course)["wrong"] == "Well tried.\n\nOne."
    comment(autograder, "Two.")
    assert comments(course)["wrong"] == "Well tried.\n\nTwo."
    out = comment(autograder, "--take-back")
    assert out.splitlines()[0] == "taken from 1: wrong"
    assert comments(course)["wrong"] == "Well tried."


def test_taken_back_alone_leaves_no_comment(course: Path, autograder: Command) -> None:
    comment(autograder, "One.")
    comment(autograder, "--take-back")
    assert comments(course)["wrong"] is None
    status, _, err = autograder("comment", SLUG, "--signature", "nothing_is_one", "--take-back")
    assert (status, err.count("\n")) == (2, 1)
    assert "there is no comment" in err


def test_a_comment_edited_by_hand_stays_and_is_named(course: Path, autograder: Command) -> None:
    comment(autograder, "One.")
    write(course, "wrong", "Another text.")
    assert "edited by hand and left alone for 1: wrong" in comment(autograder, "--take-back")
    assert comments(course)["wrong"] == "Another text."


def test_a_comment_edited_by_hand_gets_no_later_text(course: Path, autograder: Command) -> None:
    for mine in ("Another text.", "I say: One."):
        write(course, "wrong", "")
        comment(autograder, "One.")
        write(course, "wrong", mine)
        out = comment(autograder, "Two.")
        assert out.splitlines()[0] == "edited by hand and left alone for 1: wrong"
        assert comments(course)["wrong"] == mine
        assert "left alone for 1: wrong" in comment(autograder, "Three.")
        assert comments(course)["wrong"] == mine
        comment(autograder, "--take-back")


def test_a_comment_that_was_emptied_by_hand_is_given_again(course: Path, autograder: Command) -> None:
    comment(autograder, "One.")
    write(course, "wrong", "")
    assert comment(autograder, "Two.").splitlines()[0] == "given to 1: wrong"
    assert comments(course)["wrong"] == "Two."


def test_a_text_that_is_a_part_of_another_comment(course: Path, autograder: Command) -> None:
    write(course, "wrong", "Add a new line.")
    comment(autograder, "a new")
    assert comments(course)["wrong"] == "Add a new line.\n\na new"
    comment(autograder, "--take-back")
    assert comments(course)["wrong"] == "Add a new line."


def test_two_groups_with_the_same_text_are_taken_back_one_by_one(course: Path, autograder: Command) -> None:
    comment(autograder, "Same.")
    path = course / "course" / "report" / "remarks.json"
    remarks = json.loads(path.read_text())
    remarks[SLUG]["other"] = remarks[SLUG]["nothing_is_one"]
    path.write_text(json.dumps(remarks))
    comment(autograder, "--take-back")
    assert comments(course)["wrong"] == "Same."
    comment(autograder, "--take-back", signature="other")
    assert comments(course)["wrong"] is None


def test_escape_sequences_do_not_reach_the_gradebook(course: Path, autograder: Command) -> None:
    comment(autograder, "One \x1b[31mred\x1b[0m\nword\u202e.")
    assert comments(course)["wrong"] == "One red\nword."


def test_it_is_read_from_a_file_and_shown_in_the_report(course: Path, autograder: Command, tmp_path: Path) -> None:
    (tmp_path / "remark.txt").write_text("二行の\nコメント。\n")
    comment(autograder, "--file", tmp_path / "remark.txt")
    assert comments(course)["wrong"] == "二行の\nコメント。"
    autograder("report", SLUG)
    page = (course / "course" / "report" / f"{SLUG}.html").read_text()
    assert "<blockquote>二行の\nコメント。</blockquote>" in page
    assert "--signature nothing_is_one" not in page


def test_the_ids_are_listed(course: Path, autograder: Command) -> None:
    status, out, _ = autograder("comment", SLUG)
    assert status == 0
    assert "nothing_is_one  1 student  Nothing is not doubled: it becomes one." in out.splitlines()
    comment(autograder, "One.")
    assert "1 student  [commented]" in autograder("comment", SLUG)[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("text",), "whom is it for"),
        (("--signature", "nothing_is_one"), "give one of these"),
        (("--signature", "nothing_is_one", "a", "--take-back"), "give one of these"),
        (("--signature", "nothing_is_one", " "), "1 to 4,000 characters"),
        (("--signature", "nothing_is_one", "x" * 4_001), "1 to 4,000 characters"),
        (("--signature", "nobody_has_this", "a"), "share 'nobody_has_this': 'autograder comment doubling' lists ids\n"),
        (("--signature", "nothing_is_on", "a"), "lists ids; is it 'nothing_is_one'?\n"),
        (("--signature", "nothing_is_one", "--file", "/no/such/file"), "cannot be read"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    course: Path, autograder: Command, arguments: tuple[str, ...], says: str
) -> None:
    status, out, err = autograder("comment", SLUG, *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1), err
    assert says in err
    assert set(comments(course).values()) == {None}


def test_remarks_that_cannot_be_read_are_not_lost(course: Path, autograder: Command) -> None:
    comment(autograder, "One.")
    path = course / "course" / "report" / "remarks.json"
    path.write_text("{")
    status, _, err = autograder("comment", SLUG, "--signature", "nothing_is_one", "Two.")
    assert (status, err.count("\n")) == (2, 1)
    assert "remarks.json cannot be read" in err
    assert path.read_text() == "{"
    assert comments(course)["wrong"] == "One."


def test_not_while_a_class_is_being_graded(course: Path, autograder: Command) -> None:
    with (course / "course" / "autograde.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        status, _, err = autograder("comment", SLUG, "--signature", "nothing_is_one", "One.")
    assert (status, comments(course)["wrong"]) == (2, None)
    assert "another run is at work" in err


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("A", ""),
        ("B\n\nA", "B"),
        ("A\n\nB", "B"),
        ("B\n\nA\n\nC", "B\n\nC"),
        ("BA", "BA"),
        ("BA\n\nA", "BA"),
        ("B", "B"),
        ("", ""),
    ],
)
def test_only_the_text_is_taken_out(comment: str, left: str) -> None:
    assert without(comment, "A") == (left, left != comment)


@pytest.mark.slow
def test_it_survives_a_regrade_and_is_in_the_feedback(course: Path, autograder: Command) -> None:
    """Graded again by both commands; then another student makes the same mistake, and it is written again."""
    comment(autograder, "Nothing is nothing.")
    autograde(course, "--force")
    assert comments(course)["wrong"] == "Nothing is nothing."
    command(course, "autograde", SLUG, "--force")
    assert comments(course)["wrong"] == "Nothing is nothing."
    for student in ("wrong", "ada"):
        command(course, "generate_feedback", SLUG, f"--student={student}", "--force")
    pages = {name: course / "course" / "feedback" / name / SLUG / f"{SLUG}.html" for name in ("wrong", "ada")}
    assert "Nothing is nothing." in pages["wrong"].read_text()
    assert "Nothing is nothing." not in pages["ada"].read_text()

    shutil.rmtree(course / "course" / "submitted" / "noisy")
    hand_in(course, "noisy", solve_double=SAME)
    autograde(course)
    autograder("report", SLUG)
    assert "1 of them do not have it yet, 0 who have it" in (course / "course" / "report" / f"{SLUG}.html").read_text()
    assert comment(autograder, "Nothing is nothing.").splitlines()[0] == "given to 2: noisy, wrong"
    assert comments(course)["noisy"] == "Nothing is nothing."


@pytest.mark.slow
def test_what_earlier_submissions_got_is_kept(course: Path, autograder: Command) -> None:
    """A better second submission is progress; grading it again is not."""
    folder = course / "course" / "submitted" / "wrong" / SLUG
    nb = nbformat.read(folder / NOTEBOOK, as_version=4)
    for cell in nb.cells:
        cell.source = cell.source.replace("2 * x or 1", "2 * x")
    nbformat.write(nb, folder / NOTEBOOK)
    (folder / "timestamp.txt").write_text("2026-02-03 15:58:23.948203 UTC")
    autograde(course)
    command(course, "autograde", SLUG, "--student=wrong", "--force")
    lines = (course / "course" / "results" / "wrong" / f"{SLUG}.attempts.jsonl").read_text().splitlines()
    assert [json.loads(line)["points"] for line in lines] == [1.5, 2.0]
