"""Hidden tests of task 6: the exported graph, its nodes' device fields, constants and values, all in the clean room."""

import numpy as np
import pytest

from autograder.graders.device_placement.oracles import close, draw_images, place, placed_network, softmax
from autograder.graders.oracles import draw_weights, to_keras
from autograder.grading import as_numbers, assert_close, check, is_a, probe

REQUESTED = {"h": "GPU:0", "y": "GPU:1", "p": "CPU:0"}
FROM = {"h": ["x"], "y": ["h"], "p": ["y"], "best": ["p", "y"]}
"""What each is computed from. How many images there are may be asked of any other."""
ANYWHERE = ("Const", "ExpandDims", "Identity", "NoOp", "Pack", "Reshape", "Shape", "Squeeze", "StridedSlice")
"""Constants, shapes, and what computes nothing, may be wherever their author likes."""
RESHAPES = ("ExpandDims", "Reshape")
"""Their first input is what they reshape. The others are shapes."""
BRIGHT = np.float32(2**14)
"""By how much some images are brighter: ReLU has no upper end, and the softmax of long logits is one, too."""
LAYERS = ("the first convolution", "the second convolution", "the first dense layer", "the second dense layer")


@probe
def exported(build, *weights):
    return [build(arrays).as_graph_def().SerializeToString() for arrays in weights]


@probe
def built_and_watched(build, *weights):
    """The graphs for these weights; how many sessions ran meanwhile; and whether a second call gives another graph.

    Each is given its list itself; the last answer is whether they are as they were.
    """
    import numpy as np
    import tensorflow as tf

    kind = tf.compat.v1.Session.__mro__[1]
    run, runs, copies = kind.run, [], [[np.array(array) for array in arrays] for arrays in weights]

    def noted(self, *arguments, **options):
        runs.append(1)
        return run(self, *arguments, **options)

    kind.run = noted
    try:
        graphs = [build(arrays) for arrays in weights]
        kept = [len(a) == len(b) and all(map(np.array_equal, a, b)) for a, b in zip(weights, copies, strict=True)]
        again = build(weights[0] if kept[0] else copies[0])
    finally:
        kind.run = run
    return [graph.as_graph_def().SerializeToString() for graph in graphs], len(runs), again is not graphs[0], all(kept)


@probe
def constants(blob):
    import tensorflow as tf

    graph = tf.compat.v1.GraphDef.FromString(blob)
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    found = [node.attr["value"].tensor for node in nodes if node.op == "Const"]
    return [tf.make_ndarray(tensor) for tensor in found if tensor.dtype == tf.float32.as_datatype_enum]


@probe
def placeholder_in(blob, name):
    """Type, dtype and shape of that node."""
    import tensorflow as tf

    (node,) = (node for node in tf.compat.v1.GraphDef.FromString(blob).node if node.name == name)
    shape = tf.TensorShape(node.attr["shape"].shape)
    return [node.op, tf.as_dtype(node.attr["dtype"].type).name, None if shape.rank is None else shape.as_list()]


def drawn(rng):
    """Weights in PyTorch's layout, which the oracle wants, and some images."""
    return draw_weights(rng), draw_images(rng, 6)


def graph_of(student, weights):
    """The graph for these weights, serialized."""
    (blob,) = student.run(exported, student.build_placed_graph, to_keras(weights))
    return blob


def nodes_of(student, clean, rng):
    """The graph's nodes by name."""
    blob = graph_of(student, draw_weights(rng))
    return {node["name"]: node for node in clean.graph_nodes(blob) if not node["function"]}


def node_named(nodes, name):
    """That node, if it is there."""
    check(name in nodes, f"the graph must have an operation {name}", got=", ".join(sorted(nodes)))
    return nodes[name]


def check_values(clean, blob, weights, *batches):
    """Check the four results for batches of images that the student's process never saw."""
    results = clean.run_graph(blob, [(["h:0", "y:0", "p:0", "best:0"], {"x:0": x}) for x in batches])
    for x, got in zip(batches, results, strict=True):
        what = f"for {len(x)} new images{', one of them very bright' * bool(x.max() > 1)}"
        for found, expected, name in zip(got[:2], placed_network(weights, x), "hy", strict=True):
            assert_close(found, expected, what=f"{name}:0 {what}", rtol=1e-4, atol=1e-5 * max(1.0, float(x.max())))
        close(got[2], softmax(as_numbers(got[1], "y:0")), f"p:0 {what}")
        check(str(as_numbers(got[3], "best:0").dtype) == "int64", "best:0 must be int64")
        close(got[3], np.argmax(as_numbers(got[2], "p:0"), axis=1), f"best:0 {what}")


@pytest.mark.points(1)
@pytest.mark.example(
    "weights = [np.zeros(shape, 'float32') for shape in SHAPES]\n"
    "weights[3][:] = range(20)  # h is 0, 1, ... 19 at each place\n"
    "weights[4][1, 0] = weights[6][0, 0] = weights[6][1, 1] = 1.0\n"
    "weights[5][1] = -5.0\n"
    "graph, config = build_placed_graph(weights), tf1.ConfigProto(allow_soft_placement=True)\n"
    "with tf1.Session(graph=graph, config=config) as session:\n"
    "    y, p = session.run(['y:0', 'p:0'], {'x:0': np.zeros((1, 28, 28, 1))})\n"
    "[*y[0, :2], p.sum()]",
    gives=[1.0, 0.0, 1.0],
)
def test_values(student, clean, rng):
    """The graph computes the network, for any number of images.

    Hint: compare with the table, step by step. No padding; the 4 x 4 x 20 numbers of an image become 320 as they are;
    softmax and argmax go over axis 1.
    """
    weights, x = drawn(rng)
    blob = graph_of(student, weights)
    check_values(clean, blob, weights, x, BRIGHT * x[:1])
    got = clean.run(placeholder_in, blob, "x")
    check(got == ["Placeholder", "float32", [None, 28, 28, 1]], "x must be a placeholder, float32 (None, 28, 28, 1)",
          got=got)  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example(
    "weights = random_weights(0)\n"
    "data = build_placed_graph(weights).as_graph_def()\n"
    "nodes = [*data.node, *(node for f in data.library.function for node in f.node_def)]\n"
    "held = [tf.make_ndarray(node.attr['value'].tensor) for node in nodes if node.op == 'Const']\n"
    "sum(a.size for a in held for w in weights if np.array_equal(a, w))",
    gives=21840,
)
def test_parameters(student, clean, rng):
    """The graph holds 21,840 parameters as constants, each once: 260, 5,020, 16,050 and 510.

    Hint: each of the eight arrays becomes one constant, the biases too. y is computed from h, so that nothing is in
    the graph twice.
    """
    weights = draw_weights(rng)
    blob, given = graph_of(student, weights), to_keras(weights)
    check(is_a(blob, bytes), "the graph must be one that can be exported")
    held = [array for array in clean.run(constants, blob) if is_a(array, np.ndarray)]
    for layer, arrays in zip(LAYERS, zip(given[::2], given[1::2], strict=True), strict=True):
        number = sum(array.size for array in arrays)
        found = sum(array.size for array in arrays for other in held if np.array_equal(array, other))
        check(found == number, f"{layer} must have {number:,} parameters among the graph's constants", got=found)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "graph = build_placed_graph(random_weights(0))\n"
    "[label(graph.get_operation_by_name(name).device) for name in ('h', 'y', 'p')]",
    gives=["GPU:0", "GPU:1", "CPU:0"],
)
def test_requested_devices(student, clean, rng):
    """h is requested on GPU 0, y on GPU 1, and p on the CPU, though a GPU's block may be around it.

    Hint: `with tf.device(…)` where the operation is made. Of nested blocks the inner one counts.
    """
    nodes = nodes_of(student, clean, rng)
    for name, device in REQUESTED.items():
        got = node_named(nodes, name)["device"]
        check(place(got) == device, f"{name} must be requested on {device}", got=got)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "graph = build_placed_graph(random_weights(0))\n"
    "found, waiting = set(), [graph.get_operation_by_name('h')]\n"
    "while waiting:\n"
    "    op = waiting.pop()  # h, and all that h is computed with\n"
    "    if op.type not in ('Placeholder', 'Const', 'Identity', 'NoOp', 'Reshape'):\n"
    "        found.add(label(op.device))\n"
    "    waiting += [x.op for x in op.inputs]\n"
    "sorted(found)",
    gives=["GPU:0"],
)
def test_all_of_the_work(student, clean, rng):
    """What h, y and p are computed with is requested where they are, not only the last step; y is computed from h.

    Hint: convolutions and products must be made inside the blocks, too, and only once, also for best.
    """
    nodes = nodes_of(student, clean, rng)
    for name, origins in FROM.items():
        waiting, seen, device = [name], set(), REQUESTED.get(name)
        while waiting:
            node = node_named(nodes, waiting.pop())
            got = node["device"]
            check(device is None or node["op"] in ANYWHERE or place(got) == device, f"{node['op']}, which computes "
                  f"{name}, must be requested on {device}", got=got or "no device")  # fmt: skip
            inputs = node["inputs"][:1] if node["op"] in RESHAPES else node["inputs"]
            sources = {source.removeprefix("^").partition(":")[0] for source in inputs}
            named = sources & {"x", *REQUESTED}
            check(named <= set(origins) or node["op"] == "Shape", f"{name} must be computed from "
                  f"{' or '.join(origins)}", got=", ".join(sorted(named)))  # fmt: skip
            waiting += sorted(sources - seen - named)
            seen |= sources


@pytest.mark.points(0.5)
@pytest.mark.example(
    "graph = build_placed_graph(random_weights(0))\n"
    "[graph.get_operation_by_name(name).device for name in ('x', 'best')]",
    gives=["", ""],
)
def test_the_rest_is_free(student, clean, rng):
    """x and best are requested nowhere: TensorFlow may choose.

    Hint: make them outside of all blocks, or inside `with tf.device(None):`.
    """
    nodes = nodes_of(student, clean, rng)
    for name in ("x", "best"):
        got = node_named(nodes, name)["device"]
        check(is_a(got, str) and not got, f"{name} must be requested on no device", got=got)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "one, two = build_placed_graph(random_weights(1)), build_placed_graph(random_weights(2))\n"
    "[one is not two, *('best' in {op.name for op in graph.get_operations()} for graph in (one, two))]",
    gives=[True, True, True],
)
def test_each_call_a_new_graph(student, clean, rng):
    """Each call builds a graph of its own, with its own weights and the same names, and runs nothing.

    Hint: with tf.Graph().as_default() as graph.
    """
    draws = [drawn(rng) for _ in range(2)]
    draws[1][0][-1][3] = 200.0  # the softmax of large logits is one, too
    given = [to_keras(weights) for weights, _ in draws]
    blobs, runs, another, kept = student.run(built_and_watched, student.build_placed_graph, *given)
    for blob, (weights, x) in zip(blobs, draws, strict=True):
        bright = x[:2].copy()
        bright[0] *= BRIGHT
        check_values(clean, blob, weights, x, bright)
    check(runs == 0, "nothing may be run while the graph is built", got=f"{runs} runs")
    check(another is True, "a second call must build another graph, also for the same weights")
    check(kept is True, "the list of weights and its arrays must stay as they were")
