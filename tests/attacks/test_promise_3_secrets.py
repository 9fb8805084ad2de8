"""Promise 3: expected values and test sources never enter the jail.

The attack searches the kernel's process while hidden tests call it: every byte it can read of its own memory, its
objects, frames, environment, command line and open files. What it searches for is written as a pattern that does not
match itself.
"""

from __future__ import annotations

import sys

import pytest

from autograder.grading.engine import GradedNotebook
from autograder.grading.limits import Limit, Limits
from autograder.grading.probes import Probe
from tests.attacks.sources import SEARCH, SECRETS, pattern
from tests.support import tiny
from tests.support.types import GradeWith

SPY = SEARCH.format(patterns=[pattern(secret) for secret in SECRETS])
LONG = Limits(cell=Limit(5, 30), test=Limit(5, 30))
"""A search of all memory takes its time, and on a loaded machine more of it."""
TELL = "print('FOUND', sorted(FOUND))"


def told(graded: GradedNotebook) -> str:
    """What the last answer cell printed."""
    cells = [c for c in graded.notebook.cells if c.source == TELL]
    return "".join(o.get("text", "") for o in cells[0].outputs)


GRADERS = {"double": tiny.DOUBLE, "box": tiny.BOX}


def test_nothing_hidden_is_in_the_kernels_process(grade_with: GradeWith) -> None:
    graded = grade_with(GRADERS, SPY, "", TELL, limits=LONG)
    assert told(graded) == "FOUND []\n"
    assert {t.outcome for t in tiny.hidden(graded.results)} >= {"passed"}, "the search ran inside the tests"


# with the protections taken out: the search finds what is there


LEAKY = (
    tiny.DOUBLE
    + '''

@probe
def look_at(f):
    """Expects SECRET."""
    # 271828.1828459 is expected
    return f(1.0)


@pytest.mark.points(1)
def test_probe(student):
    """A probe is sent without its docstring and comments."""
    student.run(look_at, student.double)
'''.replace("SECRET", tiny.CANARY)
)


def test_what_stands_around_a_probes_code_stays_here(grade_with: GradeWith, monkeypatch: pytest.MonkeyPatch) -> None:
    graders = {"double": LEAKY.replace("points(1)", "points(0.75)")}
    assert told(grade_with(graders, SPY, "", TELL, limits=LONG)) == "FOUND []\n"

    def with_comment(name: str, source: str) -> Probe:
        return Probe(name, f"# {tiny.CANARY}\n{source}")

    monkeypatch.setattr(sys.modules[Probe.__module__], "Probe", with_comment)
    assert "('memory', 0)" in told(grade_with(graders, SPY, "", TELL, limits=LONG))


def test_an_expected_value_that_is_sent_is_found(grade_with: GradeWith) -> None:
    careless = tiny.DOUBLE.replace(
        "student.double(x), 2 * x", "student.double(EXPECTED[CANARY]) - student.double(0.0), 0"
    )
    assert careless != tiny.DOUBLE
    assert "('memory', 1)" in told(grade_with({"double": careless}, SPY, "", TELL, limits=LONG))


GUARD = """
class Box:
    seen = []
    def __enter__(self): return self
    def __exit__(self, kind, error, trace): self.seen.append(str(error))
    def put(self, number): pass
    def total(self): return 0.0
    def __len__(self): return 0
"""
TELLING = '''
import pytest

@pytest.mark.points(3)
def test_total(student):
    """Texts of assertions may hold what was expected."""
    with student.Box() as box:
        assert box.total() == 1.0, "expected 271828.1828459"
'''


def test_texts_of_failed_asserts_do_not_cross_with_a_with(
    grade_with: GradeWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    from autograder.grading.handles import Handle

    tell = "print('FOUND', Box.seen)"

    def told_of() -> str:
        graded = grade_with({"box": TELLING}, "", GUARD, tell)
        return str([c.outputs for c in graded.notebook.cells if c.source == tell])

    assert "271828" not in told_of()

    def telling(self: Handle, kind: object, error: object, trace: object) -> None:
        self.__session__.perform("", "exit", self, "E", str(error))

    monkeypatch.setattr(Handle, "__exit__", telling)
    assert "271828" in told_of()
