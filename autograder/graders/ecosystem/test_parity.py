"""Hidden tests of task 10: ways to compute that the grader has made."""

import numpy as np
import pytest

from autograder.graders.ecosystem.oracles import singles
from autograder.grading import assert_close, check, is_a, probe


@probe
def constant(values, x):
    """A way to compute something: these numbers for x, and nothing for anything else."""
    import numpy as np

    def way(batch):
        if not isinstance(batch, np.ndarray) or batch.dtype != x.dtype or not np.array_equal(batch, x):
            raise ValueError("each way is to be called with x, as it is")
        return values

    return way


@probe
def before_and_after(parity, first, x, shift):
    """The differences of two ways that return one array, and of the same ways when they compute something else."""
    there = [first + shift]
    ways = {"first": lambda x: first, "other": lambda x: there[0], "again": lambda x: there[0]}
    before = parity(ways, x)
    there[0] = first - 3 * shift
    after = parity(ways, x)
    return [found[name] for found in (before, after) for name in ("other", "again")]


def compared(student, ways, x):
    """What came back, if it is a dict with an entry for every way but the first."""
    made = {name: student.run(constant, values, x) for name, values in ways.items()}
    got = student.parity(made, x)
    check(is_a(got, dict) and list(got) == list(ways)[1:], "a dict must come back, with all ways but the first",
          got=got)  # fmt: skip
    check(all(is_a(number, float) for number in got.values()), "each difference must be a float", got=got)
    return got


@pytest.mark.points(1)
@pytest.mark.example(
    'ways = {"first": lambda x: x, "above": lambda x: x + [0, 3], "below": lambda x: x - [0, 3]}\n'
    "parity(ways, np.zeros([2, 2]))",
    gives={"above": 3.0, "below": 3.0},
)
def test_largest_difference(student, rng):
    """The difference is the largest of all elements, whatever its sign.

    Hint: the maximum of the absolute values, in the precision in which they come. The arrays
    that the ways return are theirs: leave them as they are.
    """
    x, first = singles(rng, 5, 3), rng.normal(size=(5, 4))
    first[0, 0] = -0.5  # where an answer is far above, it has another sign
    ways, expected = {"eager": first, "same": first.copy()}, {"same": 0.0}
    inside = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    for name, sign, place in (("above", 1, (0, 0)), ("inside", 1, inside), ("below", -1, (-1, -1))):
        values, size = first.copy(), float(rng.uniform(1, 2))
        values -= sign * 1e-3
        values[place] += sign * size
        ways[name], expected[name] = values, size - 1e-3
    ways["endless"], expected["endless"] = first.copy(), np.inf
    ways["endless"][inside] = np.inf
    compared(student, {"eager": first}, x)
    got = compared(student, ways, x)
    for name in expected:
        assert_close(got[name], expected[name], what="the difference", atol=1e-5)
    for shape in ((5,), (5, 2, 2)):  # small numbers of other ranks
        one, other = (singles(rng, *shape) * np.float32(1e-7) for _ in range(2))
        got = compared(student, {"eager": one, "other": other}, x)
        largest = np.abs(one.astype(np.float64) - other).max()
        assert_close(got["other"], largest, what=f"the difference of answers of shape {shape}", rtol=1e-4, atol=1e-12)
    many = np.full((1009, 2), 2.0**24)
    more = many.copy()
    more[-1, -1] += 1  # no float32 has one more
    for one, other in ((many, more), (many.astype(np.float32), more), (more, many.astype(np.float32))):
        got = compared(student, {"eager": one, "other": other}, x)
        assert_close(got["other"], 1.0, what="the difference where one answer or both are of float64")
    shift = float(rng.uniform(1, 2))
    differences = student.run(before_and_after, student.parity, first, x, shift)
    what = "the list of differences of two ways that return the same array, before and after it has changed"
    assert_close(differences, [shift, shift, 3 * shift, 3 * shift], what=what)


@pytest.mark.points(0.5)
@pytest.mark.example(
    'parity({"first": lambda x: x, "one row": lambda x: x[:1]}, np.zeros([2, 2]))',
    gives={"one row": np.inf},
)
def test_other_shapes(student, rng):
    """An answer of another shape is infinitely far away, also where numpy would stretch it.

    Hint: compare the shapes before the numbers.
    """
    x, first = singles(rng, 4, 3), np.ones((4, 1))
    ways = {"eager": first, "flat": np.ones(4), "one row": np.ones((1, 1)), "fewer": np.ones((3, 1))}
    ways["turned"] = np.ones((1, 4))
    wide = {"eager": np.ones((4, 3)), "one column": first, "row": np.ones((1, 3)), "a list": np.ones(3)}
    for different in (ways, wide):
        got = compared(student, different, x)
        for name in list(different)[1:]:
            assert_close(got[name], np.inf, what="the difference from an answer of another shape")


@pytest.mark.points(0.5)
@pytest.mark.example(
    'parity({"first": lambda x: x, "holed": lambda x: x + [0, np.nan]}, np.zeros([2, 2]))',
    gives={"holed": np.inf},
)
def test_not_a_number(student, rng):
    """An answer with a NaN in it is infinitely far away, and so is everything from a first answer with one, NaN too.

    Hint: the maximum of numbers among which is a NaN is NaN.
    """
    x, whole = singles(rng, 4, 3), rng.normal(size=(4, 2))
    holed = {place: whole.copy() for place in ("first", "inside", "last")}
    for values, place in zip(holed.values(), ((0, 0), (int(rng.integers(1, 3)), 1), (-1, -1)), strict=True):
        values[place] = np.nan
    for first, others in (
        (whole, holed),
        (holed["first"], {"whole": whole}),
        (holed["last"], {"whole": whole, "last": holed["last"].copy()}),
    ):
        got = compared(student, {"eager": first, **others}, x)
        for name in others:
            assert_close(got[name], np.inf, what="the difference")
