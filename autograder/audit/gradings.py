"""Grades many solutions of a sprint in parallel, each in its own jail if this machine supports one."""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import wait

import nbformat
from nbformat import NotebookNode

from autograder.authoring.variants import Variant, fill
from autograder.course.sprint import Sprint
from autograder.environments import Environment, environment_of
from autograder.grading.conditions import Conditions
from autograder.grading.engine import grade_notebook
from autograder.grading.results import Results
from autograder.grading.selection import Selection
from autograder.jail import warm
from autograder.jail.gpus import gpu_count
from autograder.jail.lane import Lane, lane_for
from autograder.jail.preload import default_preload
from autograder.notebook.cells import cells_with_tests, grade_id, is_graded
from autograder.notebook.read import read_release

BySeed = dict[str, Results]
"""The results of one solution by seed, in the order of the job's seeds."""


@dataclass(frozen=True)
class Job:
    """One solution to grade, or the unsolved notebook.

    Attributes
    ----------
    solutions
        the solutions to fill in; later ones overwrite earlier ones
    seeds
        the course's seeds for this grading; the cells run once
    again
        with how many seeds more than the first a test runs if it draws random inputs, by its name; None means all
    shuffle
        a number that determines the order of the tests within a cell; None keeps their order
    stop_at_first
        whether to stop after the first hidden test that fails
    only_changed
        whether to skip the tests of cells before the first cell in which the filled notebook differs from one with
        ``solutions[0]`` only: these tests would see the same as there
    only_task
        run only the tests of this grade cell; "" means all
    bare
        whether to keep only code cells with a grade_id; this drops demonstrations, which a student may delete
    every_example
        whether to run the examples of tests that pass, too
    """

    solutions: tuple[Variant, ...]
    seeds: tuple[str, ...]
    again: Mapping[str, int] | None = None
    shuffle: int | None = None
    stop_at_first: bool = False
    only_changed: bool = False
    only_task: str = ""
    bare: bool = False
    every_example: bool = False


def filled(sprint: Sprint, *solutions: Variant, bare: bool = False) -> NotebookNode:
    """The released notebook filled in. Cells after the last graded cell are left out: they give no points."""
    notebook = fill(_released(sprint), *solutions)
    while not is_graded(notebook.cells[-1]):
        notebook.cells.pop()
    if bare:
        notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code" and grade_id(cell) is not None]
    return notebook


def first_difference(one: NotebookNode, other: NotebookNode) -> int:
    """The index of the first cell that differs between two fillings of one notebook; 0 if they are the same."""
    pairs = zip(one.cells, other.cells, strict=True)
    return next((place for place, (a, b) in enumerate(pairs) if a.source != b.source), 0)


class Gradings:
    """Grades solutions of one sprint in a pool of processes."""

    def __init__(self, pool: ProcessPoolExecutor, sprint: Sprint) -> None:
        self._pool = pool
        self._sprint = sprint

    def submit(self, job: Job) -> Future[BySeed]:
        """Put a solution into the queue of the pool."""
        notebook, plain = (filled(self._sprint, *which, bare=job.bare) for which in (job.solutions, job.solutions[:1]))
        place = first_difference(notebook, plain) if job.only_changed else 0
        selection = Selection(from_place=place, shuffle=job.shuffle, stop_at_first=job.stop_at_first)
        selection = replace(selection, every_example=job.every_example, seeds=job.seeds[1:], again=job.again)
        if job.only_task:
            place = cells_with_tests(notebook)[job.only_task]
            selection = replace(selection, from_place=place, to_place=place)
        return self._pool.submit(_grade, self._sprint, nbformat.writes(notebook), job.seeds[0], selection)


@contextmanager
def grading_pool(workers: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """Processes to grade in, by default one per core this process may use; unstarted jobs are cancelled at the end.

    They share a warm process.
    """
    count = workers or len(os.sched_getaffinity(0))
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, mp_context=spawn, initializer=_end_with_parent)
    with warm.lent_to_children(), pool:
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """End this process when the one that made the pool is gone: killed, it leaves a queue that we would go on with."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def caught_by(results: Results) -> frozenset[str]:
    """The names of the hidden tests that call this solution wrong."""
    return frozenset(test.name for test in results.tests if test.max_points and test.outcome.students_fault)


@functools.cache
def _released(sprint: Sprint) -> NotebookNode:
    return read_release(sprint.release)


def _grade(sprint: Sprint, text: str, seed: str, selection: Selection) -> BySeed:
    """Grade in a process of the pool; tests that need a GPU run in a separate lane if there is a GPU."""
    notebook = nbformat.reads(text, as_version=4)
    environment = environment_of(sprint)
    conditions = Conditions(_lane(environment), seed, selection=selection)
    found = _by_seed(notebook, sprint, conditions)
    with_gpu = _lane(environment, gpu=True) if found[seed].waiting and gpu_count() else None
    if with_gpu is None:
        return found
    conditions = replace(conditions, lane=with_gpu, selection=replace(selection, only_gpu=True))
    later = _by_seed(notebook, sprint, conditions)
    return {one: results.merged(later[one]) for one, results in found.items()}


def _by_seed(notebook: NotebookNode, sprint: Sprint, conditions: Conditions) -> BySeed:
    graded = grade_notebook(notebook, sprint, conditions)
    return {conditions.seed: graded.results, **graded.by_seed}


@functools.cache
def _lane(environment: Environment | None, gpu: bool = False) -> Lane:
    """The lane for all solutions; it preloads all default imports: a solution may import more than the reference."""
    return lane_for("preferred", ahead=1, gpu=gpu, environment=environment, preload=default_preload())
