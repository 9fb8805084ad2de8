"""The top of a page of feedback: what the gradebook and the results say, before the notebook itself.

It replaces nbgrader's list of grade cells. The tests stand there, under their tasks; the cells in the notebook below
lead to them instead of repeating them.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List, Unicode

from autograder.bridge.hidden import HiddenGraders
from autograder.bridge.late import LatePolicy
from autograder.bridge.late_words import moment
from autograder.bridge.markup import Clean
from autograder.bridge.page_room import level, size
from autograder.course.sprint import Sprint
from autograder.errors import BadInput
from autograder.grading.causes import language
from autograder.grading.results import Results, read_results
from autograder.notebook.cells import grade_id, is_answer, is_graded, is_task, is_tested
from autograder.notebook.read import read_release
from autograder.reports.html import only_scores
from autograder.reports.student_page.page import Lateness, Top, render_top
from autograder.reports.student_page.tasks import GradedCell
from autograder.reports.student_page.words import words
from autograder.text import MAX_TEXT, clean

TOP = "autograder_top"
"""Where the top of a page is in nbconvert's resources."""
PLACE, TASK = "autograder_place", "autograder_task"
"""Where a cell's metadata have its index in the notebook, and the number of its task if the top shows its tests."""
MAX_TOP = 2_000_000
"""Bytes of a page that the top may take, as much as the results in the notebook would."""
MAX_TITLE = 120
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]++(.*)$", re.MULTILINE)
_MARKS = re.compile(r"[*`]|!?\[([^\]\n]*)\]\([^)\n]*\)|[ \t#]+$")


class Overview(NbGraderPreprocessor):
    """Makes the top of a page of feedback, and of no other page."""

    # nbconvert sets it for all steps of a page, and nbgrader's base class takes no setting: each run had a warning
    display_data_priority = List(Unicode()).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Put the top into the resources, and take from the cells what it shows."""
        for place, cell in enumerate(nb.cells):
            cell.metadata.pop(TASK, None)
            cell.metadata[PLACE] = place
        names = resources.get("nbgrader") or {}
        if "student" not in names or "db_url" not in names:
            return nb, resources
        hidden = HiddenGraders.of(self)
        sprint = hidden.sprint_of(resources)
        results = self._results(hidden, sprint, resources)
        zone = str(self.config.Exchange.get("timezone", "UTC"))
        with Gradebook(names["db_url"]) as gradebook:
            submission = gradebook.find_submission(names["assignment"], names["student"])
            book = gradebook.find_submission_notebook(names["notebook"], names["assignment"], names["student"])
            penalty = book.late_submission_penalty or 0.0
            cells = graded_cells(nb, book, _titles(_released(sprint) or nb))
            lateness = lateness_of(submission, book.score, penalty, LatePolicy(parent=self), zone)
        top = Top.of(names["notebook"], cells, nb, results, lateness, penalty)
        html, with_tests = fitted(top)
        resources[TOP] = Clean(html)
        for task in top.tasks:
            if task.tests and with_tests and task.cell.place is not None:
                cell = nb.cells[task.cell.place]
                cell.metadata[TASK] = task.number
                cell.outputs = [output for output in cell.outputs if not _is_score(output)]
        return nb, resources

    def _results(self, hidden: HiddenGraders, sprint: Sprint | None, resources: Any) -> Results | None:
        """The results of a submission; None if there are none, and then the page does without."""
        if sprint is None:
            return None
        try:
            return read_results(hidden.results(resources) / "results.json", sprint.slug)
        except BadInput as error:
            self.log.info("the page has no tests at its top: %s", error)
            return None


def fitted(top: Top) -> tuple[str, bool]:
    """The top as HTML, and whether the tests are in it: messages are cut, or left to the cells."""
    html = render_top(top)
    if size(html) <= MAX_TOP:
        return html, True
    lengths = [len(part) for task in top.tasks for test in task.tests for part in _texts(test.message)]
    html = render_top(top, most=min(MAX_TEXT, level(lengths, MAX_TOP // 8)))
    if size(html) <= MAX_TOP:
        return html, True
    return render_top(top, tests=False), False


def _texts(message: Any) -> list[str]:
    return ["\n".join(part) for part in (message.said, message.called, message.where, message.hint)]


def graded_cells(nb: NotebookNode, book: Any, titles: dict[str, str]) -> list[GradedCell]:
    """The graded cells of a submission's notebook in the gradebook, in the order in which they stand."""
    grades = {grade.name: grade for grade in book.grades}
    comments = {comment.name: comment.comment or "" for comment in book.comments}
    places = {name: place for place, cell in enumerate(nb.cells) if (name := grade_id(cell)) in grades}
    tested = {name for name, place in places.items() if is_tested(nb.cells[place])}
    return [
        GradedCell(
            name=name,
            title=titles.get(name, clean(name, MAX_TITLE)),
            place=places.get(name),
            points=grades[name].score or 0.0,
            max_points=grades[name].max_score or 0.0,
            waits=bool(grades[name].needs_manual_grade) and grades[name].manual_score is None,
            by_hand=name in places and name not in tested,
            decided=grades[name].manual_score is not None,
            comment=comments.get(name, ""),
            answer=_answer(nb, places.get(name)),
        )
        for name in [*sorted(places, key=places.__getitem__), *sorted(grades.keys() - places.keys())]
    ]


def _answer(nb: NotebookNode, place: int | None) -> int | None:
    """The last answer above a tested cell, if no other graded cell stands between them."""
    if place is None or not is_tested(nb.cells[place]):
        return None
    for above in range(place - 1, -1, -1):
        if is_answer(nb.cells[above]) and not is_graded(nb.cells[above]):
            return above
        if is_graded(nb.cells[above]):
            return None
    return None


def lateness_of(submission: Any, score: float, penalty: float, policy: LatePolicy, zone: str) -> Lateness:
    """What the page says about when a submission was handed in."""
    due, came, seconds = submission.duedate, submission.timestamp, submission.total_seconds_late
    if due is None:
        return Lateness(handed_in=moment(came, zone) if came else "")
    said = ""
    if seconds > 0:
        said = policy.in_words(seconds, score, penalty, language())
    elif came:
        said = words()["on_time"]
    handed_in = moment(came, zone) if came else ""
    rule = "" if penalty and not policy.is_cut_off(seconds) else policy.rule(language())  # else the words have it
    return Lateness(handed_in, moment(due, zone), said, rule, late=seconds > 0)


def _titles(nb: NotebookNode) -> dict[str, str]:
    """The headings above the graded cells; a cell that shares its heading with others keeps its name behind it."""
    heading, found = "", {}
    for cell in nb.cells:
        graded = is_graded(cell) or is_task(cell)
        if cell.cell_type == "markdown" and not is_graded(cell):
            headings = _HEADING.findall(cell.source)
            heading = _plain(headings[-1][1]) if headings else heading
        if graded:
            found[grade_id(cell) or ""] = heading
    shared = Counter(found.values())
    return {
        name: title if shared[title] == 1 else f"{title} ({clean(name, MAX_TITLE)})"
        for name, title in found.items()
        if title
    }


def _plain(markdown: str) -> str:
    """A heading without the marks of markdown."""
    return clean(_MARKS.sub(lambda found: found[1] or "", markdown).strip(), MAX_TITLE)


def _released(sprint: Sprint | None) -> NotebookNode | None:
    """The released notebook, whose headings no student has changed."""
    try:
        return read_release(sprint.release) if sprint is not None else None
    except BadInput:
        return None


def _is_score(output: NotebookNode) -> bool:
    html = output.get("data", {}).get("text/html")
    return isinstance(html, str) and only_scores(html)
