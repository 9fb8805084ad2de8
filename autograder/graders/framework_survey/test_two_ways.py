"""Hidden tests of task 8: what holds for which way, three statements at a time."""

import pytest

from autograder.graders.framework_survey.oracles import check_dict
from autograder.grading import check, is_a

RUN, GRAPH, BOTH, NEITHER = (True, False), (False, True), (True, True), (False, False)
HOLDS = {
    "built_first": GRAPH, "recorded_anew": RUN, "fed_later": GRAPH,
    "python_decides": RUN, "debugger_sees_numbers": RUN, "optimized_whole": GRAPH,
    "chain_rule": BOTH, "by_hand": NEITHER,
}  # fmt: skip


def check_statements(student, *keys):
    """Check some of the answers; which of them is wrong is not said, as there are only four answers to each."""
    got = check_dict(student.two_ways(), "the result", HOLDS)
    said = {key: got[key] for key in keys}
    check(all(is_a(pair, tuple, list) and len(pair) == 2 and all(is_a(one, bool) for one in pair)
              for pair in said.values()), "each answer must be two bools", got=said)  # fmt: skip
    right = all(tuple(said[key]) == HOLDS[key] for key in keys)
    check(right, f"the answers to {', '.join(keys)} must all be right; at least one is not")


@pytest.mark.points(1)
def test_when_the_graph_is_built(student):
    """It is known when each way builds its graph, and when it gets its numbers.

    Hint: in which of the two programs is y a number as soon as its line has run?
    """
    check_statements(student, "built_first", "recorded_anew", "fed_later")


@pytest.mark.points(1)
def test_what_follows_for_a_program(student):
    """It is known what each way means for Python's if, for a debugger, and for saving the whole.

    Hint: what could an if look at while a graph is only written down? And what is there to save before anything ran?
    """
    check_statements(student, "python_decides", "debugger_sees_numbers", "optimized_whole")


@pytest.mark.points(1)
def test_what_both_have(student):
    """It is known how each way comes by its gradients.

    Hint: both have a graph in the end. What is a graph recorded for?
    """
    check_statements(student, "chain_rule", "by_hand")
