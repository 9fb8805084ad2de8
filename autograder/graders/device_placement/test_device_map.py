"""Hidden tests of task 7: what a graph of the grader's requests, in all the spellings there are."""

import pytest

from autograder.graders.device_placement.oracles import check_mapping
from autograder.grading import check, is_a, probe

FULL = "/job:localhost/replica:0/task:0/device:"
SPELLINGS = ("/GPU:0", "/gpu:0", "/device:GPU:0", f"{FULL}GPU:0", f"{FULL}gpu:0")


@probe
def graph_with(requests):
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        for place, (name, device) in enumerate(requests):
            with tf.compat.v1.device(lambda op, device=device or "": device):  # as it is spelt
                if place % 4 == 0:
                    start = tf.compat.v1.placeholder("float32", [None], name)
                elif place % 4 == 1:
                    tf.constant(1.0, name=name)
                elif place % 4 == 2:
                    tf.raw_ops.Unique(x=start, name=name)  # has two outputs
                else:
                    tf.no_op(name=name)  # has none
    return graph


@probe
def before_and_after(device_map, graph, name):
    """A map, and one of the same graph with one operation more."""
    import tensorflow as tf

    before = device_map(graph)
    with graph.as_default(), tf.device("/GPU:0"):
        tf.constant(1.0, name=name)
    return [before, device_map(graph)]


def drawn_names(rng, count):
    """Names that no code can know, some with a scope."""
    return [f"{'scope/' * (place % 2)}n{number}" for place, number in enumerate(rng.permutation(1000)[:count])]


def names_on(got, device):
    """The operations said to be on a device, sorted."""
    found = check_mapping(got, "the result").get(device, [])
    check(is_a(found, list, tuple) and all(is_a(name, str) for name in found),
          "each device must have a list of names", got=found)  # fmt: skip
    return sorted(found)


def check_map(got, expected):
    """Check the operations of some devices."""
    for device, names in expected.items():
        found = names_on(got, device)
        check(found == sorted(names), f"the operations under {device!r} are not those requested there", got=found)


@pytest.mark.points(1)
@pytest.mark.example(
    "with tf.Graph().as_default() as g:\n"
    "    for name, device in (('a', '/GPU:0'), ('b', '/job:localhost/device:gpu:0'), ('c', '/gpu:1')):\n"
    "        with tf.device(device):\n"
    "            tf.constant(1.0, name=name)\n"
    "{device: sorted(names) for device, names in device_map(g).items() if names}",
    gives={"GPU:0": ["a", "b"], "GPU:1": ["c"]},
)
def test_spellings_of_one_device(student, rng):
    """All spellings of a device are one device; another number is another device.

    Hint: tf.DeviceSpec.from_string reads them all.
    """
    names = drawn_names(rng, 8)
    requests = list(zip(names, [*SPELLINGS, "/GPU:1", "/cpu:0", "/GPU:12"], strict=True))
    got = student.device_map(student.run(graph_with, requests))
    check_map(got, {"GPU:0": names[:5], "GPU:1": names[5:6], "CPU:0": names[6:7], "GPU:12": names[7:]})


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tf.Graph().as_default() as g:\n"
    "    tf.constant(1.0, name='a')\n"
    "    tf.constant(1.0, name='b')\n"
    "    with tf.device('/device:TPU:0'):\n"
    "        tf.constant(1.0, name='c')\n"
    "{device: sorted(names) for device, names in device_map(g).items() if names}",
    gives={"": ["a", "b"], "TPU:0": ["c"]},
)
def test_no_request(student, rng):
    """Operations without any request are under "", and no others, whatever type of device those request.

    Hint: the device of such an operation is an empty text. CPU and GPU are not the only types: take spec.device_type.
    """
    names = drawn_names(rng, 5)
    others = list(zip(names[3:], ["/device:TPU:0", "/device:XLA_GPU:1"], strict=True))
    graph = student.run(graph_with, [(names[0], None), (names[1], "/GPU:0"), (names[2], None), *others])
    got, later = student.run(before_and_after, student.device_map, graph, "one_more")
    check_map(got, {"": [names[0], names[2]], "TPU:0": names[3:4], "XLA_GPU:1": names[4:]})
    check_map(later, {"": [names[0], names[2]], "GPU:0": [names[1], "one_more"]})


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tf.Graph().as_default() as g, tf.device('/GPU:0'):\n"
    "    tf.constant(1.0, name='a')\n"
    "    tf.constant(2.0, name='b')\n"
    "sorted(name for names in device_map(g).values() for name in names)",
    gives=["a", "b"],
)
def test_each_operation_once(student, rng):
    """Each operation of the graph is there once, in the list of its device, and nothing else is.

    Hint: graph.get_operations().
    """
    names = drawn_names(rng, 6)
    devices = ["/GPU:0", "/CPU:0", "/GPU:0", "/CPU:1", "/CPU:0", "/GPU:2"]
    got = check_mapping(
        student.device_map(student.run(graph_with, list(zip(names, devices, strict=True)))), "the result"
    )
    check(all(is_a(found, list) for found in got.values()), "each device must have a list of names", got=got)
    found = sorted(name for device in got for name in names_on(got, device))
    check(found == sorted(names), "each operation must be there once", got=found)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tf.Graph().as_default() as g, tf.device('/device:GPU:*'):\n"
    "    tf.constant(1.0, name='a')\n"
    "{device: list(names) for device, names in device_map(g).items() if names}",
    gives={"GPU": ["a"]},
)
def test_any_gpu(student, rng):
    """A request for any GPU is under "GPU", one for any CPU under "CPU".

    Hint: device_index is then None.
    """
    names = drawn_names(rng, 5)
    devices = ["/device:GPU:*", "/job:worker/task:1/device:GPU:*", "/gpu:*", "/GPU:0", "/device:CPU:*"]
    got = student.device_map(student.run(graph_with, list(zip(names, devices, strict=True))))
    check_map(got, {"GPU": names[:3], "GPU:0": names[3:4], "CPU": names[4:]})


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tf.Graph().as_default() as g, tf.device('/job:worker/task:1'):\n"
    "    tf.constant(1.0, name='a')\n"
    "    with tf.device('/CPU:1'):\n"
    "        tf.constant(1.0, name='b')\n"
    "{device: list(names) for device, names in device_map(g).items() if names}",
    gives={"": ["a"], "CPU:1": ["b"]},
)
def test_other_machines(student, rng):
    """Job, replica and task are left out; a request that names only these names no device.

    Hint: a DeviceSpec without a device_type.
    """
    machines = ["/job:worker/task:1", "/job:gpu/task:0", "/job:gpu", "/job:worker/replica:1"]  # a job has any name
    names = drawn_names(rng, 2 * len(machines))
    requests = list(zip(names, [*machines, *(f"{machine}/device:CPU:1" for machine in machines)], strict=True))
    got = student.device_map(student.run(graph_with, requests))
    check_map(got, {"": names[: len(machines)], "CPU:1": names[len(machines) :]})
