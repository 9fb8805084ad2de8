"""What is known of the deep-learning frameworks: what is slow to import, how tensors are recognised, sent and received.

A further framework is a further class here, in :data:`FRAMEWORKS`. None of them is imported: where a notebook has not
imported a framework, it has no tensors of it either. The code runs on the student's side of the wall, so what it says
of a tensor is the student's word.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any

import numpy as np

from autograder.jail.inside.values import TensorData, WireError, crosses


class Framework:
    """One framework.

    Attributes
    ----------
    name
        its module, and what :class:`~autograder.jail.inside.values.TensorData` calls it
    imports
        the names by which a notebook imports it
    slow
        the modules to import beforehand
    """

    name: str
    imports: tuple[str, ...]
    slow: tuple[str, ...]

    @property
    def module(self) -> Any:
        """The framework, or None where it has not been imported."""
        return sys.modules.get(self.name)

    def is_tensor(self, value: object, *, exact: bool) -> bool:
        """Whether ``value`` is one of its tensors; with ``exact``, none of a subclass."""
        raise NotImplementedError

    def encode(self, tensor: Any) -> TensorData | None:
        """A tensor's values, dtype and device; None when it has no values that numpy can hold."""
        raise NotImplementedError

    def decode(self, data: TensorData) -> object:
        """A tensor with these values, on the CPU."""
        raise NotImplementedError

    def seed(self, number: int, *, devices: bool = False) -> None:
        """Seed its random numbers; ``number`` has at most 31 bits. ``devices``: those of other devices as well."""
        raise NotImplementedError


class Torch(Framework):
    """PyTorch. Its optimizers import ``torch._dynamo`` when the first one is made, which takes a second."""

    name = "torch"
    imports = ("torch",)
    slow = ("torch", "torch._dynamo")

    def is_tensor(self, value: object, *, exact: bool) -> bool:
        """``exact`` leaves parameters out: the notebook may ask for them by identity."""
        return type(value) is self.module.Tensor if exact else isinstance(value, self.module.Tensor)

    def encode(self, tensor: Any) -> TensorData:
        """bfloat16, which numpy lacks, becomes float32."""
        here = tensor.detach().to("cpu").resolve_conj().resolve_neg()
        here = here.float() if here.dtype is self.module.bfloat16 else here
        return TensorData(self.name, str(tensor.dtype).removeprefix("torch."), str(tensor.device), here.numpy())

    def decode(self, data: TensorData) -> object:
        """A tensor with a memory of its own."""
        return self._imported().from_numpy(data.array).to(getattr(self._imported(), data.dtype))

    def seed(self, number: int, *, devices: bool = False) -> None:
        """``torch.manual_seed`` notes the whole call stack for a CUDA that has not been used yet: too slow per test."""
        if devices:
            self.module.manual_seed(number)
        else:
            self.module.default_generator.manual_seed(number)

    def _imported(self) -> Any:
        return __import__(self.name)


class TensorFlow(Framework):
    """TensorFlow, with Keras on it."""

    name = "tensorflow"
    imports = ("tensorflow", "keras")
    slow = ("tensorflow", "keras")

    def is_tensor(self, value: object, *, exact: bool) -> bool:
        """Eager tensors only: a symbolic one has no values."""
        return isinstance(value, self.module.Tensor) and hasattr(value, "numpy")

    def encode(self, tensor: Any) -> TensorData | None:
        """Floating types that numpy lacks become float32."""
        array = tensor.numpy()
        if not crosses(array.dtype) and tensor.dtype.is_floating:
            array = array.astype("float32")
        if not crosses(array.dtype):
            return None
        return TensorData(self.name, tensor.dtype.name, tensor.device, np.asarray(array))

    def decode(self, data: TensorData) -> object:
        """A constant."""
        return __import__(self.name).constant(data.array, dtype=data.dtype)

    def seed(self, number: int, *, devices: bool = False) -> None:
        """The global seed, which holds for all devices."""
        self.module.random.set_seed(number)


FRAMEWORKS: tuple[Framework, ...] = (Torch(), TensorFlow())


def tensor_data(value: object, *, exact: bool) -> TensorData | None:
    """A framework's tensor as data, or None when ``value`` is none (or, with ``exact``, of a subclass)."""
    for framework in FRAMEWORKS:
        if framework.module is None:
            continue
        try:
            if framework.is_tensor(value, exact=exact):
                return framework.encode(value)
        except Exception:  # no dense values on this side (sparse, meta, symbolic): it stays an object
            return None
    return None


def from_tensor_data(data: TensorData) -> object:
    """The tensor that the data describes.

    Raises
    ------
    WireError
        when nothing is known of the framework.
    """
    for framework in FRAMEWORKS:
        if framework.name == data.framework:
            return framework.decode(data)
    raise WireError(f"tensors of {data.framework} are not known here")


def seed_all(number: int, *, devices: bool = False) -> None:
    """Seed every framework that has been imported, as :meth:`Framework.seed` does."""
    for framework in FRAMEWORKS:
        if framework.module is not None:
            with contextlib.suppress(Exception):  # the student may have replaced or half imported it
                framework.seed(number, devices=devices)
