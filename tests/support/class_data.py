"""Small classes for the tests of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.grading.outcome import Outcome
from autograder.reports.class_report.data import (
    CODES,
    NO_MESSAGE,
    NO_TEST,
    Chaff,
    ClassData,
    Message,
    Student,
    Task,
    Test,
)

NAN = float("nan")
LETTERS = {"P": Outcome.PASSED, "F": Outcome.FAILED, "E": Outcome.ERROR, "T": Outcome.TIMEOUT, "C": Outcome.CRASHED,
           "W": Outcome.PENDING, "B": Outcome.BROKEN}  # fmt: skip


def by_scores(scores: Sequence[Sequence[float]], maxima: Sequence[float] | None = None, **more: Any) -> ClassData:
    """A class by its points: a row for each student, a column for each task; nan for what is not final."""
    table = np.array(scores, dtype=float).reshape(len(scores), -1 if scores else len(maxima or ()))
    tasks = tuple(Task(f"task{n}", maximum) for n, maximum in enumerate(maxima or [1.0] * table.shape[1], 1))
    students = tuple(Student(f"s{n:03}", f"Name {n:03}") for n in range(len(scores)))
    no_tests = np.zeros((len(scores), 0))
    about: dict[str, Any] = {
        "sprint": "tiny", "tasks": tasks, "tests": (), "students": students, "scores": table,
        "attempted": np.ones_like(table, dtype=bool), "by_person": np.zeros_like(table, dtype=bool),
        "outcomes": no_tests.astype(np.uint8), "seconds": no_tests.astype(np.float32),
        "said": no_tests.astype(np.int32),
    }  # fmt: skip
    return ClassData(**about | more)


def by_tests(
    students: Mapping[str, str],
    tests: Mapping[str, Sequence[str]],
    *,
    said: Mapping[tuple[str, str], str] | None = None,
    attempted: Mapping[str, Sequence[bool]] | None = None,
    chaffs: Sequence[Chaff] = (),
    **more: Any,
) -> ClassData:
    """A class by how its tests ended.

    Parameters
    ----------
    students
        for each student a letter for each test, in order: P, F, E, T, C, W (pending), B (broken), or - for none
    tests
        the names of each task's tests, each worth a point
    said
        messages, by student and name of the test
    """
    names = [(task, f"test_{task}.py::test_{name}") for task, all_of in tests.items() for name in all_of]
    outcomes = np.array(
        [[CODES[LETTERS[letter]] if letter in LETTERS else NO_TEST for letter in row] for row in students.values()],
        dtype=np.uint8,
    ).reshape(len(students), len(names))
    texts = sorted(set((said or {}).values()))
    numbers = np.full(outcomes.shape, NO_MESSAGE, dtype=np.int32)
    for (student, name), text in (said or {}).items():
        column = next(n for n, (_, full) in enumerate(names) if full.endswith(f"::test_{name}"))
        numbers[list(students).index(student), column] = texts.index(text)
    tasks = tuple(Task(task, float(len(all_of)), False, (f"solve_{task}",)) for task, all_of in tests.items())
    scores = np.zeros((len(students), len(tasks)))
    for place, task in enumerate(tasks):
        columns = [n for n, (of, _) in enumerate(names) if of == task.id]
        open_ = np.isin(outcomes[:, columns], [CODES[Outcome.PENDING], CODES[Outcome.BROKEN]]).any(axis=1)
        scores[:, place] = np.where(open_, NAN, (outcomes[:, columns] == CODES[Outcome.PASSED]).sum(axis=1))
    tried = [(attempted or {}).get(name, [True] * len(tasks)) for name in students]
    about: dict[str, Any] = {
        "sprint": "tiny",
        "tasks": tasks,
        "tests": tuple(Test(full, task, f"Property {full}", "a hint", 1.0) for task, full in names),
        "students": tuple(Student(name) for name in students),
        "scores": scores,
        "attempted": np.array(tried, dtype=bool).reshape(len(students), len(tasks)),
        "by_person": np.zeros(scores.shape, dtype=bool),
        "outcomes": outcomes,
        "seconds": np.full(outcomes.shape, 0.5, dtype=np.float32),
        "said": numbers,
        "messages": tuple(Message(text, text) for text in texts),
        "chaffs": tuple(chaffs),
    }
    return ClassData(**about | more)


def chaff(name: str, *caught_by: str, cells: Sequence[str] = ()) -> Chaff:
    """A chaff; its tests are given as ``task/name``."""
    full = {f"test_{task}.py::test_{test}" for task, test in (one.split("/") for one in caught_by)}
    return Chaff(name, f"What is wrong with {name}.", frozenset(full), tuple(cells))


def shuffled(data: ClassData, places: Sequence[int]) -> ClassData:
    """The same class with its students in another order."""
    rows = list(places)
    tables = ("scores", "attempted", "by_person", "outcomes", "seconds", "said")
    kept = {name: value for name, value in vars(data).items() if name not in (*tables, "students")}
    students = tuple(data.students[place] for place in rows)
    return ClassData(**kept, students=students, **{name: getattr(data, name)[rows] for name in tables})
