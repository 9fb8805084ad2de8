"""Hidden tests of task 1: sizes and numbers of parameters, compared with counting."""

import numpy as np
import pytest

from autograder.grading import check, raises


def places(n, k, s, p):
    """Where a window may begin, counted one by one."""
    return len([start for start in range(-p, n + p, s) if start + k <= n + p])


def check_int(got):
    """Check that a number of things came back as a whole number, not as a float."""
    check(isinstance(got, int | np.integer), "the number must be an int", got=got)


@pytest.mark.points(1)
@pytest.mark.example(
    "sizes = [conv_output_size(7, 3), conv_output_size(7, 3, s=2, p=1), conv_output_size(1, 1)]\n"
    "{'sizes': sizes, 'ints': all(isinstance(size, (int, np.integer)) for size in sizes)}",
    gives={"sizes": [5, 4, 1], "ints": True},
)
def test_output_size(student, rng):
    """The size of the output is the number of places that the window has on the padded input, an int.

    Hint: without stride and padding there are n - k + 1 places; padding adds p pixels at either end.
    """
    sizes = [(1, 1, 1, 0), (1, 3, 2, 1), (3, 1, 1, 2)]  # a single pixel; a window smaller than the padding
    sizes.append((10_000, 4, 1, 0))  # more places than Python goes deep
    for s, p in ((1, 0), (2, 1), (3, 2), (1, 1)):
        k = int(rng.integers(1, 6))
        n = k + s * int(rng.integers(5, 12)) - 2 * p  # the window's last place ends where the padded input ends
        sizes.append((n, k, s, p))
    for n, k, s, p in sizes:
        got = student.conv_output_size(n, k, s, p)
        check(got == places(n, k, s, p), f"the size for {n=}, {k=}, {s=}, {p=} is wrong")
        check_int(got)
    n = 4 + 3 * int(rng.integers(5, 12))
    for given, said in (({}, "nothing else"), ({"p": 2}, "p=2"), ({"s": 3}, "s=3")):
        got = student.conv_output_size(n, 4, **given)
        right = got == places(n, 4, given.get("s", 1), given.get("p", 0))
        check(right, f"the size for {n=}, k=4 and {said} is wrong", got=got)


@pytest.mark.points(0.5)
@pytest.mark.example("[conv_output_size(7, 3, s=2), conv_output_size(8, 3, s=2)]", gives=[3, 3])
def test_pixels_left_over(student, rng):
    """Pixels at the end that no window reaches do not count.

    Hint: round down, with //.
    """
    sizes = [(4, 3, 9, 0)]  # the first step leads out of the image
    for s, p, left in ((2, 0, 1), (3, 2, 1), (4, 1, 3), (5, 2, 1)):
        k = int(rng.integers(1, 6))
        sizes.append((k + s * int(rng.integers(5, 12)) - 2 * p + left, k, s, p))
    for n, k, s, p in sizes:
        got = student.conv_output_size(n, k, s, p)
        check(got == places(n, k, s, p), f"the size for {n=}, {k=}, {s=}, {p=} is wrong", got=got)
        check_int(got)


@pytest.mark.points(0.5)
@pytest.mark.example("conv_output_size(3, 6, p=1)", raises="ValueError")
def test_window_too_large(student, rng):
    """A window larger than the padded input is refused with a ValueError, one of the same size fits once.

    Hint: compare k with n + 2 * p before you compute.
    """
    n, p = int(rng.integers(3, 9)), int(rng.integers(1, 3))
    check(student.conv_output_size(n, n + 2 * p, 1, p) == 1, "a window as large as the padded input has one place")
    for s, more in ((1, 1), (3, 1), (1, 5)):
        with raises("ValueError"):
            student.conv_output_size(n, n + 2 * p + more, s, p)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "number = conv_params(3, 4, 2, bias=False)\n[number, isinstance(number, (int, np.integer))]", gives=[48, True]
)
def test_weights_counted(student, rng):
    """Each output channel has a kernel for each input channel; the number of parameters is an int.

    Hint: cin * k * k numbers for one output channel.
    """
    cin, cout, k = (int(n) for n in 3 + rng.permutation(6)[:3])  # different numbers, no 2: 2 * 2 is 2 + 2
    got = student.conv_params(cin, cout, k, False)
    check(got == cin * cout * k * k, f"the number for {cin=}, {cout=}, {k=} is wrong")
    check_int(got)


@pytest.mark.points(0.5)
@pytest.mark.example("[conv_params(3, 4, 2), conv_params(3, 4, 2, bias=False)]", gives=[52, 48])
def test_biases_counted(student, rng):
    """With a bias, which is the default, there is one number more for each output channel.

    Hint: the bias is added to a channel's whole map; it does not depend on the input channels.
    """
    cin, cout, k = int(rng.integers(2, 5)), int(rng.integers(5, 9)), int(rng.integers(2, 6))
    biased = student.conv_params(cin, cout, k, bias=True)
    check_int(biased)
    more = biased - student.conv_params(cin, cout, k, bias=False)
    check(more == cout, f"the biases of {cin=}, {cout=}, {k=} are counted wrongly", got=more)
    same = student.conv_params(cin, cout, k) == student.conv_params(cin, cout, k, True)
    check(same, "a convolution has a bias unless it is said otherwise")
