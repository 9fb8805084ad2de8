"""TensorFlow 1 in TensorFlow 2."""

from __future__ import annotations

from tests.facts.fact import fact

MODELS = "autograder/graders/session_graphs/test_models.py"
GRAPHS = "autograder/grading/clean_room/graphs.py"


@fact("tensorflow_cpu", "numpy", rests={MODELS: "labels are fed as arrays, so that TensorFlow itself decides"})
def test_a_number_out_of_range_is_wrapped_when_fed():
    """A Python int that the placeholder's type cannot hold is refused as a scalar, and wrapped without a word in a list
    and as a number of numpy's: 300 in int8 is 44."""
    import numpy as np
    import pytest
    import tensorflow as tf

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        one, many = tf.compat.v1.placeholder(tf.int8, []), tf.compat.v1.placeholder(tf.int8, [None])
        with pytest.raises(TypeError):
            session.run(one + 0, {one: 300})
        assert session.run(many + 0, {many: [300]}) == [44]
        assert session.run(one + 0, {one: np.int32(300)}) == 44


@fact("tensorflow_cpu", rests={MODELS: "label:0 is fed with ints"})
def test_fractions_are_cut_when_fed():
    """Floats that are fed to an integer placeholder are cut, as a scalar and in a list: 1.7 is 1."""
    import tensorflow as tf

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        one, many = tf.compat.v1.placeholder(tf.int32, []), tf.compat.v1.placeholder(tf.int32, [None])
        assert session.run(one + 0, {one: 1.7}) == 1
        assert list(session.run(many + 0, {many: [1.7, -1.7]})) == [1, -1]


@fact(
    "tensorflow_cpu",
    rests={
        GRAPHS: "graders feed placeholders, and read variables by what was computed from them",
        "reference/session_graphs/session_graphs.py": "the text says how it differs from the students' own framework",
    },
)
def test_feeding_a_variable_changes_nothing():
    """Feeding the tensor of a resource variable changes what is fetched of the variable itself, and not what was
    computed from it: each use reads the variable by an operation of its own."""
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        v = v1.Variable(1.0, use_resource=True)
        y = 2.0 * v
        session.run(v1.global_variables_initializer())
        assert session.run([v, y], {v: 5.0}) == [5.0, 2.0]
        w = v1.Variable(1.0, use_resource=False)
        session.run(w.initializer)
        assert session.run(2.0 * w, {w: 5.0}) == 10.0


@fact("tensorflow_cpu", rests={MODELS: "tensors are fetched by the names that the task gives"})
def test_names_without_regard_to_case():
    """Names of operations are made unique without regard to case: after "W", the name "w" becomes "w_1"."""
    import tensorflow as tf

    with tf.Graph().as_default():
        names = [tf.compat.v1.placeholder(tf.float32, name=name).op.name for name in ("W", "w", "W_1")]
    assert names == ["W", "w_1", "W_1_1"]


@fact(
    "tensorflow_cpu",
    rests={"autograder/graders/device_placement/test_session_config.py": "test_request_is_not_the_answer"},
)
def test_soft_placement_is_the_default():
    """A session without a configuration places softly: a graph that asks for a GPU that is not there runs on the CPU.
    An empty ConfigProto refuses it."""
    import pytest
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph, tf.device("/GPU:7"):
        y = tf.identity(tf.constant(1.0) + 1.0)
    with v1.Session(graph=graph) as session:
        assert session.run(y) == 2.0
    with v1.Session(graph=graph, config=v1.ConfigProto()) as session, pytest.raises(tf.errors.InvalidArgumentError):
        session.run(y)


@fact("tensorflow_cpu", rests={MODELS: "sessions_left_open knows a closed session by its RuntimeError"})
def test_a_closed_session_and_its_values():
    """A closed session refuses to run with RuntimeError, and values of another session of the same graph stay."""
    import pytest
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        v = v1.Variable(1.0)
        init = v1.global_variables_initializer()
    one, two = v1.Session(graph=graph), v1.Session(graph=graph)
    one.run(init)
    two.run(init)
    one.close()
    with pytest.raises(RuntimeError, match="closed"):
        one.run(v)
    assert two.run(v) == 1.0
    two.close()
