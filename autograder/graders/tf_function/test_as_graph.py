"""Hidden tests of task 1: from a function to a graph. What goes in is the grader's, what is judged is the graph."""

import numpy as np
import pytest

from autograder.graders.tf_function.oracles import (
    Graph,
    check_float32,
    check_traces,
    close,
    function_from,
    gradient_of,
    singles,
    tensor,
)
from autograder.grading import as_numbers, check, is_a, probe, raises

PRODUCT = "def f(wave, by):\n    return wave * by + tf.sin(wave)\n"
BRANCHES = """\
def quartered(x):
    while tf.reduce_sum(x) > 100.0:
        x = x / 4.0
    return x


def f(x):
    parts = []
    parts.append(quartered(x))
    x = parts[0]
    if tf.reduce_sum(x) > 0.0:
        y = 3.0 * x
    else:
        y = x - 1.0
    return y
"""
DOUBLE = "def f(x):\n    return 2.0 * x\n"
REPEATED = """\
def f(x, y, n, part=0.5):
    for _ in range(n):
        x = x + part * y
    return x, tf.reduce_sum(x)
"""


def product(x, y):
    """The first function, in numpy."""
    return x * y + np.sin(x)


@probe
def tensor_spec(shape, dtype):
    import tensorflow as tf

    return tf.TensorSpec(shape, dtype)


@probe
def settings():
    import tensorflow as tf

    found = {"eager": tf.executing_eagerly(), "functions run eagerly": tf.config.functions_run_eagerly()}
    if hasattr(tf.constant(0.0), "reshape"):
        found["tensors"] = "behave as NumPy's arrays"
    return found


@probe
def settings_changed_by(as_graph, function, x):
    """Settings that as_graph changes. Each is turned around first: one that is set to what it was would not show."""
    import tensorflow as tf
    from tensorflow.python.autograph.utils import ag_logging  # nothing public reads this, the seed and determinism
    from tensorflow.python.eager import context
    from tensorflow.python.framework import config

    optimizer, others, log, debugging = tf.config.optimizer, tf.config.experimental, tf.get_logger(), tf.debugging
    determinism = config.disable_op_determinism, config.enable_op_determinism
    filtering = debugging.disable_traceback_filtering, debugging.enable_traceback_filtering
    settings = {
        "where operations are placed": (tf.config.get_soft_device_placement, tf.config.set_soft_device_placement),
        "XLA": (lambda: bool(optimizer.get_jit()), optimizer.set_jit),
        "TensorFloat-32": (others.tensor_float_32_execution_enabled, others.enable_tensor_float_32_execution),
        "the graph optimizer": (optimizer.get_experimental_options, optimizer.set_experimental_options),
        "whether functions run eagerly": (tf.config.functions_run_eagerly, tf.config.run_functions_eagerly),
        "the log of placements": (debugging.get_log_device_placement, debugging.set_log_device_placement),
        "deterministic operations": (config.is_op_determinism_enabled, lambda on: determinism[on]()),
        "what tracebacks leave out": (debugging.is_traceback_filtering_enabled, lambda on: filtering[on]()),
        "the seed": (context.global_seed, tf.random.set_seed),
        "the log": (lambda: log.level, log.setLevel),
        "AutoGraph's log": (lambda: ag_logging.verbosity_level, lambda to: setattr(ag_logging, "verbosity_level", to)),
    }
    before = {name: read() for name, (read, _) in settings.items()}
    # values that nobody would choose; and a log of placements that is off is left so, because it would be long
    turned = {"the log of placements": False, "the seed": 20_117, "the log": 31, "AutoGraph's log": -1}
    for name, is_on in before.items():
        inverse = {key: not on for key, on in is_on.items()} if name == "the graph optimizer" else not is_on
        turned.setdefault(name, inverse)
    try:
        for name, (_, write) in settings.items():
            write(turned[name])
        as_graph(function)(x)
        return [name for name, (read, _) in settings.items() if read() != turned[name]]
    finally:
        for name, (_, write) in settings.items():
            write(before[name])


@pytest.mark.points(0.5)
@pytest.mark.example(
    "f = as_graph(lambda x: 2.0 * x)\n"
    "f(tf.constant([1.0, 2.0]))\n"
    "f(tf.constant([3.0, 4.0]))\n"
    "f.experimental_get_tracing_count()",
    gives=1,
)
def test_one_graph_for_one_signature(student, rng):
    """Tensors of the same dtype and shape go through one graph, whatever their numbers.

    Hint: build the tf.function once, in as_graph, and return it itself: it brings its counter along.
    """
    function = student.run(function_from, PRODUCT)
    f = student.as_graph(function)
    for _ in range(3):
        x, y = singles(rng, 4), singles(rng, 4)
        close(f(tensor(x), tensor(y)), product(x, y), "the result")
    check_traces(student, f, 1, "three calls with equal dtypes and shapes must be one trace")
    must = "as_graph must make a tf.function at each call, which nobody has traced, also of the same function"
    check_traces(student, student.as_graph(function), 0, must)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "f = as_graph(lambda x, n: [x * n] * n)\n[result.numpy().tolist() for result in f(np.array([1.0, 4.0]), 2)]",
    gives=[[2.0, 8.0], [2.0, 8.0]],
)
def test_what_goes_in_and_comes_out(student, rng):
    """Tensors, arrays and Python numbers go in as they are, and all tensors that the function returns come out.

    Hint: hand on what comes, and nothing else: fn knows its defaults. Return what fn returns.
    """
    f = student.as_graph(student.run(function_from, REPEATED))
    x, y, n = singles(rng, 4), singles(rng, 4), int(rng.integers(2, 6))
    results = f(tensor(x), y, n)
    check(is_a(results, tuple, list) and len(results) == 2, "both tensors must come out", got=results)
    close(results[0], x + n * 0.5 * y, "the first result")
    close(results[1], np.sum(x + n * 0.5 * y), "the second result")
    check_float32(results[0], "the first result, from float32 inputs,")
    doubles = f(np.float64(x), np.float64(y), n, 0.25)[0]
    dtype = as_numbers(doubles, "the first result").dtype
    check(str(dtype) == "float64", "arrays of float64 must go in as they are, and float64 come out", got=str(dtype))
    close(doubles, x + n * 0.25 * y, "the first result with a number in place of the default")
    check_traces(student, f, 2, "what as_graph returns must make a graph for float32 and one for float64")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "f = as_graph(lambda x, y: x - y)\n"
    "results = [float(f(x=tf.constant(3.0), y=tf.constant(1.0))), float(f(y=tf.constant(5.0), x=tf.constant(3.0)))]\n"
    '{"results": results, "traces": f.experimental_get_tracing_count()}',
    gives={"results": [2.0, -2.0], "traces": 1},
)
def test_keywords(student, rng):
    """The graph function takes keywords as the function does, and their order makes no new graph.

    Hint: if you wrap fn in a function of your own, let it take *args and **kwargs and pass both on.
    """
    f = student.as_graph(student.run(function_from, PRODUCT))
    x, y = singles(rng, 3), singles(rng, 3)
    close(f(wave=tensor(x), by=tensor(y)), product(x, y), "the result of f(wave=..., by=...)")
    close(f(by=tensor(y), wave=tensor(x)), product(x, y), "the result of f(by=..., wave=...)")
    check_traces(student, f, 1, "keywords in another order must not be another trace")
    close(f(tensor(x), by=tensor(y)), product(x, y), "the result of f(x, by=...)")


@pytest.mark.points(1)
@pytest.mark.example(
    "graph = as_graph(root).get_concrete_function(tf.TensorSpec([], tf.float32))  # root is in the checks\n"
    "results = [float(graph(tf.constant(number))) for number in (16.0, -16.0)]\n"
    '{"results": results, "calls Python": any("PyFunc" in node.op for node in graph.graph.as_graph_def().node)}',
    gives={"results": [4.0, 0.0], "calls Python": False},
)
def test_both_branches(student, clean, rng):
    """An if on a tensor becomes part of the graph, with both of its branches, and so does a while.

    Hint: leave AutoGraph on, without features that nobody asked for; it turns the if into a tf.cond, and the while into
    a tf.while_loop. A list stays Python's.
    """
    f = student.as_graph(student.run(function_from, BRANCHES, autograph=True))
    graph = Graph(student, clean, f, ([None], "float32"))
    up, down = np.abs(singles(rng, 4)) + 0.1, -np.abs(singles(rng, 3)) - 0.1
    far = np.float32([200.0, 300.0]) + up[:2]  # from 500 to 125 to 31
    (above,), (below,), (looped,) = graph([up], [down], [far])
    close(above, 3 * up, "the result where the condition holds")
    close(below, down - 1, "the result where it does not")
    close(looped, 3 * far / 16, "the result after two rounds of the loop")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "graph = as_graph(lambda x: 2.0 * x).get_concrete_function(tf.TensorSpec([None], tf.float32)).graph\n"
    'any("PyFunc" in node.op for node in graph.as_graph_def().node)',
    gives=False,
)
def test_no_python_in_the_graph(student, clean):
    """What is in the graph are TensorFlow's operations, not calls back into Python.

    Hint: tf.py_function and tf.numpy_function only hide your Python behind one operation.
    """
    f = student.as_graph(student.run(function_from, PRODUCT))
    Graph(student, clean, f, ([None], "float32"), ([None], "float32")).check_without_python()


@pytest.mark.points(0.5)
@pytest.mark.example(
    "f, x = as_graph(lambda x: x * x), tf.constant([1.0, 3.0])\n"
    "with tf.GradientTape() as record:\n"
    "    record.watch(x)\n"
    "    y = f(x)\n"
    "record.gradient(y, x)",
    gives=[2.0, 6.0],
)
def test_gradients(student, clean, rng):
    """Gradients flow through the graph, and are those of the function.

    Hint: a tf.function that you return as it is can be differentiated like any operation.
    """
    specs = [([None], "float64")] * 3
    f = student.as_graph(student.run(function_from, PRODUCT))
    graph = Graph(student, clean, student.run(gradient_of, f, *specs), *specs)
    x, y, g = rng.normal(size=(3, 5))
    (outputs,) = graph([x, y, g])
    check(len(outputs) == 2, "a gradient must reach both inputs", got=f"gradients for {len(outputs)}")
    close(outputs[0], g * (y + np.cos(x)), "the gradient of the first input")
    close(outputs[1], g * x, "the gradient of the second input")
    check_traces(student, f, 3, "what as_graph returns must make a graph", least=1)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "f = as_graph(lambda x: 2.0 * x, reduce_retracing=True)\n"
    "for length in (1, 2, 3, 4):\n"
    "    f(tf.ones(length))\n"
    "traces = f.experimental_get_tracing_count()\n"
    '"one or two" if traces in (1, 2) else traces',
    gives="one or two",
)
def test_reduce_retracing(student, rng):
    """With reduce_retracing=True, and only then, the graph function soon has one graph for all lengths.

    Hint: pass the options on to tf.function, and add none.
    """
    double = student.run(function_from, DOUBLE)
    f = student.as_graph(double, reduce_retracing=True)
    for length in range(2, 7):
        x = singles(rng, length)
        close(f(tensor(x)), 2 * x, "the result")
    check_traces(student, f, 2, "five lengths must be two traces at most", least=1)
    f = student.as_graph(double)
    for length in range(2, 5):
        f(tensor(singles(rng, length)))
    check_traces(student, f, 3, "without the option three lengths must be three traces")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "f = as_graph(lambda x: 2.0 * x, input_signature=[tf.TensorSpec([None], tf.float32)])\n"
    "for length in (4, 5, 6):\n"
    "    f(tf.ones(length))\n"
    "f.experimental_get_tracing_count()",
    gives=1,
)
def test_input_signature(student, rng):
    """as_graph(f, input_signature=...) gives a function with one graph, which refuses what does not fit.

    Hint: pass the options on to tf.function.
    """
    signature = [student.run(tensor_spec, [2, None], "float32")]
    f = student.as_graph(student.run(function_from, DOUBLE), input_signature=signature)
    for length in range(1, 4):
        x = singles(rng, 2, length)
        close(f(tensor(x)), 2 * x, "the result")
    check_traces(student, f, 1, "one signature must be one trace")
    with raises("TypeError", "ValueError"):  # three rows, where the signature says two
        f(tensor(singles(rng, 3, 2)))


@pytest.mark.points(0.5)
@pytest.mark.example(
    "as_graph(lambda x: 2.0 * x)(tf.ones(2))\n"
    '{"eager": tf.executing_eagerly(), "functions run eagerly": tf.config.functions_run_eagerly()}',
    gives={"eager": True, "functions run eagerly": False},
)
def test_eager_mode_is_untouched(student, rng):
    """Outside of graph functions TensorFlow stays eager, and graph functions stay graphs.

    Hint: change no global settings, such as tf.config.run_functions_eagerly or tf.config.optimizer.set_jit.
    """
    x = singles(rng, 3)
    f = student.as_graph(student.run(function_from, DOUBLE))
    close(f(tensor(x)), 2 * x, "the result")
    check_traces(student, f, 1, "what as_graph returns must make a graph")
    after = student.run(settings)
    check(after == {"eager": True, "functions run eagerly": False}, "global settings must be as before", got=after)
    changed = student.run(settings_changed_by, student.as_graph, student.run(function_from, DOUBLE), tensor(x))
    check(not changed, "other global settings must be as before, too", got=", ".join(changed))
