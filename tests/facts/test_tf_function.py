"""tf.function."""

from __future__ import annotations

from tests.facts.fact import fact

AMPLIFIER = "autograder/graders/tf_function/test_amplifier.py"
AS_GRAPH = "autograder/graders/tf_function/test_as_graph.py"
PREDICT = "autograder/graders/tf_function/test_predict_traces.py"
CACHE = "autograder/graders/tf_function/test_graph_cache.py"
COLLATZ = "autograder/graders/tf_function/test_collatz_steps.py"
SUMS = "autograder/graders/tf_function/test_running_sums.py"
ORACLES = "autograder/graders/tf_function/oracles.py"
GUIDE = "https://www.tensorflow.org/guide/function"


@fact("tensorflow_cpu", rests={AS_GRAPH: "its probes call functions, and never hand them to a graph function"})
def test_a_wrapped_argument_is_unwrapped():
    """A function handed to a graph function as an argument is unwrapped when functools.wraps made it: the decorator's
    work is not done, and the wrapped and the bare function share one trace."""
    import functools

    import tensorflow as tf

    def bare(x):
        return x + 1.0

    @functools.wraps(bare)
    def ten_times(x):
        return 10.0 * bare(x)

    apply = tf.function(lambda f, x: f(x))
    assert float(apply(ten_times, tf.constant(1.0))) == 2.0
    assert float(apply(bare, tf.constant(1.0))) == 2.0
    assert apply.experimental_get_tracing_count() == 1


@fact("tensorflow_cpu", rests={AS_GRAPH: "a student may decorate fn before as_graph makes a graph of it"})
def test_a_wrapped_function_itself_is_not():
    """A function that functools.wraps made and that becomes the graph function itself does its decorator's work, and
    its python_function is still the wrapper."""
    import functools

    import tensorflow as tf

    def bare(x):
        return x + 1.0

    @functools.wraps(bare)
    def ten_times(x):
        return 10.0 * bare(x)

    f = tf.function(ten_times)
    assert float(f(tf.constant(1.0))) == 20.0
    assert f.python_function is ten_times


@fact("tensorflow_cpu", rests={COLLATZ: "the steps must come back as int64, also for large numbers"})
def test_int_of_a_tensor_is_int32():
    """Inside a graph, int(n) of an int64 tensor is an int32 tensor, and 2 ** 40 becomes 0 without a word."""
    import tensorflow as tf

    f = tf.function(lambda n: int(n))
    cut = f(tf.constant(2**40, tf.int64))
    assert cut.dtype == tf.int32
    assert int(cut) == 0


@fact("tensorflow_cpu", rests={ORACLES: "graphs get inputs of the dtype that a test asks for, float64 too"})
def test_float_of_a_tensor_is_float32():
    """Inside a graph, float(x) of a float64 tensor is a float32 tensor: nine digits are lost."""
    import tensorflow as tf

    f = tf.function(lambda x: float(x))
    assert f(tf.constant(0.1, tf.float64)).dtype == tf.float32


@fact("tensorflow_cpu", rests={SUMS: "test_nothing_in_nothing_out runs a loop over no numbers"})
def test_a_loop_over_nothing_sets_its_variable():
    """After a loop over tf.range(0) that took no step, the loop variable exists and is 0; in Python it would not exist.
    A value that it had before the loop is kept."""
    import tensorflow as tf

    @tf.function
    def new(n):
        for i in tf.range(n):
            pass
        return i

    @tf.function
    def old(n):
        i = tf.constant(-7)
        for i in tf.range(n):
            pass
        return i

    assert int(new(tf.constant(0))) == 0
    assert int(old(tf.constant(0))) == -7
    assert int(old(tf.constant(3))) == 2


@fact("tensorflow_cpu", rests={SUMS: "a sum that is first set inside the loop fails on an empty input"})
def test_first_set_in_a_loop_over_nothing():
    """A variable that is first set inside a loop over a tensor works while the loop takes a step, and raises
    InvalidArgumentError when it takes none."""
    import pytest
    import tensorflow as tf

    @tf.function
    def last(n):
        for i in tf.range(n):
            y = 2 * i
        return y

    assert int(last(tf.constant(3))) == 4
    with pytest.raises(tf.errors.InvalidArgumentError):
        last(tf.constant(0))


@fact("tensorflow_cpu", rests={PREDICT: "calls hold tensors, arrays and numbers, and no other objects"}, source=GUIDE)
def test_dataclasses_as_arguments():
    """A dataclass that defines equality without a hash is refused as an argument of a graph function; frozen
    dataclasses that are equal share a trace."""
    from dataclasses import dataclass

    import pytest
    import tensorflow as tf

    @dataclass
    class Open:
        factor: int

    @dataclass(frozen=True)
    class Frozen:
        factor: int

    f = tf.function(lambda x, setting: x * setting.factor)
    with pytest.raises(TypeError, match="TraceType"):
        f(tf.constant(1), Open(2))
    settings = Frozen(2), Frozen(2), Frozen(3)
    assert [int(f(tf.constant(1), setting)) for setting in settings] == [2, 2, 3]
    assert f.experimental_get_tracing_count() == 2


@fact("tensorflow_cpu", rests={PREDICT: "calls hold tensors, arrays and numbers, and no other objects"})
def test_an_object_is_read_once():
    """An object of a plain class as an argument is known by its identity: what it held while tracing stays in the
    graph, and a change of it makes no new trace."""
    import tensorflow as tf

    class Setting:
        factor = 2

    setting = Setting()
    f = tf.function(lambda x, s: x * s.factor)
    assert int(f(tf.constant(1), setting)) == 2
    setting.factor = 5
    assert int(f(tf.constant(1), setting)) == 2
    assert f.experimental_get_tracing_count() == 1


@fact("tensorflow_cpu", rests={PREDICT: "no call hands a function over", CACHE: "fn is given once, to the cache"})
def test_traces_of_functions_as_arguments():
    """As an argument of a graph function the same function, and the same bound method fetched again, are one trace; the
    method of another object, and each partial of its own, are new ones. A kept partial is traced once."""
    import functools

    import tensorflow as tf

    class Adder:
        def add(self, x):
            return x + 1

    def add(x):
        return x + 1

    one, two = Adder(), Adder()
    partials = [functools.partial(add) for _ in range(2)]
    given = [add, add, one.add, one.add, two.add, partials[0], partials[0], partials[1]]
    f, counts = tf.function(lambda g, x: g(x)), []
    for g in given:
        f(g, tf.constant(1))
        counts.append(f.experimental_get_tracing_count())
    assert counts == [1, 1, 2, 2, 3, 4, 4, 5]


@fact(
    "tensorflow_cpu",
    rests={
        CACHE: "test_types_of_python_numbers asks for three graphs where TensorFlow has one",
        "docs/sprints/tf_function.md": "told under What may surprise you",
    },
)
def test_equal_numbers_share_a_trace():
    """After f(1), the calls f(1.0) and f(True) go through the graph of 1, because the numbers are equal to Python: the
    result is an int32."""
    import tensorflow as tf

    f = tf.function(lambda n: tf.constant(n))
    results = [f(n) for n in (1, 1.0, True)]
    assert f.experimental_get_tracing_count() == 1
    assert {result.dtype for result in results} == {tf.int32}


@fact("tensorflow_cpu", rests={PREDICT: "test_python_numbers_count_by_value and test_arrays_count_as_tensors"})
def test_numpy_numbers_count_as_tensors():
    """numpy's own numbers are traced like tensors, once for all values of a dtype; Python's are traced for each
    value."""
    import numpy as np
    import tensorflow as tf

    f = tf.function(lambda n: n)
    for value in range(3):
        f(np.float32(value))
    assert f.experimental_get_tracing_count() == 1
    for value in range(3):
        f(float(value))
    assert f.experimental_get_tracing_count() == 4


@fact("tensorflow_cpu", rests={CACHE: "test_keywords: the order of keywords makes no new graph, nor does a dict's"})
def test_order_of_keys():
    """Dicts with the same keys in another order share a trace; a list and a tuple of the same tensors do not."""
    import tensorflow as tf

    f = tf.function(lambda pair: tf.nest.flatten(pair)[0])
    one, two = tf.constant(1.0), tf.constant(2.0)
    f({"a": one, "b": two})
    f({"b": one, "a": two})
    assert f.experimental_get_tracing_count() == 1
    f([one, two])
    f((one, two))
    assert f.experimental_get_tracing_count() == 3


@fact("tensorflow_cpu", rests={"autograder/graders/tf_function/test_lazy_dense.py": "traces are read from the counter"})
def test_a_body_with_variables_runs_twice():
    """When a graph function creates a variable, its Python body runs twice at the first call, and the tracing count
    says 2 as well."""
    import tensorflow as tf

    kept, runs = [], []

    @tf.function
    def f(x):
        runs.append(1)
        if not kept:
            kept.append(tf.Variable(1.0))
        return kept[0] * x

    f(tf.constant(1.0))
    assert len(runs) == f.experimental_get_tracing_count() == 2


@fact("tensorflow_cpu", rests={ORACLES: "the grader takes the first output of a graph"})
def test_a_gradient_adds_outputs():
    """When a gradient has been taken of a graph function with a loop, its concrete function has more outputs than
    before: what the loop must remember. The function's result stays the first."""
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec([None])])
    def f(xs):
        s = tf.constant(0.0)
        for x in xs:
            s = s * x + 1.0
        return s

    concrete = f.get_concrete_function()
    assert len(concrete.graph.outputs) == 1
    xs = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(xs)
        y = f(xs)
    tape.gradient(y, xs)
    assert len(concrete.graph.outputs) > 1
    assert concrete.graph.outputs[0].shape == ()


@fact(
    "tensorflow_cpu",
    rests={
        AMPLIFIER: "noise for two shapes of x is compared without a global seed: with one, each solution repeats it"
    },
    source="https://www.tensorflow.org/api_docs/python/tf/random/set_seed",
)
def test_after_set_seed_each_graph_draws_from_the_beginning():
    """After tf.random.set_seed, tf.random.normal without a seed of its own begins anew in each graph of a graph
    function: for another shape the numbers are those of the first call. Within a graph they go on."""
    import tensorflow as tf

    draw = tf.function(lambda x: tf.random.normal(tf.shape(x)))
    tf.random.set_seed(1)
    first, second, longer = (draw(tf.zeros(n)).numpy().tolist() for n in (3, 3, 5))
    assert longer[:3] == first
    assert second != first
