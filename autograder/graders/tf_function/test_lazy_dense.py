"""Hidden tests of task 5: variables are created once, inside a graph function or not."""

import numpy as np
import pytest

from autograder.graders.tf_function.oracles import check_float32, close, singles, tensor
from autograder.grading import as_numbers, check, probe, same, value


@probe
def inside_a_graph(layer):
    import tensorflow as tf

    return tf.function(layer.__call__)


@probe
def variables_of(layer):
    return [list(variable.shape) for variable in layer.variables]


@probe
def before_and_after(layer, x, b, other_features):
    """The same tensor twice, with another bias the second time; before that, a call that does not fit is tried."""
    import contextlib

    with contextlib.suppress(Exception):  # how it fails is not said
        layer(other_features)
    before = layer(x)
    layer.b.assign(b)
    return [before, layer(x)]


@probe
def two_layers(LazyDense, units, x, in_a_graph):
    """Two layers that were made and called with x, in eager mode or in one graph function for any number of rows.

    There is no global seed meanwhile: with one, TensorFlow begins anew in each graph by itself.
    """
    import tensorflow as tf
    from tensorflow.python.eager import context  # tf.random.set_seed cannot take a seed back

    rows = [tf.TensorSpec([None, x.shape[1]], tf.float32)]

    def called(layers):
        def call(x):
            return [layer(x) for layer in layers]

        (tf.function(call, input_signature=rows, autograph=False) if in_a_graph else call)(x)
        return layers

    seed = context.global_seed()
    context.set_global_seed(None)
    try:
        if in_a_graph:
            return called([LazyDense(units), LazyDense(units)])
        return [*called([LazyDense(units)]), *called([LazyDense(units)])]
    finally:
        context.set_global_seed(seed)


@probe
def gradients_by_mode(layer, x, upstream):
    """The gradients of w and b: at the first call, at another one in eager mode, and in a graph."""
    import tensorflow as tf

    def gradients(x, upstream):
        with tf.GradientTape() as tape:
            y = layer(x)
        return tape.gradient(y, [layer.w, layer.b], output_gradients=upstream)

    rows = [tf.TensorSpec([None, given.shape[1]], tf.float32) for given in (x, upstream)]
    in_a_graph = tf.function(gradients, input_signature=rows, autograph=False)
    return [gradients(x, upstream), gradients(x, upstream), in_a_graph(x, upstream)]


def check_variables(student, layer, features, units):
    """Check that w and b are all the variables there are."""
    shapes = student.run(variables_of, layer)
    must = f"w ({features}, {units}) and b ({units},) must be the only variables"
    check(sorted(shapes) == sorted([[features, units], [units]]), must, got=shapes)


def check_drawn_apart(w):
    """Check that no row or column of w tells another, or what its own last number must be."""
    alike = (w[1:] == w[:-1]).all(axis=1).any() or (w[:, 1:] == w[:, :-1]).all(axis=0).any()
    must = "each number in w must be drawn for itself"
    check(not alike, must, got="rows or columns that are the same")
    squares = w.astype(np.float64) ** 2
    if np.ptp(squares) > 0.01 * np.mean(squares):  # random signs have all one length, and nothing is wrong with them
        for axis, name in enumerate(("columns", "rows")):
            lengths = np.sum(squares, axis=axis)
            check(np.ptp(lengths) > 0.01 * np.mean(lengths), must, got=f"{name} that are all of the same length")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "layer = LazyDense(2)\n"
    "before = layer.w is None\n"
    "layer(tf.ones([1, 5]))\n"
    '{"None before": before, "w": tuple(layer.w.shape), "b": tuple(layer.b.shape)}',
    gives={"None before": True, "w": (5, 2), "b": (2,)},
)
def test_created_at_the_first_call(student, rng):
    """Before the first call there are no variables, after it there are w and b, of the shapes that the input asks for.

    Hint: x.shape[-1] is the number of features; it is known while tracing.
    """
    layer = student.LazyDense(4)
    check(value(layer.w) is None and value(layer.b) is None, "w and b must be None before the first call")
    layer(tensor(singles(rng, 2, 3)))
    check_variables(student, layer, 3, 4)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "layer = LazyDense(3)\n"
    "layer(tf.ones([1, 10_000]))  # 10_000 ** -0.5 is 0.01\n"
    "round(float(tf.math.reduce_std(layer.w)), 3)",
    gives=0.01,
)
def test_initial_values(student, rng):
    """w begins with new random numbers of mean 0 and standard deviation features ** -0.5, b with zeros.

    Hint: tf.random.normal(shape, stddev=...), without a seed: in graphs, equal seeds give equal numbers.
    """
    x = tensor(singles(rng, 1, 100))
    layer, other = student.run(two_layers, student.LazyDense, 60, x, False)
    w = as_numbers(layer.w, "w")
    close(value(layer.b), np.zeros(60), "b")
    spread, mean = float(np.std(w)), float(np.mean(w))
    check(0.09 < spread < 0.11, "for 100 features, w must have the standard deviation 0.1", got=spread)
    check(abs(mean) < 0.01, "the mean of w must be 0", got=mean)
    check(w.shape == (100, 60), "w must have the shape (features, units)", got=w.shape)
    check_drawn_apart(w)
    narrow, single = student.LazyDense(4000), student.LazyDense(1)
    for small in narrow, single:
        small(tensor(singles(rng, 1, 1)))
    number = float(as_numbers(single.w, "w")[0, 0])
    check(0 < abs(number) < 20, "for 1 feature and 1 unit, w must be a random number", got=number)
    spread = float(np.std(as_numbers(narrow.w, "w")))
    check(0.9 < spread < 1.1, "for 1 feature, w must have the standard deviation 1", got=spread)
    in_a_graph = student.run(two_layers, student.LazyDense, 4, x, True)
    for (one, two), where in (((layer, other), "eager mode"), (in_a_graph, "a graph")):
        equal = float(np.mean(as_numbers(one.w, "w") == as_numbers(two.w, "w")))
        must = f"another layer must begin with other numbers, created in {where}"
        check(equal < 0.9, must, got=f"{100 * equal:.0f} % of them are equal")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "layer = LazyDense(2)\n"
    "layer(tf.ones([1, 3]))\n"
    "layer.w.assign(tf.ones([3, 2]))\n"
    "layer.b.assign([10.0, 20.0])\n"
    "layer(tf.ones([1, 3])).numpy()",
    gives=[[13.0, 23.0]],
)
def test_eager_calls(student, rng):
    """In eager mode the layer computes x @ w + b, for any number of rows, with the same w and b each time.

    Hint: create the variables only if they are None, whatever comes later.
    """
    layer, b = student.LazyDense(2), singles(rng, 2)
    layer(tensor(singles(rng, 1, 3)))
    layer.b.assign(b)
    w = as_numbers(layer.w, "w")
    for rows in (1, 4, 0):
        x = singles(rng, rows, 3)
        y = layer(tensor(x))
        close(y, x @ w + b, f"the result for {rows} rows")
        check_float32(y, "the result")
    x, later = singles(rng, 2, 3), singles(rng, 2)
    before, after = student.run(before_and_after, layer, tensor(x), later, tensor(singles(rng, 2, 4)))
    close(before, x @ w + b, "the result")
    close(after, x @ w + later, "the result for the same tensor after b has changed")
    check_variables(student, layer, 3, 2)


@pytest.mark.points(1)
@pytest.mark.example(
    "layer = LazyDense(2)\n"
    "f = tf.function(layer.__call__)\n"
    "f(tf.ones([1, 3]))\n"
    "layer.w.assign(tf.ones([3, 2]))\n"
    "f(tf.ones([2, 3])).numpy()",
    gives=[[3.0, 3.0], [3.0, 3.0]],
)
def test_created_once_in_graphs(student, rng):
    """Inside a tf.function the layer is traced several times, and still has one w and one b.

    Hint: tf.function allows new variables at its first call only. A weight that is no variable is new in each trace.
    """
    layer = student.LazyDense(1)
    graph = student.run(inside_a_graph, layer)
    graph(tensor(singles(rng, 2, 3)))
    w, b = as_numbers(layer.w, "w"), as_numbers(layer.b, "b")
    for rows in (4, 2):
        x = singles(rng, rows, 3)
        close(graph(tensor(x)), x @ w + b, f"the result for {rows} rows, in a graph")
    close(layer.w, w, "w after several traces")
    check_variables(student, layer, 3, 1)


@pytest.mark.points(1)
@pytest.mark.example(
    "layer = LazyDense(1)\n"
    "layer(tf.ones([1, 2]))\n"
    "with tf.GradientTape() as record:\n"
    "    y = layer(tf.ones([1, 2]))\n"
    "of_w, of_b = record.gradient(y, [layer.w, layer.b])\n"
    '{"reaches w": of_w is not None, "reaches b": of_b is not None}',
    gives={"reaches w": True, "reaches b": True},
)
def test_gradients_reach_the_variables(student, rng):
    """Both variables receive their gradients, in eager mode and in a graph function for any number of rows.

    Hint: compute with the variables themselves, also when they are new, not with their numpy() or a copy. In a graph
    for any number of rows x.shape[0] is None.
    """
    layer = student.LazyDense(2)
    x, g = singles(rng, 4, 3), singles(rng, 4, 2)
    gradients = student.run(gradients_by_mode, layer, tensor(x), tensor(g))
    for (of_w, of_b), where in zip(gradients, ("the first call", "eager mode", "a graph"), strict=True):
        close(of_w, x.T @ g, f"the gradient of w in {where}")
        close(of_b, g.sum(axis=0), f"the gradient of b in {where}")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "one, other = LazyDense(2), LazyDense(2)\n"
    "one(tf.ones([1, 5])), other(tf.ones([1, 6]))\n"
    "[tuple(one.w.shape), tuple(other.w.shape), one.b is other.b]",
    gives=[(5, 2), (6, 2), False],
)
def test_layers_are_separate(student, rng):
    """Two layers have variables of their own, of different sizes or the same.

    Hint: keep them on self.
    """
    one, other, alike = student.LazyDense(2), student.LazyDense(3), student.LazyDense(2)
    one(tensor(singles(rng, 1, 3)))
    other(tensor(singles(rng, 1, 4)))
    alike(tensor(singles(rng, 1, 3)))
    check_variables(student, one, 3, 2)
    check_variables(student, other, 4, 3)
    for name in ("w", "b"):
        shared = same(getattr(one, name), getattr(alike, name))
        check(not shared, f"two layers of one size must have a {name} each", got="one that both have")
