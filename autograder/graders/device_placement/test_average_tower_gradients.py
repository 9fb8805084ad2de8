"""Hidden tests of task 9: gradients from towers on two CPUs. An eager tensor says where it is."""

import numpy as np
import pytest

from autograder.graders.device_placement.callers import check_kept
from autograder.graders.device_placement.oracles import averages, check_pairs, close, place, singles
from autograder.grading import TensorData, assert_close, check, probe

SHAPES = [(3, 2), (4,), ()]
CPUS = ["/CPU:0", "/CPU:1"]
COMPUTES = ("AddN", "Add", "AddV2", "AccumulateNV2", "Sum", "Mean", "Mul", "RealDiv", "Div", "DivNoNan",
            "Sub", "MatMul", "BatchMatMulV2", "Einsum", "SegmentMean", "UnsortedSegmentSum",
            "PartitionedCall", "StatefulPartitionedCall")  # fmt: skip
"""Operations that compute a mean, or a part of one."""


@probe
def computed_on(average, arrays, where, device, computes):
    import numpy as np
    import tensorflow as tf
    from tensorflow.python.framework import constant_op, op_callbacks  # nothing public tells what ran in eager mode

    variable, devices, from_numpy = tf.Variable(tf.zeros_like(arrays[0])), [], []
    convert = constant_op.convert_to_eager_tensor

    def note(op_type, inputs, attrs, outputs, op_name=None, graph=None):
        if graph is None and op_type in computes:
            devices.extend(output.device for output in outputs if output.dtype.is_floating)

    def converted(value, *arguments, **options):
        from_numpy.append(np.shape(value) == np.shape(arrays[0]) and not tf.is_tensor(value))
        return convert(value, *arguments, **options)

    with tf.device(where):
        towers = [[(None if array is None else tf.identity(tf.constant(array)), variable)] for array in arrays]
    op_callbacks.add_op_callback(note)
    constant_op.convert_to_eager_tensor = converted
    try:
        average(towers, device)
    finally:
        constant_op.convert_to_eager_tensor = convert
        op_callbacks.remove_op_callback(note)
    return devices, any(from_numpy)


@probe
def variable():
    import tensorflow as tf

    return tf.Variable([0.0, 0.0])


def drawn(rng, count):
    """Gradients of so many towers, the second in float64."""
    return [[singles(rng, *SHAPES[0]), rng.normal(size=SHAPES[1]), np.float32(rng.normal())] for _ in range(count)]


def check_mean(got, expected, what):
    """Check a mean, to the accuracy of its dtype."""
    if expected.shape == SHAPES[1]:
        assert_close(got, expected, what=f"{what}, in float64", rtol=1e-12, atol=1e-12)
    else:
        close(got, expected, what)


@pytest.mark.points(1)
@pytest.mark.example(
    "v = tf.Variable([0.0, 0.0])\n"
    "towers = [[(tf.constant([1.0, 2.0]), v)], [(tf.constant([3.0, 6.0]), v)]]\n"
    "average_tower_gradients(towers, '/CPU:0')[0][0].numpy()",
    gives=[2.0, 4.0],
)
def test_means(student, rng):
    """Each variable gets the mean of its gradients over the towers, for any number of towers.

    Hint: zip(*towers) brings together what belongs to one variable.
    """
    for count in (1, 2, 3):
        towers = drawn(rng, count)
        towers[-1][0][0, 0] = np.nan
        if count == 1:
            towers[0][2] = np.float32(0)  # a gradient of nought is one
        got = student.run(averages, student.average_tower_gradients, towers, (CPUS * 2)[:count], "/CPU:0")
        for (mean, _), *gradients in zip(check_pairs(got, len(SHAPES)), *towers, strict=True):
            check_mean(mean, np.mean(np.float64(gradients), axis=0), f"the mean over {count} towers")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "v, w = tf.Variable(0.0), tf.Variable(0.0)\n"
    "tower = [(tf.constant(1.0), v), (tf.constant(2.0), w)]\n"
    "pairs = average_tower_gradients([tower, tower], '/CPU:0')\n"
    "[pairs[0][1] is v, pairs[1][1] is w]",
    gives=[True, True],
)
def test_variables_come_along(student, rng):
    """The pairs are in the order of the variables, each with the variable that came in.

    Hint: the second part of each tower's pair is the same variable.
    """
    towers = drawn(rng, 2)
    towers[0][0] = towers[1][0] = None
    got = student.run(averages, student.average_tower_gradients, towers, CPUS, "/CPU:0")
    order = [which for _, which in check_pairs(got, len(SHAPES))]
    check(order == [0, 1, 2], "each mean must stand with its variable, in order", got=order)
    v, w = student.run(variable), student.run(variable)
    towers = [[(TensorData("tensorflow", "float32", "", singles(rng, 2)), v), (None, w)] for _ in CPUS]
    check_kept(student, "the towers' lists and the variables must stay as they were", student.average_tower_gradients,
               towers, "/CPU:0")  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example(
    "v = tf.Variable([0.0, 0.0])\n"
    "towers = [[(None, v)], [(tf.constant([4.0, 6.0]), v)]]\n"
    "average_tower_gradients(towers, '/CPU:0')[0][0].numpy()",
    gives=[2.0, 3.0],
)
def test_missing_gradients(student, rng):
    """A gradient that is None counts as zeros; where all are None, the mean is None.

    Hint: divide by the number of towers, not by the number of gradients.
    """
    for missing in (0, 1, 2):
        towers = drawn(rng, 3)
        one, two = towers[missing][0], sum(tower[1] for number, tower in enumerate(towers) if number != missing)
        towers[missing][1] = None
        for number, tower in enumerate(towers):
            tower[0], tower[2] = one if number == missing else None, None
        got = student.run(averages, student.average_tower_gradients, towers, (CPUS * 2)[:3], "/CPU:0")
        (mean, _), (mean_of_two, _), (none, _) = check_pairs(got, len(SHAPES))
        check_mean(mean, one / 3, f"the mean of the gradient of tower {missing + 1} of three, and None twice")
        check_mean(mean_of_two, two / 3, f"the mean of two gradients and None, which tower {missing + 1} of three has")
        check(none is None, "where no tower has a gradient the mean must be None", got=none)


@pytest.mark.points(1)
@pytest.mark.example(
    "tower = [(tf.constant(1.0), tf.Variable(0.0))]\n"
    "label(average_tower_gradients([tower, tower], '/CPU:1')[0][0].device)",
    gives="CPU:1",
)
def test_means_are_on_the_device(student, rng):
    """The means are computed on the device that was asked for, and stay there, wherever the gradients are.

    Hint: compute them inside `with tf.device(device):`. The only gradient of a variable is on its tower's device.
    """
    for device, on in (
        ("/CPU:1", ["/CPU:0", "/CPU:0"]), ("/CPU:0", ["/CPU:1", "/CPU:1"]), ("/cpu:1", CPUS),
        ("/CPU:1", ["/CPU:0"]), ("/CPU:0", ["/CPU:1"]),
    ):  # fmt: skip
        towers = drawn(rng, len(on))
        if len(on) > 1:
            towers[0][1] = None
        got = student.run(averages, student.average_tower_gradients, towers, on, device)
        for mean, _ in check_pairs(got, len(SHAPES)):
            check(isinstance(mean, TensorData), "a mean must be a tensor", got=mean)
            check(place(mean.device) == place(device), "a mean must be on the device asked for", got=mean.device)
    arrays = [singles(rng, 4) for _ in CPUS]
    for device, where, given in (
        ("/CPU:1", "/CPU:0", arrays), ("/CPU:0", "/CPU:1", arrays), ("/CPU:1", "/CPU:0", [arrays[0], None]),
    ):  # fmt: skip
        # what runs inside a tf.function is not seen, and is believed
        got, by_numpy = student.run(computed_on, student.average_tower_gradients, given, where, device, list(COMPUTES))
        elsewhere = sorted(name for name in got if place(name) != place(device))
        check(not elsewhere, "a mean must be computed on the device asked for", got=elsewhere)
        check(bool(got) or not by_numpy, "the mean must be computed by TensorFlow, not become a tensor afterwards")
