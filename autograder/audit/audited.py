"""The result of an audit: what was graded, what came out, and the figures that follow from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.audit.findings import Finding
from autograder.audit.gradings import caught_by
from autograder.audit.mutants import Mutant
from autograder.audit.promises import Ledger
from autograder.course.sprint import Sprint
from autograder.grading.results import Results

REFERENCE, UNSOLVED = "reference", "unsolved"


@dataclass
class Audit:
    """The result of an audit.

    Attributes
    ----------
    sprint, fast
        the sprint, and whether only the fast part was done
    findings
        the problems found
    right, wrong
        results of right solutions (the reference, wheats) and wrong ones (the unsolved notebook, chaffs), by name
    tests, waiting
        the hidden tests that can be run here, in the order of the notebook; those that wait for a GPU
    unproven
        the names of wrong solutions that only waiting tests would catch
    mutants, caught, slips
        the mutants, for each caught mutant the first test that caught it, and the results of those of single operators
    ledger
        what the text of the tasks promises, and which tests hold it
    trivial
        what each trivial solution of a task earns, by name
    equivalent
        recorded mutants: name → reason
    """

    sprint: Sprint
    fast: bool
    findings: list[Finding] = field(default_factory=list)
    right: dict[str, Results] = field(default_factory=dict)
    wrong: dict[str, Results] = field(default_factory=dict)
    tests: list[str] = field(default_factory=list)
    waiting: frozenset[str] = frozenset()
    unproven: list[str] = field(default_factory=list)
    mutants: list[Mutant] = field(default_factory=list)
    caught: dict[str, str] = field(default_factory=dict)
    slips: dict[str, Results] = field(default_factory=dict)
    trivial: dict[str, float] = field(default_factory=dict)
    equivalent: dict[str, str] = field(default_factory=dict)
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def chaffs(self) -> dict[str, Results]:
        """The results of the wrong solutions but for the unsolved notebook."""
        return {name: graded for name, graded in self.wrong.items() if name != UNSOLVED}

    @property
    def families(self) -> list[Family]:
        """The mutants by family: those of single operators, and the behavioural ones."""
        return [
            Family(what, [mutant for mutant in self.mutants if mutant.behavioural is behavioural], self)
            for what, behavioural in (("mutants", False), ("behavioural mutants", True))
        ]

    @property
    def survivors(self) -> list[Mutant]:
        """Mutants that no test caught and that are not recorded as equivalent."""
        return [m for m in self.mutants if m.name not in self.caught and m.name not in self.equivalent]

    @property
    def share(self) -> float:
        """The share of the non-equivalent mutants that were caught, in the family where it is lower."""
        return min(family.share for family in self.families)

    @property
    def needed(self) -> set[str]:
        """The tests that caught a wrong solution or were the first to catch a mutant."""
        return {test for results in self.wrong.values() for test in caught_by(results)} | set(self.caught.values())


@dataclass(frozen=True)
class Family:
    """The mutants of one family in an audit, with the name of the family."""

    what: str
    mutants: list[Mutant]
    audit: Audit

    @property
    def asked(self) -> int:
        """How many of them do not mean the same as the reference."""
        return sum(mutant.name not in self.audit.equivalent for mutant in self.mutants)

    @property
    def caught(self) -> int:
        """How many a test caught."""
        return sum(mutant.name in self.audit.caught for mutant in self.mutants)

    @property
    def share(self) -> float:
        """The share of the non-equivalent ones that were caught; 1 if there are none."""
        return self.caught / self.asked if self.asked else 1.0

    def __str__(self) -> str:
        """The figures, in one line."""
        same = len(self.mutants) - self.asked
        return f"{self.what} caught: {self.caught} of {self.asked} ({self.share:.1%}), {same} more are equivalent"
