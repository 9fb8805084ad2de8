"""The clean room's session: it exchanges data and probes, but no objects."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.errors import CheckFailed, PlatformFault
from autograder.grading.allowance import Allowance
from autograder.grading.dressed import plain
from autograder.grading.handles import Handle
from autograder.grading.probes import Probe
from autograder.grading.session import Session
from autograder.jail.inside import wire
from autograder.jail.inside.values import ProbeSource, Reference, WireError
from autograder.jail.kernel import Kernel


class RoomSession(Session):
    """A session without handles.

    Attributes
    ----------
    objects
        the type names of returned objects that are not data
    """

    def __init__(self, kernel: Kernel, allowance: Allowance) -> None:
        self.objects: list[str] = []
        super().__init__(kernel, allowance)

    def encoder(self) -> wire.Encoder:
        """An encoder that sends probes as source. A student's object instead of data is the student's failure."""
        return _Encoder()

    def decoder(self, blob: bytes | bytearray) -> wire.Decoder:
        """A decoder that records the type names of objects."""
        return _Decoder(blob, self.objects)


class _Encoder(wire.Encoder):
    def refer(self, value: object, depth: int) -> Any:
        data = plain(value)
        if data is not value:
            return self.encode(data, depth)
        if isinstance(value, np.ndarray | np.generic):
            return super().refer(value, depth)
        if isinstance(value, Probe):
            return self.encode(ProbeSource(value.name, value.source))
        if isinstance(value, Handle):
            raise CheckFailed(f"a {value.__type_name__} came back where data was expected")
        raise PlatformFault(f"the grader passed a {type(value).__name__}, which is not data")

    def frame(self, value: object) -> bytes:
        try:
            return super().frame(value)
        except WireError as error:
            # it is too deep or large, or an array of odd elements: the student's, a grader's own arguments are neither
            raise CheckFailed(f"what came back cannot be evaluated: {error}") from None


class _Decoder(wire.Decoder):
    def __init__(self, blob: bytes | bytearray, objects: list[str]) -> None:
        super().__init__(blob)
        self._objects = objects

    def resolve(self, reference: Reference) -> object:
        self._objects.append(reference.type_name[:80])
        return None
