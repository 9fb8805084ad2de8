"""Is what is known of each framework right: its tensors, their values and devices, its seed?"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from autograder.jail import preload
from autograder.jail.inside import frameworks
from autograder.jail.inside.frameworks import FRAMEWORKS, Framework, from_tensor_data, seed_all, tensor_data
from autograder.jail.inside.values import TensorData, WireError


def made(name: str) -> tuple[Any, Any, Any, Any]:
    """Objects of a framework."""
    if name == "torch":
        import torch

        return (
            torch.tensor([1.0, 2.0]),
            torch.tensor(1.5, dtype=torch.bfloat16),
            torch.nn.Parameter(torch.ones(1)),
            (lambda: torch.rand(2).tolist()),
        )
    import tensorflow as tf

    return tf.constant([1.0, 2.0]), tf.constant(1.5, tf.bfloat16), None, lambda: tf.random.uniform([2]).numpy().tolist()


@pytest.fixture(params=FRAMEWORKS, ids=lambda framework: framework.name)
def framework(request: pytest.FixtureRequest) -> Framework:
    return request.param


def test_a_tensor_crosses_with_dtype_and_device(framework: Framework) -> None:
    vector, half, _, _ = made(framework.name)
    data = tensor_data(vector, exact=True)
    assert data is not None
    assert (data.framework, data.dtype, data.array.tolist()) == (framework.name, "float32", [1.0, 2.0])
    assert "cpu" in data.device.lower()
    back = from_tensor_data(data)
    assert framework.is_tensor(back, exact=True)
    assert np.asarray(back).tolist() == [1.0, 2.0]
    wide = tensor_data(half, exact=True)
    assert wide is not None
    assert (wide.dtype, wide.array.dtype, float(wide.array)) == ("bfloat16", np.float32, 1.5)


def test_only_a_tensor_itself_is_exact() -> None:
    """May the notebook ask for a parameter by identity, and for its value as well?"""
    _, _, parameter, _ = made("torch")
    assert tensor_data(parameter, exact=True) is None
    value = tensor_data(parameter, exact=False)
    assert value is not None
    assert value.array.tolist() == [1.0]


def test_a_seed_decides_what_is_drawn(framework: Framework) -> None:
    *_, draw = made(framework.name)
    drawn = []
    for seed, devices in ((1, False), (1, True), (2, False)):
        seed_all(seed, devices=devices)
        drawn.append(draw())
    assert drawn[0] == drawn[1] != drawn[2]


def test_what_is_no_tensor_is_none_and_nothing_is_imported_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for framework in FRAMEWORKS:
        monkeypatch.delitem(sys.modules, framework.name, raising=False)
    assert tensor_data([1.0], exact=False) is None
    seed_all(0)
    assert not {framework.name for framework in FRAMEWORKS} & set(sys.modules)


def test_a_tensor_without_values_stays_an_object() -> None:
    import torch

    assert tensor_data(torch.empty(2, device="meta"), exact=True) is None


def test_an_unknown_framework_is_refused() -> None:
    with pytest.raises(WireError, match="tensors of jax are not known here"):
        from_tensor_data(TensorData("jax", "float32", "cpu", np.zeros(1)))


def test_a_further_framework_is_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does one class make its tensors cross, here with lists in the part of tensors?"""

    class Lists(Framework):
        name, imports, slow = "json", ("json",), ("json",)

        def is_tensor(self, value: object, *, exact: bool) -> bool:
            return type(value) is list

        def encode(self, tensor: Any) -> TensorData:
            return TensorData(self.name, "float64", "cpu", np.asarray(tensor, dtype=np.float64))

        def decode(self, data: TensorData) -> object:
            return data.array.tolist()

    monkeypatch.setattr(frameworks, "FRAMEWORKS", (*FRAMEWORKS, Lists()))
    data = tensor_data([1, 2], exact=True)
    assert data is not None
    assert from_tensor_data(data) == [1.0, 2.0]


def test_what_is_slow_to_import_is_imported_beforehand() -> None:
    assert {module for framework in FRAMEWORKS for module in framework.slow} <= set(preload.PRELOAD)
