"""The clean room's probes for TensorFlow's graphs: GraphDefs, and SavedModels, which contain them.

A graph is a program. Operations that reach files, Python, the network or other machines are refused before anything is
evaluated, in the graph and in the bodies of its functions. Of the operations that TensorFlow calls stateful, only those
in :data:`STATEFUL` are allowed. Of the stateless ones, all are allowed except those that match :data:`DENIED`. Unknown
operations are refused.
"""

from __future__ import annotations

from typing import Any

from autograder.grading.clean_room.artifacts import as_array
from autograder.grading.probes import probe

STATEFUL = "|".join(
    [
        "Assert|CheckNumerics(V2)?|Empty|GuaranteeConst|Print(V2)?",
        "Case|If|While|StatefulPartitionedCall",
        "(Assign|AssignAdd|AssignSub|Read)VariableOp|Var(HandleOp|IsInitializedOp)|Variable(V2|Shape)?",
        r"TemporaryVariable|DisableCopyOnRead|DestroyResourceOp|Resource(Sparse)?Apply\w+",
        r"Resource(Gather|Scatter)\w*|ResourceCountUpTo|ResourceStridedSliceAssign",
        r"TensorArray\w*|Stack(V2|PushV2|PopV2|CloseV2)?",
        r"(Anonymous)?(Mutable)?(Dense)?HashTable(OfTensors)?(V2)?|LookupTable\w+V2|InitializeTableV2",
        "Random(Crop|Gamma|Poisson|PoissonV2|Shuffle|StandardNormal|Uniform|UniformInt)|Multinomial|TruncatedNormal",
        r"ParameterizedTruncatedNormal|Stateful(RandomBinomial|StandardNormal|TruncatedNormal|Uniform)\w*",
        "RngSkip|RngReadAndSkip|StatelessRandomGetAlg",
    ]
)
"""The stateful operations that are allowed: control flow, variables, tables in memory, random numbers."""

DENIED = (
    "File|Reader|^Save|^Restore|^ImmutableConst$|Vocab|Dataset|Iterator|Proto|PyFunc|Mlir|Xla|TPU|Tpu|Nccl|DTensor"
    "|Collective|Mesh|SparseCore|^Debug|^Copy|CustomAggregator|^Abort$|^_"
)
"""The stateless operations that are refused: for files, other languages or machines, and the runtime's own."""


@probe
def called_functions(attributes: Any) -> list[str]:
    """The names of the functions in a node's attributes."""
    found = []
    for attribute in attributes.values():
        for function in (attribute.func, *attribute.list.func):
            found += [function.name] if function.name else []
            found += called_functions(function.attr)
    return found


@probe
def refused_operations(called_functions: Any, rules: Any, graph: Any) -> list[str]:
    """The names of the operations in a GraphDef, including the bodies of its functions, that must not be evaluated."""
    import re

    from tensorflow.python.framework import op_def_registry

    stateful, denied = rules
    library = {function.signature.name for function in graph.library.function}

    def evaluated(node: Any) -> bool:
        definition = op_def_registry.get(node.op)
        if definition is None:
            return node.op in library
        if node.op == "PrintV2" and b"//" in node.attr["output_stream"].s:  # this would print to a file
            return False
        if definition.is_stateful:
            return bool(re.fullmatch(stateful, node.op))
        return not re.search(denied, node.op)

    refused = set()
    for node in [*graph.node, *(node for function in graph.library.function for node in function.node_def)]:
        refused |= set(called_functions(node.attr)) - library
        if not evaluated(node):
            refused.add(node.op)
    return sorted(refused)


@probe
def reduce_graph(called_functions: Any, graph: Any, nodes: Any, functions: Any) -> None:
    """Reduce a GraphDef to these nodes and functions, and the functions that they need.

    Then what nobody asks for is neither checked nor imported, such as a saver, whose operations use files.
    """
    bodies = {function.signature.name: function for function in graph.library.function}
    gradients: dict[str, list[str]] = {}
    for gradient in graph.library.gradient:
        gradients.setdefault(gradient.function_name, []).append(gradient.gradient_func)
    waiting = [*functions, *(name for node in nodes for name in [node.op, *called_functions(node.attr)])]
    needed = set()
    while waiting:
        name = waiting.pop()
        if name in bodies and name not in needed:
            needed.add(name)
            waiting += gradients.get(name, [])
            for node in bodies[name].node_def:
                waiting += [node.op, *called_functions(node.attr)]
    names = {b"loc:@" + node.name.encode() for node in nodes}
    for node in nodes:
        if "_class" in node.attr:  # it asks for the same device as another node, which may have been removed
            node.attr["_class"].list.s[:] = [place for place in node.attr["_class"].list.s if place in names]
    reduced = type(graph)(versions=graph.versions, node=nodes)
    reduced.library.function.extend(function for name, function in bodies.items() if name in needed)
    reduced.library.gradient.extend(g for g in graph.library.gradient if g.function_name in needed)
    reduced.library.registered_gradients.extend(graph.library.registered_gradients)
    graph.CopyFrom(reduced)


TOOLS = (as_array, called_functions, reduce_graph, refused_operations, (STATEFUL, DENIED))
"""The first argument of the probes below, since a probe cannot use anything from outside itself."""


@probe
def evaluate_graph(tools: Any, blob: bytes, runs: Any) -> Any:
    """Import a GraphDef and fetch from it. All runs share one session."""
    import tensorflow as tf

    as_array, called_functions, reduce_graph, refused_operations, rules = tools
    graph_def = tf.compat.v1.GraphDef.FromString(blob)
    nodes = {node.name: node for node in graph_def.node}
    waiting = [name for fetches, feeds in runs for name in [*fetches, *feeds]]
    needed = set()
    while waiting:
        name = waiting.pop().removeprefix("^").partition(":")[0]
        if name in nodes and name not in needed:
            needed.add(name)
            waiting += nodes[name].input
    reduce_graph(called_functions, graph_def, [node for name, node in nodes.items() if name in needed], [])
    bad = refused_operations(called_functions, rules, graph_def)
    if bad:
        return "refused", bad
    graph = tf.Graph()
    with graph.as_default():
        tf.import_graph_def(graph_def, name="")

    def known(name: str) -> str:
        try:
            graph.as_graph_element(name)
        except (KeyError, ValueError, TypeError):
            kind = "tensor" if ":" in name else "operation"
            raise ValueError(f"the graph has no {kind} '{name}'") from None
        return name

    # soft placement: a graph that was built for a GPU can then run without one
    config = tf.compat.v1.ConfigProto(allow_soft_placement=True)
    config.graph_options.rewrite_options.disable_meta_optimizer = True  # it takes longer than running a small graph
    done = []
    with tf.compat.v1.Session(graph=graph, config=config) as session:
        for fetches, feeds in runs:
            got = session.run(list(map(known, fetches)), {known(name): value for name, value in feeds.items()})
            done.append([None if value is None else as_array(value) for value in got])
    return "done", done


@probe
def list_nodes(blob: bytes) -> list[dict[str, Any]]:
    """Every node of a GraphDef and of its functions. Nothing is evaluated."""
    import tensorflow as tf

    graph_def = tf.compat.v1.GraphDef.FromString(blob)
    bodies = [("", graph_def.node)] + [(f.signature.name, f.node_def) for f in graph_def.library.function]
    return [
        {"name": n.name, "op": n.op, "device": n.device, "inputs": list(n.input), "function": function}
        for function, nodes in bodies
        for n in nodes
    ]


@probe
def call_saved_model(tools: Any, files: Any, calls: Any) -> Any:
    """Load a SavedModel and call its signatures with keyword inputs."""
    import os
    import shutil
    import tempfile

    import tensorflow as tf
    from tensorflow.core.protobuf import saved_model_pb2

    model = saved_model_pb2.SavedModel.FromString(files["saved_model.pb"])
    if len(model.meta_graphs) != 1 or not model.meta_graphs[0].HasField("object_graph_def"):
        raise ValueError("saved_model.pb is none that tf.saved_model.save has written")
    as_array, called_functions, reduce_graph, refused_operations, rules = tools
    # loading needs only the constants and the functions of objects; the rest, such as a saver, is for TensorFlow 1
    graph, objects = model.meta_graphs[0].graph_def, model.meta_graphs[0].object_graph_def
    offered = [*objects.concrete_functions, *(g.gradient_func for g in graph.library.registered_gradients)]
    reduce_graph(called_functions, graph, [node for node in graph.node if node.op == "Const"], offered)
    bad = refused_operations(called_functions, rules, graph)
    if bad:
        return "refused", bad
    files["saved_model.pb"] = model.SerializeToString()
    folder = tempfile.mkdtemp()
    try:
        for name, content in files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "xb") as file:
                file.write(content)
        loaded = tf.saved_model.load(folder)
    finally:
        shutil.rmtree(folder)
    done = []
    for name, inputs in calls:
        if name not in loaded.signatures:
            raise ValueError(
                f"the SavedModel has no signature '{name}', only: {', '.join(loaded.signatures) or 'none'}"
            )
        signature = loaded.signatures[name]
        wanted = signature.structured_input_signature[1]
        if set(inputs) != set(wanted):
            raise ValueError(f"the signature '{name}' takes {', '.join(sorted(wanted)) or 'nothing'}")
        got = signature(**{key: tf.constant(value) for key, value in inputs.items()})
        done.append({key: as_array(value) for key, value in got.items()})
    return "done", done
