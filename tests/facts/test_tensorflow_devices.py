"""Devices in TensorFlow."""

from __future__ import annotations

from tests.facts.fact import fact

TOWERS = "autograder/graders/device_placement/test_average_tower_gradients.py"


@fact(
    "tensorflow_cpu",
    rests={
        TOWERS: "the mean of a single gradient must be on the device that was asked for, as that of several is",
        "reference/device_placement/device_placement.py": "it divides inside the block, which makes an operation of it",
    },
    environ={"TF_CPP_MIN_LOG_LEVEL": "3"},
)
def test_the_sum_of_one_tensor_stays_where_it_is():
    """`tf.add_n` of a single tensor is that tensor itself: it stays on its device, whatever `tf.device` says, unless it
    is given a name. Of two tensors the sum is on the device that the block says."""
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    with tf.device("/CPU:0"):
        x, y = tf.identity(1.0), tf.identity(2.0)
    with tf.device("/CPU:1"):
        one, two, named = tf.add_n([x]), tf.add_n([x, y]), tf.add_n([x], name="total")
    assert one is x
    assert [t.device.rpartition(":")[2] for t in (one, two, named)] == ["0", "1", "1"]
