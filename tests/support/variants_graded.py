"""Solutions of the sprints graded by name, for the tests that hold graders to what they claim."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from autograder.audit.audited import REFERENCE, UNSOLVED
from autograder.audit.gradings import Gradings, Job, grading_pool
from autograder.authoring.pairing import ROOT
from autograder.authoring.variants import find_variant, reference
from autograder.course.sprint import find_sprint
from autograder.grading.results import Results

WORKERS = 2
PATIENCE_S = 300
"""Seconds that one solution may take, with its place in the queue; a sprint is graded in a few."""


class NamedGradings:
    """Results of solutions, `define_by_run/chaffs/unbroadcast_missing` say, as they come in."""

    def __init__(self, gradings: dict[str, Gradings], solutions: Iterable[str], seed: str) -> None:
        self._futures = {solution: gradings[_slug(solution)].submit(job_of(solution, seed)) for solution in solutions}

    def __getitem__(self, solution: str) -> Results:
        (results,) = self._futures[solution].result(timeout=PATIENCE_S).values()
        return results


def job_of(solution: str, seed: str) -> Job:
    """What is to be graded under this name."""
    slug, _, name = solution.partition("/")
    solutions = [] if name == UNSOLVED else [_reference(slug)]
    if "/" in name:
        solutions.append(find_variant(slug, name))
    return Job(tuple(solutions), (seed,))


@contextmanager
def gradings(solutions: Iterable[str], seed: str, workers: int = WORKERS) -> Iterator[NamedGradings]:
    """Start to grade these solutions; what nobody waits for any more is not begun.

    ``workers``: each takes a second or two to start, so for a few solutions one is enough.
    """
    names = list(solutions)
    with grading_pool(workers) as pool:
        of_sprint = {slug: Gradings(pool, find_sprint(slug, ROOT)) for slug in set(map(_slug, names))}
        yield NamedGradings(of_sprint, names, seed)


def _slug(solution: str) -> str:
    return solution.partition("/")[0]


_reference = functools.cache(reference)

__all__ = ["REFERENCE", "UNSOLVED", "NamedGradings", "gradings"]
