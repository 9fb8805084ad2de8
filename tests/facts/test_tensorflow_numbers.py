"""TensorFlow's numbers, and numpy's."""

from __future__ import annotations

from tests.facts.fact import fact

PORT = "autograder/graders/session_graphs/test_port.py"
STEP = "autograder/graders/tf_function/test_train_step.py"
OPERATIONS = "autograder/graders/define_by_run/test_operations.py"


@fact(
    "tensorflow_cpu", "numpy", rests={PORT: "labels are ints and batches are floats: what mixes them is cut, or raises"}
)
def test_an_int_tensor_times_a_float_array():
    """An int32 tensor times a float64 array cuts the array's fractions, from either side; times a list of floats, or a
    Python float, it raises. A float of numpy's is cut as well."""
    import numpy as np
    import pytest
    import tensorflow as tf

    whole, halves = tf.constant([1, 2, 3]), np.array([0.5, 1.5, 2.5])
    assert list((whole * halves).numpy()) == [0, 2, 6]
    assert list((halves * whole).numpy()) == [0, 2, 6]
    assert list((whole * np.float64(0.5)).numpy()) == [0, 0, 0]
    for other in (0.5, [0.5, 1.5, 2.5]):
        with pytest.raises(TypeError):
            whole * other


@fact(
    "tensorflow_cpu",
    "numpy",
    rests={STEP: "learning rates are Python floats; numpy's would cast to the tensor's type as well"},
)
def test_a_numpy_float_takes_the_tensors_type():
    """A float64 of numpy's, as a number or an array, becomes float32 beside a float32 tensor; a float64 tensor beside
    it raises."""
    import numpy as np
    import pytest
    import tensorflow as tf

    x = tf.constant([1.0, 2.0])
    assert (x * np.float64(0.1)).dtype == (x * np.array([0.1, 0.2])).dtype == tf.float32
    with pytest.raises(tf.errors.InvalidArgumentError):
        x * tf.constant(0.1, tf.float64)


@fact(
    "tensorflow_cpu",
    "numpy",
    rests={"autograder/jail/inside/frameworks.py": "tensors are made of arrays that have their dtype already"},
)
def test_constants_out_of_range():
    """tf.constant wraps an int that its type cannot hold, 300 in int8 is 44, and refuses a float for an integer type;
    of a float array it takes the whole part."""
    import numpy as np
    import pytest
    import tensorflow as tf

    assert int(tf.constant(300, tf.int8)) == 44
    with pytest.raises(TypeError):
        tf.constant(1.5, tf.int8)
    assert int(tf.constant(np.array(1.5), tf.int8)) == 1


@fact(
    "tensorflow_cpu",
    "keras",
    rests={
        OPERATIONS: "gradients of relu are asked away from 0, so that every spelling is right",
        "autograder/graders/cnn_layers/test_build_cnn.py": "images are chosen at a distance from the kink",
        "autograder/graders/tf_function/oracles.py": "with_a_restart keeps sums away from zero",
    },
)
def test_spellings_of_relu_at_zero():
    """At 0 six spellings of ReLU have the gradients 0, a half and 1: relu, where(x > 0) and maximum(0, x) say 0, (x +
    |x|) / 2 says a half, maximum(x, 0) and clip_by_value say 1."""
    import tensorflow as tf

    spellings = {
        "relu": tf.nn.relu,
        "where": lambda x: tf.where(x > 0, x, 0.0),
        "maximum(0, x)": lambda x: tf.maximum(0.0, x),
        "abs": lambda x: (x + tf.abs(x)) / 2,
        "maximum(x, 0)": lambda x: tf.maximum(x, 0.0),
        "clip": lambda x: tf.clip_by_value(x, 0.0, 9.0),
    }
    found = {}
    for name, relu in spellings.items():
        x = tf.Variable(0.0)
        with tf.GradientTape() as tape:
            y = relu(x)
        found[name] = float(tape.gradient(y, x))
    assert found == {"relu": 0, "where": 0, "maximum(0, x)": 0, "abs": 0.5, "maximum(x, 0)": 1, "clip": 1}


@fact(
    "tensorflow_cpu",
    rests={"autograder/graders/define_by_run/test_arithmetic.py": "bases of powers are drawn away from 0"},
)
def test_powers_at_zero():
    """The gradient of x ** 0 at 0 is NaN, that of x ** 0.5 is infinite, and that of x ** y by y is 0 where x is 0."""
    import math

    import tensorflow as tf

    def gradient(exponent):
        x = tf.Variable(0.0)
        with tf.GradientTape() as tape:
            y = x**exponent
        return float(tape.gradient(y, x))

    assert math.isnan(gradient(0.0))
    assert (gradient(1.0), gradient(2.0), gradient(0.5)) == (1.0, 0.0, math.inf)
    x, y = tf.Variable(0.0), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        power = x**y
    assert float(tape.gradient(power, y)) == 0.0


@fact("tensorflow_cpu", rests={"autograder/grading/assertions.py": "a NaN is close to a NaN only"})
def test_the_norm_of_zero():
    """The gradient of tf.norm at the zero vector is NaN; torch says 0."""
    import math

    import tensorflow as tf

    x = tf.Variable([0.0, 0.0])
    with tf.GradientTape() as tape:
        y = tf.norm(x)
    assert all(map(math.isnan, tape.gradient(y, x).numpy()))


@fact(
    "tensorflow_cpu",
    rests={"autograder/graders/device_placement/test_average_tower_gradients.py": "test_missing_gradients"},
)
def test_a_missing_gradient_is_none():
    """A tape gives None for a variable that the loss does not depend on and for an integer variable, not zeros."""
    import tensorflow as tf

    used, unused, whole = tf.Variable(1.0), tf.Variable(1.0), tf.Variable(1)
    with tf.GradientTape() as tape:
        y = used * tf.cast(whole, tf.float32)
    assert tape.gradient(y, [unused, whole]) == [None, None]
