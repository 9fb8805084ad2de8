"""Artifacts that students export, and a clean room beside a student's kernel, for the tests of the clean room."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from autograder.errors import StudentError
from autograder.grading import probe
from autograder.grading.allowance import Allowance
from autograder.grading.clean_room.room import CleanRoom
from autograder.grading.limits import Limit
from autograder.grading.session import Session
from autograder.grading.student import Student
from autograder.grading.transcript import Transcript
from autograder.jail.jailed_kernel import jailed_kernel
from autograder.jail.kernel import Kernel, KernelSource
from autograder.jail.limits import JailLimits
from autograder.jail.warm import WarmJail
from tests.support.conditions import HOUR

LIMIT = Limit(5, 30)
"""What a test may take here."""
X = np.array([[1, 2, 3], [4, 5, 6]], "float32")
"""What graphs and models are fed."""
MEMORY = 1536 << 20
"""The memory of a jail for artifacts that attack."""
FETCH: Any = [(["out:0"], {})]
"""What is asked of a graph that attacks."""
CALL: Any = [("called", {})]
"""What is called of a model that attacks."""


@contextmanager
def framework_jail(memory: int = 2 << 30) -> Iterator[WarmJail]:
    """A warm process that has imported the frameworks."""
    jail = WarmJail(JailLimits(memory=memory), preload=["numpy", "msgpack", "torch", "tensorflow"])
    try:
        yield jail
    finally:
        jail.close()


def kernels_of(jail: WarmJail, off: tuple[str, ...] = ()) -> KernelSource:
    """The kernels of a warm process, as a grading run is given them."""
    return lambda files: jailed_kernel(files, jail, off)


@contextmanager
def student_in(jail: WarmJail) -> Iterator[Student]:
    """A student's kernel at the beginning of a test."""
    kernel = jailed_kernel(None, jail)
    session = Session(kernel, Allowance(HOUR))
    session.begin_test(LIMIT, seed=0)
    try:
        yield Student(session)
    finally:
        session.channel.close()
        kernel.kill()


class Room(CleanRoom):
    """A clean room with a transcript of its own."""

    def __init__(self, source: KernelSource) -> None:
        self.lines = Transcript()
        super().__init__(source, Allowance(HOUR), lambda: self.lines)
        self.begin_test(LIMIT, seed=0)

    def begin_test(self, limit: Limit, seed: int) -> None:
        self.lines.clear()
        super().begin_test(limit, seed)

    @property
    def kernel(self) -> Kernel | None:
        """The kernel it has now."""
        return self._kernel


@contextmanager
def room_in(jail: WarmJail, off: tuple[str, ...] = ()) -> Iterator[Room]:
    """A clean room at the beginning of a test."""
    room = Room(kernels_of(jail, off))
    try:
        yield room
    finally:
        room.close()


@probe
def make(source, name):  # type: ignore[no-untyped-def]
    """Run a cell's source, and call the function of that name, which makes an artifact."""
    known = {"__name__": "cell"}
    exec(source, known)  # noqa: S102
    return known[name]()


@probe
def exists(path):  # type: ignore[no-untyped-def]
    """Whether the process that is asked sees a file there."""
    import os

    return os.path.exists(path)


@probe
def double(numbers, by=2):  # type: ignore[no-untyped-def]
    """What the grader computes beside an artifact."""
    return numbers * by


def complaint(clean: Room, *args: object, method: str = "run_graph") -> StudentError:
    """What the student reads when an artifact of theirs cannot be evaluated."""
    with pytest.raises(StudentError) as caught:
        getattr(clean, method)(*args)
    assert not caught.value.traceback
    assert caught.value.subject.startswith("Your ")
    return caught.value


GRAPH = """
import numpy as np
import tensorflow as tf
v1 = tf.compat.v1

def in_graph(build):
    graph = tf.Graph()
    with graph.as_default():
        build()
    return graph.as_graph_def().SerializeToString()
"""

REGRESSION = (
    GRAPH
    + """
def build():
    x = v1.placeholder(tf.float32, [None, 3], name="x")
    y = v1.placeholder(tf.float32, [None, 1], name="y")
    w = tf.identity(v1.get_variable("variable", [3, 1], initializer=v1.zeros_initializer()), name="w")
    prediction = tf.identity(x @ w, name="prediction")
    loss = tf.reduce_mean((prediction - y) ** 2, name="loss")
    v1.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")
    v1.global_variables_initializer()
    v1.train.Saver()

def regression():
    return in_graph(build)
"""
)
"""A linear regression that is trained by gradient descent, as sprint 2 has it."""

FUNCTIONS = (
    GRAPH
    + """
@tf.function(autograph=False)
def collatz(n):
    def following(n, steps):
        return tf.cond(tf.equal(n % 2, 0), lambda: n // 2, lambda: 3 * n + 1), steps + 1
    return tf.while_loop(lambda n, steps: n > 1, following, [n, 0])[1]

def loops():
    def build():
        n = v1.placeholder(tf.int32, [], name="n")
        with tf.device("/device:GPU:0"):
            tf.identity(collatz(n), name="steps")
        tf.strings.join(["a", "b"], name="text")
        tf.cast(v1.placeholder(tf.float32, [], name="f"), tf.bfloat16, name="half")
    return in_graph(build)
"""
)

MODULE = (
    GRAPH
    + """
class Scale(tf.Module):
    def __init__(self):
        self.factor = tf.Variable([[1.0], [2.0], [3.0]])
        self.table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([1, 2], [10, 20]), -1)
    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32, name="x")])
    def scaled(self, x):
        return {"scaled": tf.nn.silu(x @ self.factor) * 0 + x @ self.factor, "rows": tf.shape(x)[0]}
    @tf.function(input_signature=[tf.TensorSpec([None], tf.int32, name="key")])
    def look_up(self, key):
        return {"found": self.table.lookup(key)}

def export(folder="model"):
    module = Scale()
    tf.saved_model.save(module, folder, signatures={"scaled": module.scaled, "look_up": module.look_up})
"""
)

KERAS = (
    GRAPH
    + """
import keras
def keras_model():
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(10, 5, activation="relu"),
        keras.layers.MaxPooling2D(), keras.layers.BatchNormalization(), keras.layers.Dropout(0.5),
        keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")])

def export():
    model = keras_model()
    model.compile("adam", "sparse_categorical_crossentropy")
    batch = np.linspace(0, 1, 2 * 784, dtype="float32").reshape(2, 28, 28, 1)
    model.fit(batch, np.array([1, 2]), verbose=0)
    model.export("model", verbose=False)
    return batch, model(batch).numpy()

def tflite(**how):
    model = keras_model()
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    for name, value in how.items():
        setattr(converter, name, value)
    batch = np.linspace(0, 1, 2 * 784, dtype="float32").reshape(2, 28, 28, 1)
    return converter.convert(), batch, model(batch).numpy()

def int8():
    def samples():
        for seed in range(4):
            yield [np.random.default_rng(seed).uniform(size=(1, 28, 28, 1)).astype("float32")]
    return tflite(optimizations=[tf.lite.Optimize.DEFAULT], representative_dataset=samples,
        target_spec=tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS_INT8]),
        inference_input_type=tf.int8, inference_output_type=tf.int8)[0]
"""
)

STATE = """
import io
import torch
net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))

def saved(what=None):
    file = io.BytesIO()
    torch.save(net.state_dict() if what is None else what, file)
    return file.getvalue()

def state():
    return saved(), {name: value.numpy() for name, value in net.state_dict().items()}

def half():
    return saved({"w": torch.ones(2, dtype=torch.bfloat16, requires_grad=True)})

def whole():
    return saved(net)

def a_list():
    return saved([torch.ones(1)])
"""
