"""What sprint 3's hidden tests know by themselves, and how they get at a graph.

The first half is numpy: what is right. The second half are probes that hand over a graph as an artifact, for the clean
room, and that read TensorFlow's own counters. A count is read where the function is, so it is evidence; whatever can be
decided on the artifact is decided there.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.grading import TensorData, assert_close, check, is_a, probe

Array = np.ndarray
Spec = tuple[Sequence[int | None], str]
PYTHON_CALLS = ("PyFunc", "EagerPyFunc", "PyFuncStateless")
MUST_BE_A_GRAPH_FUNCTION = "this must be a tf.function, with graphs and a counter of its own"


def tensor(values: Any, dtype: str = "float32") -> TensorData:
    """Numbers that arrive in the student's kernel as a TensorFlow tensor."""
    return TensorData("tensorflow", dtype, "", np.asarray(values, dtype=dtype))


def singles(rng: np.random.Generator, *shape: int) -> Array:
    """Normal numbers that float32 holds exactly, so that both sides start from the same."""
    return rng.normal(size=shape).astype(np.float32)


def close(got: Any, expected: Any, what: str, hint: str = "") -> None:
    """`assert_close` within the accuracy of a few float32 operations, for numbers of the order of 1."""
    assert_close(got, expected, what=what, rtol=1e-4, atol=1e-5, hint=hint)


def check_float32(got: Any, what: str) -> None:
    """Check that a result is a float32 tensor."""
    check(isinstance(got, TensorData) and got.dtype == "float32", f"{what} must be a float32 tensor", got=got)


def collatz(n: int) -> int:
    """Steps from n to 1."""
    steps = 0
    while n != 1:
        n, steps = (n // 2 if n % 2 == 0 else 3 * n + 1), steps + 1
    return steps


def sums_above_zero(xs: Array) -> Array:
    """Running sums that never fall below zero."""
    sums, s = np.zeros(len(xs)), 0.0
    for t, x in enumerate(xs):
        s = sums[t] = max(s + float(x), 0.0)
    return sums


def gradient_of_sums(xs: Array, g: Array) -> Array:
    """The gradient of sum(g * sums_above_zero(xs)): what flows back from a sum stops where the sum was zero."""
    gradient, flow = np.zeros(len(xs)), 0.0
    positive = sums_above_zero(xs) > 0
    for t in reversed(range(len(xs))):
        flow = gradient[t] = (flow + float(g[t])) * positive[t]
    return gradient


def with_a_restart(rng: np.random.Generator, count: int) -> Array:
    """At least four numbers whose running sum falls to zero at the second, and is positive after that.

    Up to 60 numbers: every sum is a multiple of 1/64 that float32 holds exactly, and none is on the edge of falling to
    zero, because each positive number adds 1/64 to the fraction.
    """
    steps = rng.integers(1, 5, size=count) * rng.choice([-1, 1], size=count, p=[0.45, 0.55])
    steps[:4] = 1, -9, 2, 3
    return (steps + (steps > 0) / 64).astype(np.float32)


def descend(
    w: Array, b: float, batches: Sequence[tuple[Array, Array, int]], learning_rate: float
) -> tuple[Array, float, list[float]]:
    """Gradient descent on the mean squared error of x @ w + b, in float64; and each loss before its step."""
    w, losses = np.asarray(w, dtype=np.float64), []
    for x, y, step in batches:
        error = x.astype(np.float64) @ w + b - y
        losses.append(float(np.mean(error**2)))
        rate = learning_rate / (1 + step)
        w, b = w - rate * 2 * error @ x / len(y), b - rate * 2 * float(np.mean(error))
    return w, b, losses


@probe
def function_from(source: str, autograph: bool = False) -> Any:
    """What a text defines as f, with a source that AutoGraph can read, as it reads a notebook's.

    Where there is nothing for AutoGraph to rewrite it is told so, which saves half of the time that a trace takes.
    """
    import linecache

    import tensorflow as tf

    name = f"<autograder function {len(linecache.cache)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    namespace = {"tf": tf, "__name__": "grader"}
    exec(compile(source, name, "exec"), namespace)  # noqa: S102
    return namespace["f"] if autograph else tf.autograph.experimental.do_not_convert(namespace["f"])


@probe
def regression(Regression: Any, w: Array, b: float) -> Any:
    """A Regression with these parameters."""
    model = Regression(len(w))
    model.w.assign(w)
    model.b.assign(b)
    return model


@probe
def tracing_count(function: Any, method: str = "") -> int | str:
    """What a tf.function itself says; of anything else, its type's name."""
    function = getattr(function, method) if method else function
    if hasattr(function, "experimental_get_tracing_count"):
        return function.experimental_get_tracing_count()
    return type(function).__name__


@probe
def graph_for(function: Any, *inputs: Any) -> tuple[bytes, list[str], list[str], dict[str, Any]] | str:
    """The graph of a tf.function for Python ints, or tensors of a shape and dtype.

    A GraphDef, the names of inputs and outputs, and values that it captured; of anything else, its type's name.
    """
    import tensorflow as tf

    if not hasattr(function, "get_concrete_function"):
        return type(function).__name__
    specs = [given if isinstance(given, int) else tf.TensorSpec(*given) for given in inputs]
    concrete = function.get_concrete_function(*specs)
    captured = concrete.graph.captures
    around = {inner.name: outer.numpy() for outer, inner in captured if outer.dtype != tf.resource}
    inner = {inner.name for _, inner in captured}
    inputs = [x.name for x in concrete.inputs if x.name not in inner]
    # behind the results there are more outputs when a gradient has been taken: what the way back needs
    outputs = [y.name for y in concrete.outputs[: len(tf.nest.flatten(concrete.structured_outputs))]]
    return concrete.graph.as_graph_def().SerializeToString(), inputs, outputs, around


@probe
def gradient_of(function: Any, *specs: Any) -> Any:
    """A tf.function of the function's inputs and an upstream gradient: the gradient with respect to each input."""
    import tensorflow as tf

    def gradient(*inputs):
        *xs, upstream = inputs
        with tf.GradientTape() as tape:
            tape.watch(xs)
            y = function(*xs)
        return tape.gradient(y, xs, output_gradients=upstream)

    signature = [tf.TensorSpec(shape, dtype) for shape, dtype in specs]
    return tf.function(gradient, input_signature=signature, autograph=False)


@probe
def save_signatures(module: Any, folder: str, functions: dict[str, Any]) -> None:
    """Save a module with signatures, each from a graph function and the specs of its inputs, by name."""
    import tensorflow as tf

    saved, signatures = tf.Module(), {}
    for name, (function, specs) in functions.items():
        given = [tf.TensorSpec(shape, dtype, name=key) for key, (shape, dtype) in specs.items()]

        def call(*inputs, function=function):
            return {"y": function(*inputs)}

        signatures[name] = tf.function(call, autograph=False).get_concrete_function(*given)
    saved.module = module
    saved.used = [variable for signature in signatures.values() for variable in signature.graph.variables]
    tf.saved_model.save(saved, folder, signatures=signatures)


class Graph:
    """The graph of one of the student's functions, as bytes, to be evaluated in the clean room."""

    def __init__(self, student: Any, clean: Any, function: Any, *inputs: Spec | int) -> None:
        self._clean = clean
        parts = student.run(graph_for, function, *inputs)
        check(not isinstance(parts, str), MUST_BE_A_GRAPH_FUNCTION, got=parts)
        self._blob, self._inputs, self._outputs, self._around = parts

    def __call__(self, *batches: Sequence[Any]) -> list[list[Array]]:
        """The outputs for each batch of inputs; all in one session."""
        count = len(self._inputs)
        check(count == len(batches[0]), f"the graph must have {len(batches[0])} inputs", got=count)
        runs = [
            (self._outputs, {**self._around, **dict(zip(self._inputs, map(np.asarray, batch), strict=True))})
            for batch in batches
        ]
        return self._clean.run_graph(self._blob, runs)

    def operations(self) -> list[str]:
        """The kinds of all nodes, those of branches and loops included."""
        return [node["op"] for node in self._clean.graph_nodes(self._blob)]

    def check_without_python(self) -> None:
        """Check that nothing in it calls back into Python."""
        found = sorted(set(self.operations()) & set(PYTHON_CALLS))
        check(not found, "the graph must do its work without calling back into Python", got=", ".join(found))


def check_traces(
    student: Any, function: Any, count: int, must: str, *, method: str = "", least: int | None = None
) -> None:
    """Check what a tf.function's own counter says: count, or a number between least and count."""
    least = count if least is None else least
    got = student.run(tracing_count, function, method)
    check(is_a(got, int), MUST_BE_A_GRAPH_FUNCTION, got=got)
    check(least <= got <= count, must, got=got)


def output(answer: Any, name: str) -> Array:
    """The output of that name in what a SavedModel answered."""
    check(name in answer, f"there must be an output called {name}", got=", ".join(sorted(answer)))
    return answer[name]
