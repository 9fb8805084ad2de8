"""Grading many solutions of the sprints, two at a time, for the tests that hold graders to what they claim."""

from __future__ import annotations

import functools
import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from nbformat import NotebookNode

from autograder.course.notebook_file import read_notebook
from autograder.course.pairing import ROOT
from autograder.course.sanitize import is_graded
from autograder.course.sprint import find_sprint
from autograder.course.variants import fill, parse, reference
from autograder.grading.engine import grade_notebook
from autograder.grading.results import Results
from autograder.jail import sandbox, warm
from autograder.jail.jailed import jailed_kernel
from autograder.jail.kernel import KernelSource, ordinary_kernel

UNSOLVED, REFERENCE = "unsolved", "reference"


def released_with(slug: str, name: str) -> NotebookNode:
    """The released notebook filled in: `name` says with what, as in `chaffs/unbroadcast_missing`.

    Cells after the last task are left out: they earn nothing and take time.
    """
    solutions = [] if name == UNSOLVED else [_reference(slug)]
    if "/" in name:
        solutions.append(parse(ROOT / "reference" / slug / f"{name}.py"))
    notebook = fill(read_notebook(find_sprint(slug, ROOT).release), *solutions)
    while not is_graded(notebook.cells[-1]):
        notebook.cells.pop()
    return notebook


_reference = functools.cache(reference)


def grade_one(solution: str, seed: str) -> Results:
    """The results of one solution, `define_by_run/chaffs/unbroadcast_missing` say, in a jail where there can be one."""
    slug, _, name = solution.partition("/")
    return grade_notebook(released_with(slug, name), find_sprint(slug, ROOT), kernels=_kernels(), seed=seed).results


@functools.cache
def _kernels() -> KernelSource:
    if sandbox.missing():
        return ordinary_kernel
    warm.shared(ahead=1)
    return jailed_kernel


class Gradings:
    """Results of solutions, as they come in."""

    def __init__(self, pool: ProcessPoolExecutor, solutions: Iterable[str], seed: str) -> None:
        self._futures = {solution: pool.submit(grade_one, solution, seed) for solution in solutions}

    def __getitem__(self, solution: str) -> Results:
        return self._futures[solution].result(timeout=300)


@contextmanager
def gradings(solutions: Iterable[str], seed: str) -> Iterator[Gradings]:
    """Start to grade these solutions in two processes; what nobody waits for any more is not begun."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            yield Gradings(pool, solutions, seed)
        finally:
            pool.shutdown(cancel_futures=True)
