"""Keras 3."""

from __future__ import annotations

from tests.facts.fact import fact

BUILD = "autograder/graders/cnn_layers/test_build_cnn.py"
TAPE = "autograder/graders/cnn_layers/test_tape_epoch.py"
REPORT = "autograder/graders/cnn_layers/test_layer_report.py"
PAGE = "docs/sprints/cnn_layers.md"
EXPORT = "autograder/graders/tf_function/test_export.py"


@fact(
    "keras",
    "tensorflow_cpu",
    rests={BUILD: "test_loss_fits asks for the loss of what the outputs mean", PAGE: "softmax_taken_for_logits"},
)
def test_raw_scores_are_normalised_by_one_loss():
    """categorical_crossentropy divides what it takes for probabilities by their sum; sparse_categorical_crossentropy
    does not: it cuts each score to 1. For the scores 2, 1, 1 and the first class the one says 0.69 and the other
    1.10."""
    import keras
    import numpy as np

    scores, halves = np.array([[2.0, 1.0, 1.0]]), np.array([[0.5, 0.25, 0.25]])
    dense, sparse = keras.losses.categorical_crossentropy, keras.losses.sparse_categorical_crossentropy
    one, first = np.array([[1.0, 0.0, 0.0]]), np.array([0])
    assert np.isclose(dense(one, scores), dense(one, halves))
    assert np.isclose(dense(one, scores), np.log(2))
    assert np.isclose(sparse(first, scores), np.log(3))
    assert np.isclose(sparse(first, halves), np.log(2))


@fact("keras", "tensorflow_cpu", rests={PAGE: 'Dense(10, activation="softmax") with from_logits=True earns full marks'})
def test_a_softmax_layer_is_seen_through():
    """Behind a softmax layer of Keras' own, a loss with from_logits=True takes the logits from before the softmax."""
    import keras
    import numpy as np

    x = keras.Input((3,))
    model = keras.Model(x, keras.layers.Softmax()(x))
    logits, labels = np.array([[5.0, 1.0, 0.0]], "float32"), np.array([1])
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    loss = float(model.compute_loss(y=labels, y_pred=model(logits)))
    assert np.isclose(loss, np.log(np.exp([5.0, 1.0, 0.0]).sum()) - 1.0, rtol=1e-4)


@fact(
    "keras",
    "tensorflow_cpu",
    rests={TAPE: "test_frozen_layers_stay freezes before the model is built, and compiles nothing"},
)
def test_freezing_after_compile():
    """A layer that is frozen after compile stays as it is when nothing has been fitted yet; after the first fit it goes
    on learning until the next compile."""
    import keras
    import numpy as np

    def learns(fitted):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        x, y = np.ones((8, 2)), np.ones((8, 1))
        if fitted:
            model.fit(x, y, verbose=0)
        model.layers[0].trainable = False
        before = model.layers[0].get_weights()[0]
        model.fit(x, y, verbose=0)
        return not np.array_equal(before, model.layers[0].get_weights()[0])

    assert not learns(fitted=False)
    assert learns(fitted=True)


@fact(
    "keras",
    "tensorflow_cpu",
    rests={BUILD: "images are sent as (n, 28, 28, 1), and outputs are compared with their shape"},
)
def test_shapes_that_fit_one_feature():
    """Inputs of shape (4,), (4, 1) and (4, 1, 1) all fit Input((1,)) and give (4, 2); (4, 2) is refused."""
    import keras
    import numpy as np
    import pytest

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2)])
    assert {tuple(model(np.ones(shape)).shape) for shape in ((4,), (4, 1), (4, 1, 1))} == {(4, 2)}
    with pytest.raises(ValueError, match="shape"):
        model(np.ones((4, 2)))


@fact(
    "keras",
    "tensorflow_cpu",
    rests={BUILD: "test_weights reads weights, and not variables: a Dropout is a free choice"},
)
def test_dropout_has_a_variable():
    """A Dropout layer has a variable, the state of its random numbers, that is neither a weight nor a parameter."""
    import keras

    layer = keras.layers.Dropout(0.5)
    assert [variable.path.rpartition("/")[2] for variable in layer.variables] == ["seed_generator_state"]
    assert (layer.weights, layer.count_params()) == ([], 0)


@fact(
    "keras", "tensorflow_cpu", rests={BUILD: "21,840 numbers are counted in the weights, and not read from a summary"}
)
def test_total_params_grow_by_fitting():
    """After fit, summary's "Total params" holds the optimizer's variables too: 13 parameters with Adam are 41.
    count_params still says 13."""
    import re

    import keras
    import numpy as np

    def total(model):
        lines = []
        model.summary(print_fn=lambda line, **_: lines.append(line))
        return int(re.search(r"Total params: (\d+)", "\n".join(lines))[1])

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    before = total(model)
    model.fit(np.ones((8, 2)), np.ones((8, 1)), verbose=0)
    assert (before, total(model), model.count_params()) == (13, 41, 13)


@fact(
    "keras",
    "tensorflow_cpu",
    "numpy",
    rests={
        TAPE: "the optimizer's rate is a Python float",
        "reference/tf_function/wheats/keras_parts.py": "a Keras optimizer takes the step: it is given a float",
    },
)
def test_types_of_learning_rates():
    """An optimizer takes a learning rate that is a float (a float64 of numpy's is one) or a function; it refuses ints,
    numpy's float32, arrays, tensors and text with ValueError. A negative rate is taken. Set later, a float32 is
    fine."""
    import keras
    import numpy as np
    import pytest
    import tensorflow as tf

    for rate in (0.1, np.float64(0.1), -1.0, lambda: 0.1):
        keras.optimizers.SGD(rate)
    for rate in (1, True, np.float32(0.1), np.int64(1), np.array(0.1), tf.constant(0.1), "0.1"):
        with pytest.raises(ValueError, match="learning_rate"):
            keras.optimizers.SGD(rate)
    optimizer = keras.optimizers.SGD(0.1)
    optimizer.learning_rate = np.float32(0.2)
    assert np.isclose(float(optimizer.learning_rate), 0.2)


@fact(
    "keras",
    "torch",
    environ={"KERAS_BACKEND": "torch"},
    rests={
        TAPE: "test_training_mode asks for training=True at each call",
        REPORT: "modes are those of PyTorch's modules",
    },
    slow=True,
)
def test_eval_and_train_on_the_torch_backend():
    """On the torch backend model.train() does not turn Dropout on and model.eval() does not turn it off: only the
    argument training decides, which is False unless said otherwise. With training=True a model after eval() still
    drops."""
    import os

    assert os.environ["KERAS_BACKEND"] == "torch"
    import keras
    import numpy as np

    model = keras.Sequential([keras.Input((1000,)), keras.layers.Dropout(0.5)])
    x = np.ones((1, 1000), "float32")

    def dropped(**how):
        return bool((model(x, **how) == 0).any())

    model.train()
    assert not dropped()
    model.eval()
    assert dropped(training=True)


@fact(
    "keras",
    "tensorflow_cpu",
    rests={
        EXPORT: "exported modules hold tf.Variables",
        "reference/ecosystem/ecosystem.py": "a SavedModel of a Keras model comes from model.export",
    },
)
def test_a_module_with_a_keras_layer():
    """A tf.Module that holds a Keras layer and a variable of its own lists only its own: one of three."""
    import keras
    import tensorflow as tf

    module = tf.Module()
    module.layer = keras.layers.Dense(1)
    module.layer.build((None, 2))
    module.own = tf.Variable(1.0)
    assert len(module.layer.variables) == 2
    assert [variable is module.own for variable in module.variables] == [True]


@fact("keras", "tensorflow_cpu", rests={TAPE: "the hint says that Keras keeps no mode in the model"})
def test_training_has_no_memory():
    """The argument training goes to inner layers and ends with the call: the next call is inference again."""
    import keras
    import numpy as np

    model = keras.Sequential([keras.Input((1000,)), keras.layers.Dropout(0.5)])
    x = np.ones((1, 1000), "float32")
    assert (np.asarray(model(x, training=True)) == 0).any()
    assert not (np.asarray(model(x)) == 0).any()


@fact(
    "keras",
    "tensorflow_cpu",
    rests={"autograder/graders/cnn_layers/test_transfer_weights.py": "kernels are compared after a transposition"},
)
def test_kernels_are_laid_out_otherwise():
    """A Keras kernel of a convolution is (height, width, in, out) and that of a Dense layer (in, out), where PyTorch
    has (out, in, height, width) and (out, in). A Flatten takes the channel last."""
    import keras
    import numpy as np

    convolution, dense = keras.layers.Conv2D(5, 3), keras.layers.Dense(7)
    convolution.build((None, 8, 8, 2))
    dense.build((None, 4))
    assert (tuple(convolution.kernel.shape), tuple(dense.kernel.shape)) == ((3, 3, 2, 5), (4, 7))
    flat = keras.layers.Flatten()(np.arange(8).reshape(1, 2, 2, 2))
    assert list(np.asarray(flat)[0]) == list(range(8))


@fact(
    "keras", "tensorflow_cpu", rests={TAPE: "the loss of an epoch is the mean over samples; Keras' own does the same"}
)
def test_fit_reports_the_mean_over_samples():
    """The loss that fit reports weighs batches by their size: a last batch of one counts as one sample."""
    import keras
    import numpy as np

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    x, y = np.zeros((3, 1)), np.array([[0.0], [0.0], [3.0]])
    history = model.fit(x, y, batch_size=2, shuffle=False, verbose=0)
    assert np.isclose(history.history["loss"][0], 3.0)
