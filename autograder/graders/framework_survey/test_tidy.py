"""Hidden tests of task 2: answers with drawn names, some of which could not be read."""

import pytest

from autograder.graders.framework_survey.oracles import check_list, check_used_again, drawn_labels, drawn_names
from autograder.grading import check, is_a


def facts(got):
    """The rows as a list of tuples."""
    rows = [tuple(row) for row in check_list(got, "the result", of=(list, tuple))]
    check(all(len(row) == 3 for row in rows), "each row must be a person, a role and a framework", got=rows)
    check(all(is_a(row[0], int) and is_a(row[1], str) and is_a(row[2], str) for row in rows),
          "each row must be a number and two texts", got=rows)  # fmt: skip
    return rows


def check_facts(got, expected):
    """Check the rows; within one person any order will do."""
    rows = facts(got)
    check(sorted(rows) == sorted(expected), "there must be one row for each framework of each person", got=rows)


@pytest.mark.points(1.5)
@pytest.mark.example(
    'rows = tidy([("MLE", ["Keras", "torch"]), ("MLE", ["Keras"])])\nsorted(tuple(row) for row in rows)',
    gives=[(0, "MLE", "Keras"), (0, "MLE", "torch"), (1, "MLE", "Keras")],
)
def test_one_row_for_each_fact(student, rng):
    """There is one row for each framework that a person uses.

    Hint: a loop over the people, and in it one over the frameworks.
    """
    a, b, *names = drawn_labels(rng, 9)
    c, d, e = names[-3:]
    check_facts(student.tidy([(a, names), (b, [e]), (a, [d, c])]),
                [*((0, a, name) for name in names), (1, b, e), (2, a, d), (2, a, c)])  # fmt: skip
    check_facts(student.tidy([]), [])


@pytest.mark.points(1)
@pytest.mark.example(
    '[tuple(row) for row in tidy([("MLE", ["Keras", "Keras"]), ("MLE", ["Keras"])])]',
    gives=[(0, "MLE", "Keras"), (1, "MLE", "Keras")],
)
def test_named_twice(student, rng):
    """A framework that a person named twice is there once, and it still is there for others.

    Hint: dict.fromkeys(frameworks), person by person.
    """
    a, c, d = drawn_names(rng, 3)
    check_facts(student.tidy([(a, [c, d, c, c]), (a, [c]), (a, [d, d])]),
                [(0, a, c), (0, a, d), (1, a, c), (2, a, d)])  # fmt: skip
    # written one after the other, a fact of the people 1, 2 and 3 is the same text as one of 10, 11, 12 or 13
    c, own = f"2{c.lower()}", drawn_names(rng, 14)
    answers = [(a, [name]) for name in own]
    answers[1:4] = (f"0{a}", [own[1], c, f"1{c}"]), (f"{a}1", [own[2], c]), (a, [own[3], f"{c}1"])
    answers[10:] = (a, [own[10], c]), (f"0{a}", [own[11], c]), (a, [own[12], c]), (a, [own[13], c])
    check_facts(student.tidy(answers), [(n, role, name) for n, (role, names) in enumerate(answers) for name in names])


@pytest.mark.points(0.5)
@pytest.mark.example(
    '[tuple(row) for row in tidy([(None, ["Keras"]), ("MLE", [None, "torch"])])]',
    gives=[(1, "MLE", "torch")],
)
def test_unreadable(student, rng):
    """What could not be read is left out; a person whose role could not be read altogether.

    Hint: two different things may be None, the role and a framework.
    """
    a, c, d = drawn_names(rng, 3)
    answers = [(None, [c, d]), (a, [None, c, None]), (a, [None]), (None, [None]), ("None", ["None"])]
    rows = facts(student.tidy(answers))
    check({row[1:] for row in rows} == {(a, c), ("None", "None")} and len(rows) == 2,
          "what could not be read must be in no row, and all else must be", got=rows)  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example('[row[0] for row in tidy([("MLE", []), (None, ["Keras"]), ("DE", ["Keras"])])]', gives=[2])
def test_numbers_of_people(student, rng):
    """A person's number is the place of the answer, also after answers of which nothing is left.

    Hint: enumerate(answers), before anything is left out. index() finds the first of two answers that are equal.
    """
    a, b, c, d = drawn_names(rng, 4)
    three = [(a, [c]), (a, [c]), (b, [d, c])]
    answers = [(a, []), (None, [c]), (b, [d, c]), (a, [None]), *three * 21]  # more than the survey has
    rows = facts(student.tidy(answers))
    people = [row[0] for row in rows]
    check(people == [2, 2, *(3 * n + place for n in range(21) for place in (4, 5, 6, 6))],
          "the number must be the place in the list of answers, in order", got=people)  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example('answers = [("MLE", ["Keras", None])]\ntidy(answers)\nanswers', gives=[("MLE", ["Keras", None])])
def test_answers_are_not_changed(student, rng):
    """A new list of tuples comes back, and the answers are as they were.

    Hint: build a new list; remove(), pop() and sort() change the one that came in. (person, role, name) is a tuple.
    """
    a, c, d = drawn_names(rng, 3)
    answers = [(a, [d, c, d, None]), (None, [c]), (a, [None])]
    others = [(c, [a])]
    rows, again = check_used_again(student, student.tidy, [answers], [others], makes="a list")
    check(is_a(rows, list) and all(is_a(row, tuple) for row in rows), "the result must be a list of tuples", got=rows)
    check(len(rows) > 0 and all(len(row) == 3 for row in rows), "there must be rows of three entries", got=rows)
    check([tuple(row[1:]) for row in again] == [(c, a)],
          "the rows must be those of the answers as they are when they come", got=again)  # fmt: skip
    check_used_again(student, student.tidy, [[]], [others], makes="a list")
