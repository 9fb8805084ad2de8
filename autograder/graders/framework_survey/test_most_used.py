"""Hidden tests of task 5: shares drawn so that it is known which is largest."""

import numpy as np
import pytest

from autograder.graders.framework_survey.oracles import (
    check_dict,
    check_list,
    check_used_again,
    drawn_labels,
    drawn_names,
    drawn_shares,
)
from autograder.grading import check, is_a


def check_best(student, table, frameworks, roles, k, expected, must):
    """Check what a call gives for each role."""
    check_lists(student.most_used(table, frameworks, roles, k), roles, expected, must)


def check_lists(got, roles, expected, must):
    """Check the list of each role."""
    got = check_dict(got, "the result", roles)
    for role, names in zip(roles, expected, strict=True):
        check(check_list(got[role], f"the list of {role}", of=(str,)) == names, must, got=got[role])


def best(table, frameworks, k):
    """For each column the names of the k largest shares."""
    return [[frameworks[i] for i in np.argsort(-column)[:k]] for column in table.T]


@pytest.mark.points(1)
@pytest.mark.example(
    'table = np.array([[0.2, 0.9], [0.5, 0.1]])\nmost_used(table, ["Keras", "torch"], ["MLE", "DE"], 2)',
    gives={"MLE": ["torch", "Keras"], "DE": ["Keras", "torch"]},
)
def test_largest_first(student, rng):
    """For each role the framework with the largest share comes first, then the next.

    Hint: sort pairs of share and name by the share, reverse=True; each role has its own column.
    """
    names = drawn_labels(rng, 9)
    for rows, columns in ((5, 3), (4, 4), (1, 3)):
        frameworks, roles, table = names[:rows], names[5 : 5 + columns], drawn_shares(rng, rows, columns)
        check_best(student, table, frameworks, roles, rows, best(table, frameworks, rows),
                   "the names must be sorted by the share of the role, the largest first")  # fmt: skip
    near = 0.5 + 1e-9 * np.array([[1, 4, 0, 5e8, 3]]).T  # the same with eight decimals
    check_best(student, near, names[:5], names[5:6], 5, best(near, names[:5], 5),
               "the names must be sorted by the share, the largest first, also where shares differ little")  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example(
    'table = np.array([[0.2, 0.9], [0.5, 0.1]])\nmost_used(table, ["Keras", "torch"], ["MLE", "DE"], 1)',
    gives={"MLE": ["torch"], "DE": ["Keras"]},
)
def test_at_most_k(student, rng):
    """There is a list of k names for each role, or of all when there are fewer; for k = 0 it is empty.

    Hint: names[:k] is content with a short list. names[-k:] is all of them for k = 0.
    """
    names = drawn_names(rng, 6)
    frameworks, roles, table = names[:4], names[4:], drawn_shares(rng, 4, 2)
    for k in (0, 1, 2, 7):
        expected = best(table, frameworks, k)
        must = "there must be k names, those with the largest shares, or all names when there are fewer"
        check_best(student, table, frameworks, roles, k, expected, must)
    check_best(student, 1 - table, frameworks, roles, 1, best(1 - table, frameworks, 1), must)
    table[:, 0], table[:, 1] = [0.2, 0.6, 0.6, 0.2], 0
    got = check_dict(student.most_used(table, frameworks, roles, 1), "the result", roles)
    check(all(is_a(names, list) for names in got.values()), "each role must have a list of names", got=got)
    check(all(len(names) <= 1 for names in got.values()), "there must be at most k names, also where shares are equal",
          got=got)  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example(
    'table = np.array([[0.5], [0.9], [0.5]])\nmost_used(table, ["torch", "Caffe", "Keras"], ["MLE"], 3)',
    gives={"MLE": ["Caffe", "torch", "Keras"]},
)
def test_equal_shares(student, rng):
    """Frameworks with equal shares are in the order of the list of frameworks.

    Hint: sorted keeps the order of equals, but pairs are compared by their second part when the first is equal.
    """
    names = drawn_names(rng, 51)
    roles, (low, high) = names[50:], sorted(rng.uniform(0.1, 0.9, size=2).tolist())
    known = ["Chainer", "Keras", "PyTorch", "TensorFlow", "scikit-learn"]  # the notebook's, in an order of their own
    # fifty: a sort that does not keep the order of equals may keep it where there are few
    for frameworks in (known, known[::-1], names[:50]):
        table = np.full((len(frameworks), 1), low)
        table[1::2] = high
        must = "where shares are equal, the order must be that of the frameworks, also where not all of them are listed"
        for k in (50, len(frameworks) // 2 + 1):
            expected = [(frameworks[1::2] + frameworks[::2])[:k]]
            check_best(student, table, frameworks, roles, k, expected, must)


@pytest.mark.points(0.5)
@pytest.mark.example(
    'table = np.array([[0.0, 0.3], [0.4, 0.6]])\nmost_used(table, ["Keras", "torch"], ["MLE", "DE"], 2)',
    gives={"MLE": ["torch"], "DE": ["torch", "Keras"]},
)
def test_used_by_nobody(student, rng):
    """A framework that nobody of a role uses is not in its list.

    Hint: leave out shares of 0 before you take the first k.
    """
    names = drawn_names(rng, 7)
    frameworks, roles, table = names[:4], names[4:], drawn_shares(rng, 4, 3)
    table[:, 1] = 0
    table[2, 0] = table[0, 0] = 0
    table[3, 2], table[0, 2] = 1e-12, 1  # few, but not nobody; and everybody
    left = [frameworks[i] for i in sorted((1, 3), key=lambda i: -table[i, 0])]
    check_best(student, table, frameworks, roles, 4, [left, [], best(table, frameworks, 4)[2]],
               "a share of 0 must not be in the list, and one above 0 must")  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example(
    'table = np.array([[0.2], [np.nan], [0.5]])\nmost_used(table, ["Keras", "Caffe", "torch"], ["MLE"], 3)',
    gives={"MLE": ["torch", "Keras"]},
)
def test_unknown_shares(student, rng):
    """A share that is not known, nan, is not in the list, does not disturb the others, and stays in the table.

    Hint: np.isnan; take nan out before you sort and before you take k: every comparison with it is False. Put
    nothing in its place: the next function that gets the table has to know what is not known.
    """
    names = drawn_names(rng, 9)
    frameworks, roles, table = names[:6], names[6:], drawn_shares(rng, 6, 3)
    table[:, 2] = np.nan
    # rising, with nan in between: a sort that compares with nan leaves them as they are
    table[::2, 0], table[1::2, 0] = np.sort(table[::2, 0]), np.nan
    table[[0, *rng.permutation(5)[:2] + 1], 1] = np.nan  # the first, too: no number is larger than nan
    must = "a share that is nan must not be in the list, and the others must be in order"
    arguments, others = [table, frameworks, roles, 6], [1 - table, frameworks[::-1], roles, 6]
    first, second = check_used_again(student, student.most_used, arguments, others)
    check_lists(first, roles, [*best(table, frameworks, 3)[:2], []], must)
    check_lists(second, roles, [*best(1 - table, frameworks[::-1], 3)[:2], []], must)
    check_best(student, table, frameworks, roles, 3, [*best(table, frameworks, 3)[:2], []], must)
