"""What a report reads from a sprint's own files: its tasks, the hidden tests' properties, the chaffs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.authoring.outline import outline, variant_files
from autograder.bridge.course_settings import CourseSettings
from autograder.classroom.report.places import link
from autograder.errors import BadInput
from autograder.grading.properties import Property, properties_in
from autograder.notebook.cells import grade_id, is_answer, is_graded, is_task, is_written_answer
from autograder.reports.class_report.data import Chaff, Task


@dataclass(frozen=True)
class SprintFiles:
    """A sprint's own files, read.

    Attributes
    ----------
    tasks
        the tasks in the notebook's order; their points are those of the gradebook
    properties
        the hidden tests' properties, by name in results.json
    chaffs
        the wrong solutions that the instructor described
    texts
        the instructor's texts, whose names are the same for every student
    notes
        what could not be read
    """

    tasks: tuple[Task, ...]
    properties: Mapping[str, Property]
    chaffs: tuple[Chaff, ...]
    texts: tuple[str, ...]
    notes: tuple[str, ...]


def sprint_files(
    settings: CourseSettings,
    sprint: str,
    worth: Mapping[str, float],
    page_folder: Path,
    reference: Path | None = None,
) -> SprintFiles:
    """Read a sprint's own files.

    Parameters
    ----------
    worth
        the points of each cell in the gradebook
    page_folder
        the folder of the page, from which links to chaffs start
    reference
        the folder with the sprints' references and chaffs; that of the course unless given

    Raises
    ------
    BadInput
        when the release cannot be read.
    """
    path = Path(settings.release) / sprint / f"{sprint}.ipynb"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells]
        tasks = tuple(_tasks(cells, worth))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise BadInput(f"{path} cannot be read ({error}): run 'nbgrader generate_assignment {sprint}' first") from None
    properties = properties_in(Path(settings.graders) / sprint)
    texts += [f"{one.title} {one.hint}" for one in properties.values()]
    chaffs, notes = [], []
    for file in variant_files((reference or Path(settings.root) / "reference") / sprint / "chaffs"):
        try:
            said = outline(file)
        except (OSError, ValueError) as error:
            notes.append(f"{error}: this chaff was left out")
            continue
        address = link(page_folder, file.absolute())
        chaffs.append(Chaff(said.name, said.description, frozenset(said.caught_by), said.cells, address))
    return SprintFiles(tasks, properties, tuple(chaffs), tuple(texts), tuple(notes))


def _tasks(cells: list[Mapping[str, Any]], worth: Mapping[str, float]) -> list[Task]:
    """The graded cells, each with the answers since the one before; then what only the gradebook has."""
    found, answers = [], []
    for cell in cells:
        name = grade_id(cell)
        if name and is_answer(cell):
            answers.append(name)
        if name and (is_graded(cell) or is_task(cell)) and name in worth:
            by_hand = is_written_answer(cell) or is_task(cell)
            found.append(Task(name, worth[name], by_hand, tuple(answers)))
            answers = []
    known = {task.id for task in found}
    return found + [Task(name, points) for name, points in sorted(worth.items()) if name not in known]
