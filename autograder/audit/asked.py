"""Gradings in progress, by name: they are asked for, collected, and what seems to hang on the seed is settled alone."""

from __future__ import annotations

from concurrent.futures import Future, as_completed
from dataclasses import replace

from autograder.audit.gradings import BySeed, Gradings, Job
from autograder.audit.seeds import doubtful
from autograder.grading.run import Progress


class Asked:
    """Gradings in progress, by name."""

    def __init__(self, gradings: Gradings) -> None:
        self._gradings = gradings
        self._jobs: dict[str, Job] = {}
        self._futures: dict[Future[BySeed], str] = {}

    def ask(self, name: str, job: Job) -> None:
        """Start a grading."""
        self._jobs[name] = job
        self._futures[self._gradings.submit(job)] = name

    def collect(self, progress: Progress) -> dict[str, BySeed]:
        """Wait for all gradings; return the results by name and seed."""
        results = {}
        for count, future in enumerate(as_completed(self._futures), 1):
            name = self._futures[future]
            results[name] = future.result()
            progress(count, len(self._futures), name)
        return results

    def settle(self, found: dict[str, BySeed], progress: Progress) -> None:
        """Grade alone what seems to hang on the seed, and put these results in place of the others."""
        asked = {
            self._gradings.submit(replace(self._jobs[name], seeds=(seed,), again=None)): name
            for name, by_seed in found.items()
            for seed in doubtful(by_seed)
        }
        for count, future in enumerate(as_completed(asked), 1):
            found[asked[future]].update(future.result())
            progress(len(found) + count, len(found) + len(asked), f"{asked[future]} alone")
