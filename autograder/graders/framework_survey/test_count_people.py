"""Hidden tests of task 3: facts made from drawn numbers of people."""

import numpy as np
import pytest

from autograder.graders.framework_survey.oracles import check_used_again, drawn_names
from autograder.grading import assert_close, check, value

MARKS = ["", *" -_/|,;:.+\t\n", "  ", " - ", "__", " / ", "||", " | ", ", ", "::"]


def drawn_facts(rng, frameworks, roles):
    """Facts in no order, but for one about the last framework that comes first; and the counts, all different."""
    counts = rng.permutation(len(frameworks) * len(roles)).reshape(len(frameworks), len(roles)) + 1
    rows = [
        (len(roles) * k + j, role, framework)  # people of role j are j, j + r, j + 2r, ...
        for i, framework in enumerate(frameworks)
        for j, role in enumerate(roles)
        for k in range(counts[i, j])
    ]
    return [rows[-1], *(rows[i] for i in rng.permutation(len(rows) - 1))], counts


def names_within_names(rng):
    """Facts, one about each framework, all of them with the first role; the frameworks; the roles.

    For each mark there are facts whose two names, joined by it, make the same text as two names without a fact.
    """
    p, q = drawn_names(rng, 2)
    before, after, doubled = ([f"{a}{mark}{b}" for mark in MARKS] for a, b in ((p, q), (q, p), (q, q)))
    frameworks = sorted([p, *before, *after])
    return [(person, q, framework) for person, framework in enumerate(frameworks)], frameworks, [q, *sorted(doubled)]


@pytest.mark.points(1)
@pytest.mark.example(
    'rows = [(0, "MLE", "torch"), (1, "MLE", "Keras"), (2, "MLE", "Keras")]\n'
    'count_people(rows, ["Keras", "torch"], ["MLE", "DE"])',
    gives=[[2, 0], [1, 0]],
)
def test_counts(student, rng):
    """Each cell is the number of people of a role who use a framework, in every call; the lists stay as they are.

    Hint: start from zeros in each call, and add one for each fact. rows.sort() changes the list that came in: sorted.
    """
    names = sorted(drawn_names(rng, 8))
    frameworks, roles = names[:5], names[5:]
    rows, counts = drawn_facts(rng, frameworks, roles)
    more = [(1000 + n, roles[1], frameworks[2]) for n in range(300)]  # more than a byte can count
    arguments, others = [rows + more, frameworks, roles], [rows, frameworks, roles]
    first, second = check_used_again(student, student.count_people, arguments, others)
    assert_close(second, counts, what="the counts of a second call")
    counts[2, 1] += 300
    assert_close(first, counts, what="the counts")
    rows, frameworks, roles = names_within_names(rng)
    counts = np.zeros((len(frameworks), len(roles)))
    counts[:, 0] = 1
    got = student.count_people(rows, frameworks, roles)
    assert_close(got, counts, what="the counts where names are parts of other names")


@pytest.mark.points(0.5)
@pytest.mark.example(
    'rows = [(0, "MLE", "Keras"), (1, "MLE", "Keras"), (2, "DE", "torch")]\n'
    'count_people(rows, ["torch", "Keras"], ["MLE", "DE"])',
    gives=[[0, 1], [2, 0]],
)
def test_order_of_the_lists(student, rng):
    """Rows and columns are in the order of the lists, whatever comes first in the facts.

    Hint: frameworks.index(name) is the row.
    """
    frameworks = [*sorted(drawn_names(rng, 3))[::-1], "Keras", "TensorFlow", "Chainer"]
    roles = ["data scientist", "ML engineer", "data engineer"]  # not in the order of the alphabet or the notebook
    rows, counts = drawn_facts(rng, frameworks, roles)
    assert_close(student.count_people(rows, frameworks, roles), counts, what="the counts")


@pytest.mark.points(0.5)
@pytest.mark.example('count_people([(0, "MLE", "Keras")], ["torch", "Keras"], ["MLE"])', gives=[[0], [1]])
def test_nobody(student, rng):
    """A framework that nobody uses, and a role that nobody has, have their row and column of zeros.

    Hint: the lists decide the shape, not the facts.
    """
    names = sorted(drawn_names(rng, 5))
    got = student.count_people([(0, names[3], names[2])], names[:3], names[3:])
    assert_close(got, [[0, 0], [0, 0], [1, 0]], what="the counts of one fact")
    assert_close(student.count_people([], names[:3], names[3:]), np.zeros((3, 2)), what="the counts of no facts")
    got = student.count_people([(0, names[3], names[0])], names[:1], names[3:4])
    assert_close(got, [[1]], what="the counts of one framework and one role")


@pytest.mark.points(0.5)
@pytest.mark.example(
    'rows = [(0, "MLE", "Keras"), (1, "MLE", "Excel"), (2, "boss", "Keras")]\n'
    'count_people(rows, ["torch", "Keras"], ["MLE", "DE"])',
    gives=[[0, 0], [1, 0]],
)
def test_others_are_not_counted(student, rng):
    """Facts about names that are in neither list do not count.

    Hint: look whether both names are in their lists before you count.
    """
    framework, *names, role = sorted(drawn_names(rng, 6))  # before all others in the alphabet, and after
    frameworks, roles = names[:2], names[2:]
    others = [(role, frameworks[1]), (roles[0], framework), (role, framework), (roles[0].lower(), frameworks[1])]
    others += [(roles[0], f"{frameworks[1]} 2"), (f"{roles[0]}s", frameworks[1]), (roles[0], frameworks[1][:4])]
    others += [(roles[0], frameworks[1].lower()), (roles[0], f"{frameworks[1]} "), (f" {roles[0]}", frameworks[1])]
    others += [(frameworks[1], roles[0]), (frameworks[0], frameworks[1]), (roles[0], roles[1])]  # in the other list
    rows = [(person, *other) for person, other in enumerate(others)]
    rows.append((len(rows), roles[0], frameworks[1]))
    assert_close(student.count_people(rows, frameworks, roles), [[0, 0], [1, 0]], what="the counts")


@pytest.mark.points(0.5)
@pytest.mark.example(
    'counts = count_people([(0, "MLE", "Keras")], ["Keras"], ["MLE"])\n'
    "isinstance(counts, np.ndarray) and np.issubdtype(counts.dtype, np.integer)",
    gives=True,
)
def test_whole_numbers(student, rng):
    """The result is a numpy array of integers.

    Hint: np.zeros(shape, dtype=int).
    """
    names = drawn_names(rng, 4)
    for rows, frameworks in (([(0, names[2], names[0])], names[:2]), ([], names[:2]), ([], [])):
        got = value(student.count_people(rows, frameworks, names[2:]))
        check(isinstance(got, np.ndarray), "the result must be a numpy array", got=got)
        check(got.dtype.kind in "iu", "people must be counted in integers, also where there are no facts or names",
              got=str(got.dtype))  # fmt: skip
