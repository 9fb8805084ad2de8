"""A kernel that answers every request with something made up, from a seed: any value that the wire lets through."""

from __future__ import annotations

import random
import socket
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from autograder.course.sprint import Sprint
from autograder.errors import PlatformFault
from autograder.grading.allowance import Allowance
from autograder.grading.clean_room.room import CleanRoom
from autograder.grading.conditions import Conditions
from autograder.grading.dressed import dress
from autograder.grading.engine import GradedNotebook, _run
from autograder.grading.limits import Limits
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.run import GradingRun
from autograder.jail.inside import wire
from autograder.jail.inside.values import NUMERIC, Reference, TensorData, TooMuch
from autograder.jail.kernel import Kernel
from autograder.jail.lane import Lane
from autograder.notebook.read import read_release
from tests.support.conditions import HOUR
from tests.support.frames import Bytes

NUMBERS: list[Any] = [
    0, 1, -1, 2, 3, 10**14, -(10**14), 2**63, 2**1000, -(2**1000), 0.0, -0.0, 0.5, 1e308, -1e-320,
    float("nan"), float("inf"), -float("inf"), 1j, complex("nan"), True, False,
]  # fmt: skip
TEXTS = [
    "",
    "x",
    "tensor",
    "nan",
    "1",
    "\x1b[31m",
    "a" * 5_000,
    "äöü\N{MUSICAL SYMBOL G CLEF}",
    "\ud800",
    "['a']",
    "{0}",
]


@dataclass(frozen=True)
class Dress:
    """Any value, announced as what an object holds: the encoder of a kernel would only do so for some types."""

    held: Any


class Encoder(wire.Encoder):
    """Encodes values in dress, too."""

    def refer(self, value: object, depth: int) -> Any:
        if isinstance(value, Dress):
            return ["o", 7, "Dress", self.encode(value.held, depth + 1)]
        return super().refer(value, depth)


class Decoder(wire.Decoder):
    """Decodes them to what a session makes of them, without an object behind."""

    def dressed(self, reference: Reference, data: Any) -> object:
        try:
            return dress(data, None)
        except KeyError:
            return data


def arrived(value: Any) -> Any:
    """What a test gets of a value that crosses."""
    stream = Bytes(Encoder().frame(value))
    head, blob = wire.receive(stream)
    return Decoder(blob).decode(head)


def value(rng: random.Random, depth: int = 0) -> Any:
    """A value that can cross: a number, text, array, tensor or container, small or huge, whole or ragged."""
    kinds = ["number", "text", "none", "bytes", "array", "generic", "tensor", "odd"]
    kind = rng.choice(kinds + ["list", "tuple", "dict", "ragged", "dressed"] * (depth < 3))
    if kind == "dressed":
        return Dress(value(rng, depth + 1))
    if kind in ("list", "tuple"):
        items = [value(rng, depth + 1) for _ in range(rng.choice([0, 1, 2, 3, 7]))] * (
            rng.choice([1, 1, 40]) if depth == 2 else 1
        )
        return items if kind == "list" else tuple(items)
    if kind == "dict":
        return {rng.choice([*TEXTS[:6], *NUMBERS[:5], None, (1, 2)]): value(rng, depth + 1) for _ in range(3)}
    if kind == "ragged":
        return [[1.0] * rng.randrange(4) for _ in range(3)]
    if kind in ("array", "tensor", "generic"):
        return _array(rng, kind)
    return {
        "number": rng.choice(NUMBERS), "text": rng.choice(TEXTS), "none": None,
        "bytes": rng.choice([b"", b"x" * 70_000]), "odd": rng.choice([..., slice(1, 10**14), slice(None)]),
    }[kind]  # fmt: skip


def _array(rng: random.Random, kind: str) -> Any:
    dtype = rng.choice(
        [*NUMERIC.values(), np.dtype("<U3"), np.dtype("|S2")] if kind == "array" else [*NUMERIC.values()]
    )
    shape = rng.choice([(), (0,), (1,), (3,), (4, 3), (2, 0, 5), (1, 1, 1, 1), (1000,), (8, 8, 3)])
    drawn = np.random.default_rng(rng.randrange(1 << 30)).integers(-3, 4, size=shape)
    array = np.abs(drawn).astype(dtype) if dtype.kind in "uSU" else drawn.astype(dtype)
    if dtype.kind in "fc" and array.size and rng.random() < 0.3:
        array.flat[0] = rng.choice([np.nan, np.inf, -np.inf])
    if kind == "generic":
        return array.ravel()[0] if array.size else dtype.type(0)
    if kind == "tensor":
        return TensorData(rng.choice(["torch", "tensorflow", "x"]), rng.choice(["float32", "odd"]), "cpu", array)
    return array


class ForgedKernel:
    """Answers on a socket, as an agent does: with objects, or with made-up data, or with an exception."""

    def __init__(self, rng: random.Random, objects: float = 0.5) -> None:
        """``objects``: the share of answers that are objects."""
        self._objects = objects
        self.stream, self._far = socket.socketpair()
        self.stream.settimeout(5)
        self._rng = rng
        self._next = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        try:
            while True:
                head, _ = wire.receive(self._far)
                if head != "stop":
                    self._far.sendall(self._answer(head))
        except (EOFError, OSError):
            self._far.close()

    def _answer(self, head: Any) -> bytes:
        number, operation = head[1][0], head[1][1]
        if operation == "begin":
            return wire.Encoder().frame((number, "ok", None))
        if self._objects and self._rng.random() < 0.05:
            about = {"types": ["ValueError", "Exception"], "message": self._rng.choice(TEXTS), "traceback": ""}
            return wire.Encoder().frame((number, "raised", about))
        self._next += 1
        is_object = operation == "iter" or self._rng.random() < self._objects
        answer = Reference(self._next, self._rng.choice(["function", "Tensor", "x"])) if is_object else value(self._rng)
        if operation == "next":
            answer = (answer,) if self._rng.random() < 0.8 else ()
        try:
            return Encoder().frame((number, "ok", answer))
        except TooMuch as error:
            return wire.Encoder().frame((number, "refused", str(error)))

    def serve(self) -> None: ...

    def lost(self) -> bool:
        return False

    def alive(self) -> bool:
        return self.stream.fileno() >= 0

    def cpu_seconds(self) -> float:
        return 0.0

    def queued_seconds(self) -> float:
        return 0.0

    def interrupt(self) -> None: ...

    def terminate(self) -> None:
        self.stream.close()

    kill = terminate

    def bring_back(self, folder: Path) -> None: ...


class _ForgedRun(NotebookRun):
    """Runs no cell."""

    def run_to(self, index: int, limit: Any = None) -> None:
        if self.position <= index:
            self.end_session()
        self.position = max(self.position, index + 1)

    def start_soon(self) -> None: ...

    def _ready(self) -> Kernel:
        if self._kernel is None or not self._kernel.alive():
            self._kernel = self._source(None)
        return self._kernel


def grade_forged(sprint: Sprint, seed: int) -> GradedNotebook:
    """Grade a sprint whose every answer is made up from this seed."""
    rng = random.Random(seed)
    kernels: list[ForgedKernel] = []

    def source(files: Path | None) -> Kernel:
        kernels.append(ForgedKernel(rng))
        return cast(Kernel, kernels[-1])

    def room(files: Path | None) -> Kernel:
        kernels.append(ForgedKernel(rng, objects=0))  # the platform's own code answers there, and with data only
        return cast(Kernel, kernels[-1])

    def no_kernel(files: Path | None) -> Kernel:
        raise PlatformFault("no kernel is started here")

    limits = Limits(submission=HOUR)
    run = GradingRun(read_release(sprint.release), sprint, Conditions(Lane(no_kernel, gpu=True), "s", limits))
    run.notebook_run = _ForgedRun(run.notebook_run.notebook, source, None, limits, Allowance(HOUR))
    run.clean_room = CleanRoom(room, Allowance(HOUR), run._transcript)
    try:
        return _run(run, sprint)
    finally:
        for kernel in kernels:
            kernel.kill()
