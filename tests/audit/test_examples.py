"""Does an audit check public examples by right and by wrong solutions?"""

from __future__ import annotations

from autograder.audit.examples import Explained, of_examples, with_example
from autograder.grading.results import CellResult, Results, TestResult
from autograder.grading.shown import ShownExample

RIGHT, WRONG = ShownExample("f(1)", "2", "2", right=True), ShownExample("f(1)", "2", "3", right=False)


def results(**examples: ShownExample | None) -> Results:
    """Results of one cell: tests that failed, with their examples."""
    tests = [TestResult(name, "", "failed", 0, 1, "", 0, shown) for name, shown in examples.items()]  # type: ignore[arg-type]
    return Results("s", "n", [CellResult("c", len(tests), tests)])


def test_a_right_solution_gives_what_is_expected() -> None:
    found = list(of_examples({"reference": results(a=WRONG, b=RIGHT, c=None)}, {}, {}))
    assert [str(finding) for finding in found] == ["reference: the example of a gives 3, not 2"]
    assert with_example(results(a=WRONG, b=RIGHT, c=None)) == {"a", "b"}


def test_an_example_that_never_shows_the_fault() -> None:
    wrong = {"one": results(a=RIGHT, b=WRONG), "other": results(a=RIGHT, b=WRONG, c=WRONG)}
    found = list(of_examples({}, wrong, {}))
    assert [str(finding) for finding in found] == [
        "a: its example passes in all 2 wrong solutions that it catches: take another"
    ]
    assert str(Explained.by(wrong)) == "3 of 5 (60.0%)"


def test_too_few_show_the_fault() -> None:
    """Of ordinary slips: a wrong solution may be wrong in a rare case only, which no example may give away."""
    wrong = {"one": results(a=RIGHT, b=RIGHT), "other": results(a=WRONG, b=RIGHT), "third": results(b=WRONG)}
    assert [str(finding) for finding in of_examples({}, wrong, {})] == []
    found = [str(finding) for finding in of_examples({}, {}, wrong)]
    assert found == ["examples: too few show the fault of a mutant: 2 of 5 (40.0%)"]
