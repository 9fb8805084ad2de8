"""Hidden tests of task 6: the exported graph, its nodes' device fields and its values, both in the clean room."""

import numpy as np
import pytest

from autograder.graders.device_placement.oracles import close, place, singles
from autograder.grading import as_numbers, check, probe

D, K, M = 4, 5, 3
REQUESTED = {"h": "GPU:0", "y": "GPU:1", "p": "CPU:0"}
ANYWHERE = ("Const", "Identity", "NoOp")
"""Constants, and what only names them, may be wherever their author likes."""


@probe
def exported(build, *weights):
    return [build(w1, w2).as_graph_def().SerializeToString() for w1, w2 in weights]


def drawn(rng):
    """Two matrices of weights and some rows; no two of the logits of a row are equal."""
    return singles(rng, D, K), singles(rng, K, M), singles(rng, 6, D)


def expected_values(w1, w2, x):
    """h, y and p."""
    h = np.maximum(x.astype(np.float64) @ w1, 0)
    y = h @ w2
    e = np.exp(y - y.max(axis=1, keepdims=True))
    return h, y, e / e.sum(axis=1, keepdims=True)


def nodes_of(student, clean, rng):
    """The graph's nodes by name."""
    w1, w2, _ = drawn(rng)
    (blob,) = student.run(exported, student.build_placed_graph, (w1, w2))
    return {node["name"]: node for node in clean.graph_nodes(blob) if not node["function"]}


def node_named(nodes, name):
    """That node, if it is there."""
    check(name in nodes, f"the graph must have an operation {name}", got=", ".join(sorted(nodes)))
    return nodes[name]


def check_values(clean, blob, w1, w2, x):
    """Check the four results for rows that the student's process never saw."""
    (got,) = clean.run_graph(blob, [(["h:0", "y:0", "p:0", "best:0"], {"x:0": x})])
    for found, expected, name in zip(got[:3], expected_values(w1, w2, x), "hyp", strict=True):
        close(found, expected, f"{name}:0 for {len(x)} new rows")
    check(str(as_numbers(got[3], "best:0").dtype) == "int64", "best:0 must be int64")
    close(got[3], np.argmax(as_numbers(got[2], "p:0"), axis=1), "best:0")


@pytest.mark.points(1)
def test_values(student, clean, rng):
    """The graph computes the network, for any number of rows.

    Hint: a product, relu, a product, softmax and argmax, the last two over axis 1.
    """
    w1, w2, x = drawn(rng)
    (blob,) = student.run(exported, student.build_placed_graph, (w1, w2))
    for rows in (x, x[:1]):
        check_values(clean, blob, w1, w2, rows)


@pytest.mark.points(1)
def test_requested_devices(student, clean, rng):
    """h is requested on GPU 0, y on GPU 1, and p on the CPU, though a GPU's block may be around it.

    Hint: `with tf.device(…)` where the operation is made. Of nested blocks the inner one counts.
    """
    nodes = nodes_of(student, clean, rng)
    for name, device in REQUESTED.items():
        got = node_named(nodes, name)["device"]
        check(place(got) == device, f"{name} must be requested on {device}", got=got)


@pytest.mark.points(0.5)
def test_all_of_the_work(student, clean, rng):
    """What h, y and p are computed with is requested where they are, not only the last step of it.

    Hint: the product must be made inside the block, too.
    """
    nodes = nodes_of(student, clean, rng)
    for name, device in REQUESTED.items():
        waiting, seen = [name], set()
        while waiting:
            node = node_named(nodes, waiting.pop())
            got = node["device"]
            check(node["op"] in ANYWHERE or place(got) == device, f"{node['op']}, which computes {name}, must be "
                  f"requested on {device}", got=got or "no device")  # fmt: skip
            sources = {source.removeprefix("^").partition(":")[0] for source in node["inputs"]}
            waiting += sorted(sources - seen - set(REQUESTED) - {"x"})
            seen |= sources


@pytest.mark.points(0.5)
def test_the_rest_is_free(student, clean, rng):
    """x and best are requested nowhere: TensorFlow may choose.

    Hint: make them outside of all blocks, or inside `with tf.device(None):`.
    """
    nodes = nodes_of(student, clean, rng)
    for name in ("x", "best"):
        got = node_named(nodes, name)["device"]
        check(type(got) is str and not got, f"{name} must be requested on no device", got=got)


@pytest.mark.points(0.5)
def test_each_call_a_new_graph(student, clean, rng):
    """Each call builds a graph of its own, with its own weights and the same names.

    Hint: with tf.Graph().as_default() as graph.
    """
    draws = [drawn(rng) for _ in range(2)]
    blobs = student.run(exported, student.build_placed_graph, *[draw[:2] for draw in draws])
    for blob, (w1, w2, x) in zip(blobs, draws, strict=True):
        check_values(clean, blob, w1, w2, x)
