"""The deep-learning frameworks: what is slow to import, and how tensors are recognised, sent and received.

To add a framework, add a class to :data:`FRAMEWORKS`. This module imports none of them: if a notebook has not imported
a framework, it has none of its tensors. The code runs in the student's process, so what it reports about a tensor is
only the student's claim.
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
        the name of its module, and of the framework in :class:`~autograder.jail.inside.values.TensorData`
    imports
        the names under which a notebook imports it
    slow
        the modules to import beforehand
    """

    name: str
    imports: tuple[str, ...]
    slow: tuple[str, ...]

    @property
    def module(self) -> Any:
        """The framework's module, or None if it has not been imported."""
        return sys.modules.get(self.name)

    def is_tensor(self, value: object, *, exact: bool) -> bool:
        """Whether ``value`` is one of its tensors. With ``exact``, instances of a subclass do not count."""
        raise NotImplementedError

    def encode(self, tensor: Any) -> TensorData | None:
        """A tensor's values, dtype and device; None if numpy cannot hold its values."""
        raise NotImplementedError

    def decode(self, data: TensorData) -> object:
        """A new tensor with these values."""
        raise NotImplementedError

    def seed(self, number: int, *, devices: bool = False) -> None:
        """Seed its random numbers, with ``devices`` those of other devices too. ``number`` has at most 31 bits."""
        raise NotImplementedError


class Torch(Framework):
    """PyTorch. Creating the first optimizer imports ``torch._dynamo``, which takes a second."""

    name = "torch"
    imports = ("torch",)
    slow = ("torch", "torch._dynamo")

    def is_tensor(self, value: object, *, exact: bool) -> bool:
        """With ``exact``, parameters do not count: the notebook may need their identity."""
        return type(value) is self.module.Tensor if exact else isinstance(value, self.module.Tensor)

    def encode(self, tensor: Any) -> TensorData:
        """The tensor as data. bfloat16, which numpy lacks, becomes float32."""
        here = tensor.detach().to("cpu").resolve_conj().resolve_neg()
        here = here.float() if here.dtype is self.module.bfloat16 else here
        return TensorData(self.name, str(tensor.dtype).removeprefix("torch."), str(tensor.device), here.numpy())

    def decode(self, data: TensorData) -> object:
        """A CPU tensor with its own memory."""
        return self._imported().from_numpy(data.array).to(getattr(self._imported(), data.dtype))

    def seed(self, number: int, *, devices: bool = False) -> None:
        """Skip ``torch.manual_seed`` for each test: while CUDA is unused, it stores the call stack, which is slow."""
        if devices:
            self.module.manual_seed(number)
        else:
            self.module.default_generator.manual_seed(number)

    def _imported(self) -> Any:
        return __import__(self.name)


class TensorFlow(Framework):
    """TensorFlow, including Keras."""

    name = "tensorflow"
    imports = ("tensorflow", "keras")
    slow = ("tensorflow", "keras")

    def is_tensor(self, value: object, *, exact: bool) -> bool:
        """Whether ``value`` is an eager tensor; a symbolic one has no values."""
        return isinstance(value, self.module.Tensor) and hasattr(value, "numpy")

    def encode(self, tensor: Any) -> TensorData | None:
        """The tensor as data. Floating types that numpy lacks become float32."""
        array = tensor.numpy()
        if not crosses(array.dtype) and tensor.dtype.is_floating:
            array = array.astype("float32")
        if not crosses(array.dtype):
            return None
        return TensorData(self.name, tensor.dtype.name, tensor.device, np.asarray(array))

    def decode(self, data: TensorData) -> object:
        """A constant tensor with these values."""
        return __import__(self.name).constant(data.array, dtype=data.dtype)

    def seed(self, number: int, *, devices: bool = False) -> None:
        """Set the global seed, which applies to all devices."""
        self.module.random.set_seed(number)


FRAMEWORKS: tuple[Framework, ...] = (Torch(), TensorFlow())


def tensor_data(value: object, *, exact: bool) -> TensorData | None:
    """A tensor as data; None if ``value`` is not a tensor, or, with ``exact``, is an instance of a subclass."""
    for framework in FRAMEWORKS:
        if framework.module is None:
            continue
        try:
            if framework.is_tensor(value, exact=exact):
                return framework.encode(value)
        except Exception:  # it has no dense values (sparse, meta, symbolic), so it stays an object
            return None
    return None


def from_tensor_data(data: TensorData) -> object:
    """The tensor that the data describes.

    Raises
    ------
    WireError
        when the framework is unknown.
    """
    for framework in FRAMEWORKS:
        if framework.name == data.framework:
            return framework.decode(data)
    raise WireError(f"tensors of {data.framework} are not known here")


def seed_all(number: int, *, devices: bool = False) -> None:
    """Seed every framework that has been imported, as :meth:`Framework.seed` does."""
    for framework in FRAMEWORKS:
        if framework.module is not None:
            with contextlib.suppress(Exception):  # the student may have replaced it or imported only part of it
                framework.seed(number, devices=devices)
