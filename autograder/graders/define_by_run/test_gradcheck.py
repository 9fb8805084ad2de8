"""Hidden tests of task 9: check a gradient. Right and planted wrong operations come from the grader."""

import pytest

from autograder.graders.define_by_run.oracles import leaves_typed, no_gradient
from autograder.grading import StudentError, assert_close, check, probe, value

pytestmark = pytest.mark.needs("arithmetic", "operations")
SIZES = {1e-3: "wrong by a thousandth", 2e-5: "wrong by 0.002 %", "second input": "twice what it should be"}


@probe
def planted(Function, mistake):
    import numpy as np

    class Product(Function):
        @staticmethod
        def forward(ctx, a, b):
            ctx.a, ctx.b = a, b
            return a * b

        @staticmethod
        def backward(ctx, g):
            da, db = g * ctx.b, g * ctx.a
            if mistake == "upstream ignored":
                da, db = ctx.b.copy(), ctx.a.copy()
            elif mistake == "places":
                da = g[::-1] * ctx.b
            elif isinstance(mistake, str) and mistake.startswith("at the "):
                da = da.copy()
                place = {"first": 0, "last": -1}.get(mistake.split()[2], da.size // 2)
                da.reshape(-1)[place] += float(mistake.split()[-1])
            elif mistake == "second input":
                db = 2 * db
            elif mistake == "sign":
                da = -da
            elif isinstance(mistake, float):
                da = (1 + mistake) * da
            elif mistake == "missing":
                return None, db
            elif mistake == "shape":
                da = da[None]
            elif mistake == "nothing gets through":
                return np.zeros_like(da), np.zeros_like(db)
            return da, db

    return Product


@probe
def judged(gradcheck, Function, Tensor, planted, mistakes, arrays, options):
    def inputs():
        return [Tensor(array, requires_grad=True) for array in arrays]

    return [gradcheck(planted(Function, mistake).apply, *inputs(), **options) for mistake in mistakes]


def named(mistake):
    """A mistake in words for the transcript; a number is the share by which a gradient is wrong."""
    if mistake is None:
        return "no mistake"
    return f"wrong by {mistake:g} of it" if isinstance(mistake, float) else mistake


def verdicts(student, rng, *mistakes, **options):
    """What gradcheck says about a product of (2, 3) arrays with each of these mistakes planted, with one request."""
    arrays = [rng.uniform(0.5, 2.0, size=(2, 3)) for _ in range(2)]
    given = "".join(f", {name}={option}" for name, option in options.items())
    planted_in = ", ".join(map(named, mistakes))
    lines = (
        *leaves_typed(dict(zip("xy", arrays, strict=True))),
        f"# each product is x * y as a Function; planted in its backward: {planted_in}",
        f"[gradcheck(product.apply, x, y{given}) for product in products]",
    )
    asked = (student.gradcheck, student.Function, student.Tensor, planted, list(mistakes), arrays, options)
    return value(student.run(judged.typed(*lines), *asked))


def check_that_it_judges(student, rng):
    """Check that a right product is told from one with a wrong sign: an answer that is always the same is no check."""
    right, wrong = verdicts(student, rng, None, "sign")
    check(right is True, "a right product must be accepted")
    check(wrong is False, "a product whose gradient has the wrong sign must be rejected")


@probe
def smooth(x, y):
    return (x * y - y / x + x**2).exp()


@probe
def history_lost(x):
    return type(x)(x.data) * 3.0


@probe
def sum_of_squares(x):
    return (x * x).sum()


@probe
def bend(x):
    return (x - 90.0).relu()


@probe
def cubes(x):
    return x * x * x


@probe
def log_and_back(x):
    return x.log().exp()


@probe
def turned(x):
    return x.T


@probe
def in_columns(Tensor, array):
    """A tensor whose elements may lie in memory column by column."""
    return Tensor(array.T, requires_grad=True)


@probe
def stopped(gradcheck, Plus, GradMode, x, y):
    """Whether recording goes on after gradcheck of a function that raised, at each of its first calls."""
    from contextlib import suppress

    found = []
    for last in (1, 2, 3):
        calls = []

        def f(a, b, calls=calls, last=last):
            calls.append(1)
            if len(calls) == last:
                raise LookupError("planned")
            return a * b

        with suppress(Exception):
            gradcheck(f, x, y)
        found.append(Plus.apply(x, x).requires_grad)
        GradMode.enabled = True
    return found


@probe
def of_three(gradcheck, operation, *xs):
    return gradcheck(lambda a, b, c: operation(a * b, c), *xs)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 0.5], requires_grad=True)\n"
    "gradcheck(lambda a, b: (a * b - a / b).exp(), x, y)",
    gives=True,
)
def test_accepts_what_is_right(student, rng):
    """gradcheck returns True for right gradients, of one and of several inputs, also with constants among them.

    Hint: compare with |a - b| <= atol + rtol * |b|, and with differences taken to both sides. What f returns may have
    another shape than its inputs.
    """
    x, y = (student.Tensor(rng.uniform(0.5, 1.5, size=(2, 3)), requires_grad=True) for _ in range(2))
    constant = student.Tensor(rng.uniform(0.5, 1.5, size=(2, 3)))
    check_that_it_judges(student, rng)
    check(value(student.gradcheck(smooth, x, y)) is True, "a right composed function must be accepted")
    check(value(student.gradcheck(smooth, x, constant)) is True, "a right function of a constant must be accepted")
    half_wrong = student.run(planted, student.Function, "second input").apply
    said = value(student.gradcheck(half_wrong, x, constant))
    check(said is True, "inputs without requires_grad are not to be checked: whether theirs are wrong does not count")
    check(value(student.gradcheck(sum_of_squares, x)) is True, "a right function of one number must be accepted")
    row = student.Tensor(rng.uniform(0.5, 1.5, size=3), requires_grad=True)
    check(value(student.gradcheck(smooth, x, row)) is True, "a right function that broadcasts must be accepted")
    # a central difference has no error on squares, however large the step; that of a difference to one side is eps
    wide = value(student.gradcheck(sum_of_squares, x, eps=0.01))
    check(wide is True, "for x * x the differences of a wide step must be right too: take them to both sides")
    for shape in ((), (2, 1, 2)):
        other = student.Tensor(rng.uniform(0.5, 1.5, size=shape), requires_grad=True)
        check(value(student.gradcheck(cubes, other)) is True, f"a right function of shape {shape} must be accepted")
    columns = student.run(in_columns, student.Tensor, rng.uniform(0.5, 1.5, size=(2, 3)))
    for f, what in ((cubes, "of a transposed array"), (turned, "that only moves elements")):
        check(value(student.gradcheck(f, columns)) is True, f"a right function {what} must be accepted")
    said = value(student.gradcheck(smooth, constant, constant))
    check(said is True, "where no input requires a gradient, none is wrong")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\n"
    "[gradcheck(lambda t: t * t * t, x, eps=eps) for eps in (1e-6, 0.1)]  # 0.1 is too wide a step for cubes",
    gives=[True, False],
)
def test_step_and_tolerances_count(student, rng):
    """eps, rtol and atol decide: the same gradient is right or wrong with other tolerances, or with another step.

    Hint: pass them on to the difference and to the comparison; their defaults are in the signature.
    """
    for mistake, options, right in (
        (1e-3, {}, False),
        (2e-5, {}, True),
        (2e-5, {"rtol": 0.0, "atol": 1e-7}, False),
        ("second input", {"rtol": 1.5}, True),
        ("second input", {"atol": 100.0}, True),
    ):
        (said,) = verdicts(student, rng, mistake, **options)
        check(
            said is right, f"gradcheck must be {right} for what is {SIZES[mistake]}, with {options or 'the defaults'}"
        )
    x = student.Tensor(rng.uniform(0.5, 1.5, size=(2, 3)), requires_grad=True)
    check(value(student.gradcheck(cubes, x)) is True, "a right function must be accepted")
    wide = value(student.gradcheck(cubes, x, eps=0.1))
    check(wide is False, "a step of 0.1 is too wide for cubes: their differences are wrong")
    x = student.Tensor([100.0], requires_grad=True)
    for eps, right in ((8.0, True), (12.0, False)):
        said = value(student.gradcheck(bend, x, eps=eps))
        check(said is right, f"at x = 100, (x - 90).relu() with a step of {eps} to either side must be {right}")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "class Wrong(Plus):\n"
    "    @staticmethod\n"
    "    def backward(ctx, g):\n"
    "        return np.ones(2), np.ones(2)  # must depend on g\n"
    "\n"
    "x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)\n"
    "gradcheck(Wrong.apply, x, y)",
    gives=False,
)
def test_rejects_ignored_upstream(student, rng):
    """An operation that ignores the gradient it receives is found out.

    Hint: start the backward pass with random numbers, and weight the outputs with the same numbers.
    """
    check_that_it_judges(student, rng)
    ignored, places = verdicts(student, rng, "upstream ignored", "places")
    check(ignored is False, "an ignored upstream gradient must be found")
    check(places is False, "a gradient from another place must be found: every output needs a random number of its own")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "class Wrong(Plus):\n"
    "    @staticmethod\n"
    "    def backward(ctx, g):\n"
    "        return g + [0.0, 0.1], g\n"
    "\n"
    "x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)\n"
    "gradcheck(Wrong.apply, x, y)",
    gives=False,
)
def test_rejects_one_wrong_element(student, rng):
    """A gradient that is wrong at a single index is found out.

    Hint: take the difference at every index: np.ndindex(x.shape).
    """
    check_that_it_judges(student, rng)
    errors = ("last place 0.1", "first place -0.1", "middle nan")
    for error, said in zip(errors, verdicts(student, rng, *(f"at the {e}" for e in errors)), strict=True):
        place, _, added = error.rpartition(" ")
        check(said is False, f"one wrong element must be found; at the {place} {added} was added to the right gradient")
    operation = student.run(planted, student.Function, "at the last place 0.1")
    for shape, large in (((16, 17), 1.0), ((2, 3), 1e5)):
        a, b = rng.uniform(0.5, 2.0, size=shape), rng.uniform(0.5, 2.0, size=shape)
        b[0, 0] *= large
        said = value(student.gradcheck(operation.apply, *(student.Tensor(x, requires_grad=True) for x in (a, b))))
        which = "in the last place of many" if large == 1.0 else "beside a large one that is right"
        check(said is False, f"one wrong element must be found, also {which}")
    negative = student.Tensor([-0.5], requires_grad=True)
    said = value(student.gradcheck(log_and_back, negative))
    check(said is False, "where the gradient and the difference are both NaN, no number agrees with another")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "class Wrong(Plus):\n"
    "    @staticmethod\n"
    "    def backward(ctx, g):\n"
    "        return g, 3 * g\n"
    "\n"
    "x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)\n"
    "gradcheck(Wrong.apply, x, y)",
    gives=False,
)
def test_rejects_wrong_second_input(student, rng):
    """A wrong gradient of the second input is found out, also of the third behind a constant.

    Hint: check every input that requires a gradient, not only the first.
    """
    check_that_it_judges(student, rng)
    check(verdicts(student, rng, "second input") == [False], "a wrong gradient of the second input must be found")
    operation = student.run(planted, student.Function, "second input")
    needed = (False, True, True)
    xs = [student.Tensor(rng.uniform(0.5, 2.0, size=(2, 3)), requires_grad=needs) for needs in needed]
    said = value(student.run(of_three, student.gradcheck, operation.apply, *xs))
    check(said is False, "a wrong gradient of the third input must be found, also behind a constant")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "class Wrong(Plus):\n"
    "    @staticmethod\n"
    "    def backward(ctx, g):\n"
    "        return None, g\n"
    "\n"
    "x, y = Tensor([1.0, 2.0], requires_grad=True), Tensor([3.0, 4.0], requires_grad=True)\n"
    "gradcheck(Wrong.apply, x, y)",
    gives=False,
)
def test_rejects_missing_and_misshapen(student, rng):
    """A gradient that is missing, zero, or of another shape than its input is found out.

    Hint: compare the shapes first: numpy would broadcast.
    """
    check_that_it_judges(student, rng)
    for mistake in ("missing", "nothing gets through", "shape"):
        try:
            (said,) = verdicts(student, rng, mistake)
        except StudentError as error:
            refused = mistake == "shape" and bool({"ValueError", "RuntimeError", "AssertionError"} & set(error.types))
            if not refused or "NotImplementedError" in error.types:
                raise
        else:
            check(said is False, "a missing, zero or misshapen gradient must be found")
    x = student.Tensor(rng.uniform(0.5, 1.5, size=(2, 3)), requires_grad=True)
    lost = value(student.gradcheck(history_lost, x))
    check(lost is False, "a function that loses the history of its input leaves its gradient out: that must be found")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([0.1, 0.7], requires_grad=True)\n"
    "gradcheck(lambda t: t * t, x)\n"
    "x.grad is None or not np.any(to_numpy(x.grad))",
    gives=True,
)
def test_leaves_the_inputs_alone(student, rng):
    """After gradcheck, also if f raised, the inputs have exactly the data they had, and no gradient if they had none.

    Hint: x + eps - eps is not x. Work on copies, or put the original array back.
    """
    check_that_it_judges(student, rng)
    a, b = rng.uniform(0.5, 1.5, size=(2, 3)), rng.uniform(0.5, 1.5, size=(2, 3))
    mistakes = ("sign", "second input", "missing")
    for f in (smooth, *(student.run(planted, student.Function, mistake).apply for mistake in mistakes), None):
        x, y = student.Tensor(a, requires_grad=True), student.Tensor(b, requires_grad=True)
        if f is None:
            found = student.run(stopped, student.gradcheck, student.Plus, student.GradMode, x, y)
            check(all(found), "after gradcheck of an f that raised, operations must be recorded as before", got=found)
        else:
            student.gradcheck(f, x, y)
        for what, tensor, before in (("x", x, a), ("y", y, b)):
            assert_close(tensor.data, before, what=f"{what}.data after gradcheck", rtol=0, atol=0)
            check(no_gradient(tensor.grad), f"{what} must have no gradient after gradcheck", got=tensor.grad)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = Tensor([1.0, 2.0], requires_grad=True)\n"
    "(x * 3.0).backward([1.0, 10.0])\n"
    '{"gradcheck": gradcheck(lambda t: t * t, x), "x.grad": to_numpy(x.grad).tolist()}',
    gives={"gradcheck": True, "x.grad": [3.0, 30.0]},
)
def test_old_gradients_do_not_matter(student, rng):
    """Gradients that the inputs already had neither disturb the check nor are changed by it.

    Hint: backward adds to what is there. Work on fresh copies.
    """
    check_that_it_judges(student, rng)
    a, g = rng.uniform(0.5, 1.5, size=(2, 3)), rng.normal(size=(2, 3))
    x, y = student.Tensor(a, requires_grad=True), student.Tensor(rng.uniform(0.5, 1.5, size=(2, 3)))
    (x * 3.0).backward(g)
    check(value(student.gradcheck(smooth, x, y)) is True, "a right function must be accepted")
    assert_close(x.grad, 3.0 * g, what="x.grad after gradcheck")
    operation = student.run(planted, student.Function, "sign")
    check(value(student.gradcheck(operation.apply, x, y)) is False, "a wrong sign must be found")
    assert_close(x.grad, 3.0 * g, what="x.grad after gradcheck has found a mistake")
