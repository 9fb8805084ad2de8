"""Hidden tests that need a GPU, for TensorFlow: what tasks 6, 8 and 9 left behind, on the real thing."""

import numpy as np
import pytest

from autograder.graders.device_placement import oracles
from autograder.graders.device_placement.oracles import (
    averages,
    chain,
    check_mapping,
    check_pairs,
    close,
    config_for_two_cpus,
    draw_images,
    place,
    placed_network,
    singles,
)
from autograder.graders.oracles import draw_weights, to_keras
from autograder.grading import TensorData, check, is_a, probe

FIRST_USE_S = 60
MEGABYTES = 256


@probe
def values_here(graph, names, feed):
    import tensorflow as tf

    tf.config.experimental.enable_tensor_float_32_execution(False)  # which has ten bits only
    config = tf.compat.v1.ConfigProto(allow_soft_placement=True)
    with tf.compat.v1.Session(graph=graph, config=config) as session:
        return session.run(names, feed)


@probe
def memory_around(ran_on, config, device, megabytes):
    import gc

    import tensorflow as tf

    with tf.Graph().as_default() as graph, tf.device(device):
        v = tf.compat.v1.get_variable("v", [megabytes << 18], initializer=tf.zeros_initializer, use_resource=True)
        with tf.control_dependencies([v.initializer]):
            tf.reduce_sum(v.read_value(), name="total")
    tf.config.list_logical_devices()  # the allocator is there from here on
    before = tf.config.experimental.get_memory_info(device)["current"]
    tf.config.experimental.reset_memory_stats(device)
    ran_on(graph, "total:0", {}, config)
    gc.collect()
    after = tf.config.experimental.get_memory_info(device)
    return [(after[when] - before) >> 20 for when in ("peak", "current")]


@pytest.mark.gpu
@pytest.mark.timeout(FIRST_USE_S)
@pytest.mark.points(0.5)
def test_requests_are_met(student, rng):
    """Operations that a graph requests on the GPU, and others on the CPU, run there, and ran_on says so.

    Hint: ran_on takes the configuration that it is given, which does not hide the GPU.
    """
    devices = [oracles.TENSORFLOW_GPU, "CPU:0", oracles.TENSORFLOW_GPU]
    graph, config = student.run(chain, [f"/{device}" for device in devices]), student.run(config_for_two_cpus, False)
    got = check_mapping(student.ran_on(graph, "n2:0", {"start:0": singles(rng, 4)}, config), "the result")
    for number, device in enumerate(devices):
        check(place(got.get(f"n{number}")) == device, f"n{number} must run on {device}", got=got.get(f"n{number}"))


@pytest.mark.gpu
@pytest.mark.timeout(FIRST_USE_S)
@pytest.mark.points(1)
def test_placed_graph_on_the_gpu(student, rng):
    """Your placed graph runs its convolutions on the GPU and its softmax on the CPU, with the CPU's numbers.

    Hint: what was requested with the innermost tf.device is what runs there.
    """
    weights, x = draw_weights(rng), draw_images(rng, 6)
    graph, config = student.build_placed_graph(to_keras(weights)), student.session_config(True, False)
    got = check_mapping(student.ran_on(graph, "best:0", {"x:0": x}, config), "the result")
    for name, device in (("h", oracles.TENSORFLOW_GPU), ("p", "CPU:0")):
        check(place(got.get(name)) == device, f"{name} must run on {device}", got=got.get(name))
    found = student.run(values_here, graph, ["h:0", "y:0"], {"x:0": x})
    for values, expected, name in zip(found, placed_network(weights, x), "hy", strict=True):
        close(values, expected, f"{name}:0")


@pytest.mark.gpu
@pytest.mark.timeout(FIRST_USE_S)
@pytest.mark.points(0.5)
def test_means_on_the_gpu(student, rng):
    """Means of gradients from CPU and GPU are computed where it was asked for, with the CPU's numbers.

    Hint: with tf.device(device).
    """
    towers = [[singles(rng, 3, 2), singles(rng, 4)] for _ in range(2)]
    for device in (oracles.TENSORFLOW_GPU, "CPU:0"):
        on = ["/CPU:0", f"/{oracles.TENSORFLOW_GPU}"]
        got = student.run(averages, student.average_tower_gradients, towers, on, f"/{device}")
        for (mean, _), *gradients in zip(check_pairs(got, 2), *towers, strict=True):
            check(isinstance(mean, TensorData), "a mean must be a tensor", got=mean)
            check(place(mean.device) == device, f"a mean must be on {device}", got=mean.device)
            close(mean, np.mean(np.float64(gradients), axis=0), "a mean")


@pytest.mark.gpu
@pytest.mark.timeout(FIRST_USE_S)
@pytest.mark.points(0.5)
def test_memory_is_released(student):
    """The GPU's memory that a session's variables took is free again when ran_on returns.

    Hint: close the session: `with tf1.Session(…) as session:`.
    """
    config = student.run(config_for_two_cpus, True)
    taken, left = student.run(memory_around, student.ran_on, config, oracles.TENSORFLOW_GPU, MEGABYTES)
    check(is_a(taken, int) and taken >= MEGABYTES, "the variable must lie in the GPU's memory", got=f"{taken} MiB")
    check(is_a(left, int) and left < MEGABYTES // 2, "it must be free after the session", got=f"{left} MiB left")
