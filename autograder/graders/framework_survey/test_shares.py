"""Hidden tests of task 4: counts and numbers of people, drawn."""

import numpy as np
import pytest

from autograder.graders.framework_survey.oracles import check_used_again
from autograder.grading import as_numbers, assert_close, check, is_a


def drawn_counts(rng, rows, columns):
    """Numbers of people, all different, and how many of them use each framework."""
    people = rng.permutation(np.arange(20, 20 + 7 * columns, 7))
    return rng.integers(1, people, size=(rows, columns)), people


@pytest.mark.points(1.5)
@pytest.mark.example("shares(np.array([[1, 0], [2, 1]]), np.array([4, 1]))", gives=[[0.25, 0.0], [0.5, 1.0]])
def test_of_the_people_of_a_role(student, rng):
    """A share is the number of people who use a framework by the number of people of the role.

    Hint: counts / people. The sum of a column is the number of mentions, which is something else.
    """
    for rows, columns in ((5, 3), (3, 3), (1, 4), (3, 1), (0, 3)):
        counts, people = drawn_counts(rng, rows, columns)
        assert_close(student.shares(counts, people), counts / people, what=f"the shares of {rows} by {columns} counts")
    alone = np.array([[0, 1, 0], [1, 3, 0]], dtype=np.int8), np.array([1, 4, 4], dtype=np.int8)  # of any int type
    assert_close(student.shares(*alone), [[0, 0.25, 0], [1, 0.75, 0]], rtol=0, atol=1e-12,
                 what="the shares where one role has one person, and one role uses nothing")  # fmt: skip


@pytest.mark.points(1)
@pytest.mark.example("shares(np.array([[1, 0], [2, 0]]), np.array([4, 0]))", gives=[[0.25, np.nan], [0.5, np.nan]])
def test_nobody_was_asked(student, rng):
    """Where there is nobody of a role its shares are nan, and those of the others are right.

    Hint: 0 / 0 is nan; so is np.where(people > 0, …, np.nan).
    """
    counts, people = drawn_counts(rng, 4, 5)
    nobody = rng.permutation(5) < 2  # two of the roles
    counts[:, nobody], people[nobody] = 0, 0
    got = as_numbers(student.shares(counts, people), "the shares")
    check(got.shape == counts.shape, "the shares must have the shape of the counts", got=got)
    check(bool(np.isnan(got[:, nobody]).all()), "the share of a role that nobody has is not known: nan", got=got)
    assert_close(got[:, ~nobody], counts[:, ~nobody] / people[~nobody], what="the shares of the other roles")
    got = as_numbers(student.shares(counts[:, nobody], people[nobody]), "the shares")
    check(got.shape == (4, 2) and bool(np.isnan(got).all()), "where nobody was asked at all, all shares are nan",
          got=got)  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example(
    "counts, people = np.array([[1, 0]]), np.array([4, 0])\nshares(counts, people)\npeople",
    gives=[4, 0],
)
def test_counts_are_not_changed(student, rng):
    """A new float array comes back, and counts and numbers of people are as they were.

    Hint: `people[people == 0] = 1` changes the array that came in.
    """
    counts, people = drawn_counts(rng, 3, 4)
    counts[:, 0], counts[:, 1], people[1] = [1, 2, 3], 0, 0
    came, others = [counts, people], [counts[::-1], people]
    table, backwards = check_used_again(student, student.shares, came, others, makes="an array")
    check(is_a(table, np.ndarray) and table.dtype.kind == "f", "the result must be a float array", got=table)
    check(as_numbers(table, "the shares").shape == counts.shape, "the shares must have the shape of the counts")
    assert_close(backwards, table[::-1], what="the shares of the next call")
