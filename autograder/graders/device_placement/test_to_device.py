"""Hidden tests of task 2: nested data. What moves goes to `meta`, where a tensor has everything but numbers."""

import numpy as np
import pytest

from autograder.graders.device_placement.oracles import (
    check_on,
    check_places,
    device_named,
    leaves,
    singles,
    tensor,
)
from autograder.grading import TensorData, assert_close, base_type, check, is_a, probe

OTHERS = ["cat", 7, None, 0.5, True]


@probe
def facts_of(tensors):
    return [[str(t.device), str(t.dtype), list(t.shape)] for t in tensors]


@probe
def keys_of_a_dict(to_device, image, device):
    """The keys of a dict in which a tensor is between other things, and a key."""
    (record,) = to_device([{"n": 1, "image": image, "kind": "cat", image: "cat"}], device)
    return [key if isinstance(key, str) else key is image for key in record]


@probe
def not_passed_on(to_device, device):
    """What does not come back itself, and what has changed inside."""
    import collections
    import dataclasses
    import types

    import numpy as np
    import torch

    image = torch.ones(2)
    record = dataclasses.make_dataclass("Record", ["image"])(image)
    layer, space = torch.nn.Linear(2, 2), types.SimpleNamespace(image=image)
    queue, items, pairs = collections.deque([image]), collections.UserList([image]), collections.UserDict(a=image)
    view, parts = types.MappingProxyType({"a": image}), iter([image])
    others = [np.ones(3), {image}, object(), items, pairs, layer, record, queue, space, view, parts,
              np.float32(2), np.int64(3), b"cat", range(2)]  # fmt: skip
    moved = to_device({"others": others}, device)["others"]
    copied = [type(other).__name__ for one, other in zip(moved, others, strict=True) if one is not other]
    as_before = {"Linear": str(layer.weight.device) == "cpu"}
    held = {"Record": record.image, "SimpleNamespace": space.image, "deque": queue[0], "UserList": items[0],
            "UserDict": pairs["a"], "list_iterator": next(parts, None)}  # fmt: skip
    as_before |= {name: part is image for name, part in held.items()}
    return copied + [f"{name}, changed inside" for name, kept in as_before.items() if not kept]


@probe
def after_a_move(to_device, tensors, device):
    """What was kept of a tree; which containers came back themselves; and two lists of places.

    Nothing is to be moved in these containers: they are empty, hold no tensors, or hold one that is there already.
    """
    import torch

    inner, pair, here = [tensors[1]], (tensors[2], "cat"), [torch.ones(2)]
    tree = {"a": tensors[0], "b": inner, "c": pair}
    moved = to_device(tree, device)
    kept = [list(tree) == ["a", "b", "c"], tree["a"] is tensors[0], tree["b"] is inner, tree["c"] is pair]
    kept += [len(inner) == 1 and inner[0] is tensors[1]]
    without = [["cat"], {"n": 1}, [], {}]
    pairs = zip([*without, here], [*to_device(without, device), to_device(here, "cpu")], strict=True)
    same = [type(one).__name__ for one, other in pairs if one is other]
    places = [[str(torch.Tensor.device.__get__(t)) for t in ts] for ts in (tensors, [moved["a"]])]
    return [bool(k) for k in kept], same, *places


@probe
def parameter_then_one_more(to_device, device):
    """Where a parameter goes, a tensor of a subclass; and how many parts come of the list with one part more."""
    import torch

    parts = [torch.nn.Parameter(torch.ones(2))]
    (moved,) = to_device(parts, device)
    parts.append(torch.ones(3))
    return str(moved.device), len(to_device(parts, device))


@probe
def moved_again(to_device, device):
    """Where a tensor goes that was elsewhere before, and whether it has the numbers that it was given meanwhile."""
    import torch

    x = torch.zeros(2)
    to_device([x], device), to_device([x], "cpu")
    x.add_(1)
    (again,) = to_device([x], "cpu")
    return [str(torch.Tensor.device.__get__(again)), again.tolist() if str(again.device) == "cpu" else None]


@pytest.mark.points(1)
@pytest.mark.example(
    "moved = to_device({'a': [torch.ones(2), (torch.ones(3), 'cat')]}, 'meta')\n"
    "[moved['a'][0].device.type, moved['a'][1][0].device.type]",
    gives=["meta", "meta"],
)
def test_every_tensor_moves(student, rng):
    """Every tensor is on the device afterwards, however deep it was, a parameter of a network too.

    Hint: `.to` returns a tensor over there; it has to go into what you return. isinstance is true for subclasses.
    """
    a, b, c, d, e, f = (tensor(singles(rng, n)) for n in range(1, 7))
    trees = [a, [a, b], (c, [d, (e,)]), {"x": a, "y": {"z": [b, {"w": (c, d)}]}, "v": f}]
    for tree in trees:
        got = list(leaves(student.to_device(tree, "meta")))
        check(len(got) == len(list(leaves(tree))), "no tensor may be lost", got=f"{len(got)} tensors")
        check_on(student, got, "meta", "every tensor")
    place, parts = student.run(parameter_then_one_more, student.to_device, "meta")
    check(place == "meta", "an nn.Parameter is a tensor, and must move as well", got=place)
    check(parts == 2, "a list that has become longer must be moved as it is then", got=parts)


@pytest.mark.points(0.5)
@pytest.mark.example("str(to_device({'b': ('cat', []), 'a': {}}, 'cpu'))", gives="{'b': ('cat', []), 'a': {}}")
def test_containers_keep_their_types(student, rng):
    """Lists stay lists, tuples tuples and dicts dicts, with the same keys in the same order; empty ones too.

    Hint: type(tree)(…) for lists and tuples.
    """
    tree = {"b": [("x", 1), []], "a": ({}, ()), 3: {"d": None, "c": [["y"]]}}
    got = student.to_device(tree, "meta")
    check_on(student, leaves(student.to_device([tensor(singles(rng, 2))], "meta")), "meta", "a tensor in a list")

    def same_form(one, other):
        if not {base_type(one), base_type(other)} & {dict, list, tuple}:
            return True
        if base_type(one) is not base_type(other):
            return False
        if isinstance(one, dict):
            return list(one) == list(other) and all(same_form(one[key], other[key]) for key in one)
        return len(one) == len(other) and all(map(same_form, one, other))

    check(same_form(tree, got), "the nesting must be the same", got=got)
    keys = student.run(keys_of_a_dict, student.to_device, tensor(singles(rng, 2)), "meta")
    check(isinstance(keys, list) and keys[:3] == ["n", "image", "kind"], "keys must come back in their order, tensors "
          "among others", got=keys)  # fmt: skip
    check(keys[3:] == [True], "a key must come back itself, a tensor too: only values are moved")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "[type(x).__name__ for x in to_device([7, 'cat', None, np.ones(2)], 'meta')]",
    gives=["int", "str", "NoneType", "ndarray"],
)
def test_others_stay(student, rng):
    """What is no tensor is passed on as it is.

    Hint: the last line of the recursion is `return tree`.
    """
    array = singles(rng, 3)
    got = student.to_device([*OTHERS, array, {"name": "cat"}, tensor(singles(rng, 2))], "meta")
    check(isinstance(got, list) and len(got) == len(OTHERS) + 3, "nothing may be lost", got=got)
    *others, got_array, _, moved = got
    check_on(student, [moved], "meta", "the tensor beside them")
    for one, other in zip(others, OTHERS, strict=True):
        check(base_type(one) is base_type(other) and one == other, "what is no tensor must stay", got=one)
    check(is_a(got_array, np.ndarray), "an ndarray is no tensor and must stay one")
    assert_close(got_array, array, what="the ndarray")
    wrong = student.run(not_passed_on, student.to_device, "meta")
    check(wrong == [], "what is no tensor, list, tuple or dict must be passed on itself, unmoved and not as a copy",
          got=wrong)  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example(
    "data = {'x': [torch.ones(2)]}\n"
    "moved = to_device(data, 'meta')\n"
    "[data['x'][0].device.type, moved['x'][0].device.type]",
    gives=["cpu", "meta"],
)
def test_what_came_in_is_not_changed(student, rng):
    """The data that came in is as it was: the same containers with the same tensors, where they were.

    Hint: build new containers instead of writing into the old ones.
    """
    tensors = [tensor(singles(rng, n)) for n in (2, 3, 4)]
    kept, same, devices, there = student.run(after_a_move, student.to_device, tensors, "meta")
    check_places(there, "meta", "a tensor that comes back")
    check(kept == [True] * 5, "the containers that came in must hold the same as before")
    check_places(devices, "cpu", "the tensors that came in")
    check(same == [], "a copy of a list or dict must be another one, also with nothing to move in it", got=same)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "x = to_device([torch.tensor([[1, 2]])], 'meta')[0]\n[x.device.type, str(x.dtype), list(x.shape)]",
    gives=["meta", "torch.int64", [1, 2]],
)
def test_dtypes_and_values(student, rng):
    """A tensor keeps its dtype, its shape and its numbers.

    Hint: .to(device), and nothing else.
    """
    arrays = {"float64": rng.normal(size=(2, 3)), "int64": rng.integers(-9, 9, size=4), "bool": rng.random(5) < 0.5,
              "float16": np.float16(rng.normal()), "uint8": np.zeros((0, 2))}  # fmt: skip
    arrays["bfloat16"] = np.float32(rng.integers(-9, 9, size=3))  # NumPy has no such type
    given = [TensorData("torch", dtype, "cpu", np.asarray(array, np.float32 if dtype == "bfloat16" else dtype))
             for dtype, array in arrays.items()]  # fmt: skip
    there = student.run(facts_of, student.to_device(given, "meta"))
    expected = [["meta", f"torch.{dtype}", list(array.shape)] for dtype, array in arrays.items()]
    check(there == expected, "dtype and shape must be kept", got=there)
    here = student.to_device(given, "cpu")
    for got, (dtype, array) in zip(here, arrays.items(), strict=True):
        check(isinstance(got, TensorData) and got.dtype == dtype, "the dtype must be kept", got=got)
        assert_close(got, array, what=f"a tensor of dtype {dtype}")
    again = student.run(moved_again, student.to_device, "meta")
    check(again == ["cpu", [1.0, 1.0]], "a tensor that was moved before must come with the numbers that it has now, on "
          "the device asked for now", got=again)  # fmt: skip


@pytest.mark.points(0.5)
@pytest.mark.example(
    "[to_device([torch.ones(2)], device)[0].device.type for device in ('meta', torch.device('meta'))]",
    gives=["meta", "meta"],
)
def test_names_and_devices(student, rng):
    """The device may be a name or a torch.device.

    Hint: .to takes both.
    """
    given = [tensor(singles(rng, 2))]
    for device in ("meta", student.run(device_named, "meta")):
        got = list(leaves(student.to_device(given, device)))
        check(len(got) == 1, "the list must come back with its tensor", got=len(got))
        check_on(student, got, "meta", "the tensor")
