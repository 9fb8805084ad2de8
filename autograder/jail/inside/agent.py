"""The agent: runs in the student's kernel and performs the trusted side's requests, one at a time.

It is not trusted: it lives in the student's process, where any part of it may be replaced. All it can do is answer, and
an answer is data (:mod:`autograder.jail.inside.wire`).

A request is ``(number, operation, keep, args, kwargs)``. An answer is ``(number, status, payload)`` with

- ``("ok", value)``,
- ``("raised", {"types", "message", "traceback"})`` when the student's code raised,
- ``("interrupted", None)`` when SIGINT stopped it,
- ``("refused", text)`` when the request cannot be decoded or the result cannot be sent.
"""

from __future__ import annotations

import ast
import builtins
import functools
import linecache
import operator
import random
import signal
import socket
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from autograder.jail.inside import wire
from autograder.jail.inside.data import as_data
from autograder.jail.inside.dress import MAX_DRESSED, undressed
from autograder.jail.inside.figures import close_others, open_figures
from autograder.jail.inside.frameworks import from_tensor_data, seed_all, tensor_data
from autograder.jail.inside.stream import Awake, Buffered, Stream
from autograder.jail.inside.tracebacks import FILE_PREFIX, CellLabel, describe
from autograder.jail.inside.values import ProbeSource, Reference, TensorData, TooMuch, WireError

MAX_OBJECTS = 100_000
"""How many objects a test may hold at a time."""

MAX_PROBES = 128
"""How many probes' compiled code is kept."""

OPERATORS = frozenset((
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos", "abs", "invert",
    "and_", "or_", "xor", "lshift", "rshift", "lt", "le", "gt",
    "ge", "getitem", "setitem", "delitem",
))  # fmt: skip
"""The functions of ``operator`` that a request may use."""


class _Encoder(wire.Encoder):
    """Encodes a torch or TensorFlow tensor as data, what is data in dress as both, any other object as a reference."""

    def __init__(self, agent: Agent) -> None:
        super().__init__()
        self._agent = agent
        self._room = 0  # how many more values the dressed container may hold that is being encoded

    def refer(self, value: object, depth: int) -> Any:
        tensor = tensor_data(value, exact=True)
        if tensor is not None:
            return self.encode(tensor)
        held = undressed(value, self._agent.classes)
        item = None if held is None else self._dressed(value, held, depth)
        return item or self.encode(self._agent.reference(value))

    def _dressed(self, value: object, held: object, depth: int) -> Any:
        """Both what it holds and the reference; None if it is too deep or too large, so that it is an object only."""
        outermost, blob, size = not self._room, len(self._blob), self._size
        try:
            self._room = (self._room or MAX_DRESSED) - 1 - (len(held) if isinstance(held, list | tuple | dict) else 0)
            if self._room <= 0:
                raise TooMuch(f"the value holds more than {MAX_DRESSED} values")
            item = self.encode(held, depth + 1)
        except TooMuch:
            if not outermost:
                raise
            del self._blob[blob:]
            self._size = size
            return None
        finally:
            if outermost:
                self._room = 0
        reference = self._agent.reference(value)
        return ["o", reference.number, reference.type_name, item]


class _Decoder(wire.Decoder):
    """Decodes references to the student's objects, probes to functions, and tensors to their framework's tensors."""

    def __init__(self, agent: Agent, blob: bytes | bytearray) -> None:
        super().__init__(blob)
        self._agent = agent

    def resolve(self, reference: Reference) -> object:
        return self._agent.objects[reference.number]

    def compile_probe(self, probe: ProbeSource) -> object:
        namespace: dict[str, Any] = {"__builtins__": builtins, "__name__": "probe"}
        exec(_compiled(probe), namespace)  # noqa: S102
        return namespace[probe.name]

    def tensor(self, tensor: TensorData) -> object:
        return from_tensor_data(tensor)


@functools.lru_cache(MAX_PROBES)
def _compiled(probe: ProbeSource) -> CodeType:
    """A probe's code. Tests send the same few probes many times."""
    return compile(probe.source, f"{FILE_PREFIX} probe {probe.name}>", "exec")


class _Awake:
    """A socket as a stream for the wire. It polls for a short time before it sleeps."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._awake = Awake()
        self.sendall = connection.sendall

    def recv_into(self, buffer: memoryview, /) -> int:
        self._awake.readable(self._connection)
        return self._connection.recv_into(buffer)


class Agent:
    """Stores the student's objects by number and performs requests on them."""

    def __init__(self, namespace: dict[str, Any], cell_label: CellLabel | None = None) -> None:
        """``namespace`` holds the notebook's globals. ``cell_label`` gives the cell's name for a code file name."""
        self.namespace = namespace
        self.objects: dict[int, object] = {}
        self.classes: set[type] = set()
        """The notebook's classes that the test has asked for by name: their instances are objects, never only data."""
        self._numbers: dict[int, int] = {}
        self._next = 1
        self._cell_label = cell_label or (lambda name: None)
        self._busy = False
        self._figures: frozenset[int] = frozenset()

    def reference(self, value: object) -> Reference:
        """A reference to an object by number. During one test, the same object always gets the same number.

        Raises
        ------
        WireError
            when a test holds more than :data:`MAX_OBJECTS`.
        """
        number = self._numbers.get(id(value))
        if number is None:
            if len(self.objects) >= MAX_OBJECTS:
                raise WireError(f"the test holds more than {MAX_OBJECTS} objects")
            number, self._next = self._next, self._next + 1
            self.objects[number] = value
            self._numbers[id(value)] = number
        return Reference(number, type(value).__name__[:80])

    def serve(self, stream: Stream) -> None:
        """Answer requests until the other side sends "stop" or disconnects. Runs in the kernel's main thread."""
        previous = signal.signal(signal.SIGINT, self._on_interrupt)
        self._figures = open_figures()
        try:
            while True:
                try:
                    head, blob = wire.receive(stream)
                except EOFError:
                    return
                if head == "stop":
                    return
                stream.sendall(self._answer(head, blob))
        finally:
            signal.signal(signal.SIGINT, previous)
            close_others(self._figures)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        # an interrupt between two requests is too late; it must not break the stream
        if self._busy:
            raise KeyboardInterrupt

    def _answer(self, head: Any, blob: bytearray) -> bytes:
        number = 0
        try:
            try:
                self._busy = True
                number = head[1][0]  # first, so that the answer has the number even if the rest cannot be decoded
                _, operation, keep, args, kwargs = _Decoder(self, blob).decode(head)
                result = getattr(self, f"do_{operation}")(*args, **kwargs)
                if keep and not isinstance(result, Reference):
                    result = self.reference(result)
                return _Encoder(self).frame((number, "ok", result))
            except WireError as error:
                return wire.Encoder().frame((number, "refused", str(error)))
            except KeyboardInterrupt:
                return wire.Encoder().frame((number, "interrupted", None))
            except BaseException as error:
                return wire.Encoder().frame((number, "raised", describe(error, self._cell_label)))
            finally:
                self._busy = False
        except BaseException:  # the interrupt came while the answer was being encoded
            return wire.Encoder().frame((number, "interrupted", None))

    def do_begin(self, seed: int) -> None:
        """Forget the previous test's objects and figures; seed Python, numpy and the frameworks that are loaded."""
        close_others(self._figures)
        self.objects.clear()
        self.classes.clear()
        self._numbers.clear()
        random.seed(seed)
        sys.modules["numpy"].random.seed(seed % (1 << 32))
        seed_all(seed % (1 << 31))

    def do_name(self, name: str) -> object:
        """A global variable of the notebook."""
        if name in self.namespace:
            found = self.namespace[name]
            if isinstance(found, type):
                self.classes.add(found)
            return found
        raise NameError(f"the notebook defines no {name}")

    def do_call(self, function: Callable[..., object], /, *args: object, **kwargs: object) -> object:
        return function(*args, **kwargs)

    def do_call_method(self, target: object, name: str, /, *args: object, **kwargs: object) -> object:
        return getattr(target, name)(*args, **kwargs)

    def do_example(self, code: str) -> object:
        """The value of the last line of a public example, which runs as in a new cell but leaves no names behind."""
        tree, name = ast.parse(code), f"{FILE_PREFIX} example>"
        linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)  # AutoGraph reads the source
        last, namespace = tree.body.pop(), dict(self.namespace)
        exec(compile(tree, name, "exec"), namespace)  # noqa: S102
        return eval(compile(ast.Expression(last.value), name, "eval"), namespace)  # type: ignore[attr-defined]  # noqa: S307

    def do_getattr(self, target: object, name: str) -> object:
        return getattr(target, name)

    def do_setattr(self, target: object, name: str, new: object) -> None:
        setattr(target, name, new)

    def do_operator(self, name: str, *operands: object) -> object:
        if name not in OPERATORS:
            raise WireError(f"operator {name} is not offered")
        return getattr(operator, name)(*operands)

    def do_len(self, target: Any) -> int:
        return len(target)

    def do_iter(self, target: Any) -> Reference:
        return self.reference(iter(target))

    def do_next(self, iterator: Any) -> tuple[object, ...]:
        """A tuple with the next item, or an empty tuple at the end."""
        for item in iterator:
            return (item,)
        return ()

    def do_enter(self, manager: Any) -> object:
        return type(manager).__enter__(manager)

    def do_exit(self, manager: Any, error_type: str | None, message: str) -> bool:
        """Leave a ``with`` block; ``error_type`` names the exception that was raised in it, if any."""
        if error_type is None:
            return bool(type(manager).__exit__(manager, None, None, None))
        kind = getattr(builtins, error_type, RuntimeError)
        try:
            raise kind(message)
        except kind as error:
            return bool(type(manager).__exit__(manager, type(error), error, error.__traceback__))

    def do_value(self, target: object) -> object:
        return as_data(target)


def install(path: str) -> None:
    """Connect to the trusted side's socket, and serve it whenever our own type of kernel message arrives.

    The kernel handles this message in its main thread, as it does a cell. But the message bypasses everything a
    notebook can change about how cells run (AST and input transformers, hooks, `showtraceback`).
    """
    shell = sys.modules["IPython"].get_ipython()
    shell.ask_exit = lambda: None  # otherwise quit() in a cell ends the kernel a moment later, during a test
    names = shell.compile._filename_map

    def label(file_name: str) -> str | None:
        return f"In [{names[file_name]}]" if file_name in names else None

    agent = Agent(shell.user_ns, label)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    stream = Buffered(_Awake(connection))
    shell.kernel.shell_handlers["autograder_serve"] = lambda *message: agent.serve(stream)
