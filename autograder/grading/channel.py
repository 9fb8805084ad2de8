"""The trusted end of the socket to the agent: sends requests, waits within the limits, turns answers into values.

Everything that arrives is treated as hostile. An answer is decoded as data, an answer in the wrong format ends the
kernel, and an answer that does not come in time is a timeout.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from collections.abc import Callable, Mapping
from typing import Any

from autograder.environments import hide_paths
from autograder.errors import PlatformFault, StudentCrash, StudentError, StudentTimeout
from autograder.grading.allowance import Allowance
from autograder.grading.budget import GRACE_S, POLL_S, Budget
from autograder.grading.garbage import Garbage
from autograder.grading.limits import Limit
from autograder.grading.transcript import describe
from autograder.jail.inside import wire
from autograder.jail.inside.stream import Awake, Buffered
from autograder.jail.inside.values import MAX_BLOB, TooMuch, WireError
from autograder.jail.kernel import Kernel

MAX_TEXT = 4_000
MAX_TYPES = 12
MAX_RECEIVED = MAX_BLOB
"""The most bytes that one test may receive, as :class:`~autograder.jail.inside.wire.Room` counts: it may keep them."""


class Channel:
    """Requests to one kernel's agent.

    While a channel is open, the agent occupies the kernel's main thread, so no cell can run.

    Attributes
    ----------
    killed
        whether the kernel was ended from here
    unanswered
        whether that was because it did not even answer an interrupt
    """

    def __init__(
        self,
        kernel: Kernel,
        allowance: Allowance,
        encoder: Callable[[], wire.Encoder],
        decoder: Callable[[bytes | bytearray], wire.Decoder],
    ) -> None:
        """Until :meth:`limit` is called, only the submission's ``allowance`` bounds the requests."""
        self._kernel = kernel
        self._allowance = allowance
        self._encoder = encoder
        self._decoder = decoder
        self._number = self._awaited = 0
        self._budget = Budget(kernel, allowance.limit, allowance)
        self._checked = 0.0
        self._exceeded: str | None = None
        self._last_moment = 0.0
        self._closed = self._received = False
        self._ahead: tuple[object, ...] | None = None
        self._awake = Awake()
        self._garbage = Garbage()
        self._room = wire.Room(MAX_RECEIVED)
        self._patient = _Patient(self)
        self._reader = Buffered(self._patient)
        self.killed = self.unanswered = False
        kernel.serve()

    @property
    def usable(self) -> bool:
        """Whether the kernel is alive and the stream is intact."""
        return not self.killed and self._kernel.alive()

    def limit(self, limit: Limit) -> None:
        """Start a new budget for the requests of one test, and free what the last one received."""
        self._garbage.free()
        self._room = wire.Room(MAX_RECEIVED)
        self._budget = Budget(self._kernel, limit, self._allowance)
        self._exceeded = None
        self._received = False

    def request(
        self, operation: str, *args: object, kwargs: Mapping[str, object] | None = None, keep: bool = False
    ) -> Any:
        """Perform one operation in the student's process and return its result.

        Raises
        ------
        StudentError
            when the student's code raised, or returned something that cannot be sent.
        StudentTimeout, StudentCrash
            when the budget ran out, or the kernel died.
        """
        if self._ahead is not None:
            with contextlib.suppress(StudentError):
                self._take_ahead()
        self._send(operation, args, kwargs or {}, keep)
        return self._result()

    def _send(self, operation: str, args: tuple[object, ...], kwargs: Mapping[str, object], keep: bool) -> None:
        if self._closed:
            raise PlatformFault("a request after the tests of its cell had ended")
        if self._exceeded:
            raise StudentTimeout(self._exceeded)
        if self.killed:
            raise StudentCrash
        number = self._number = self._number + 1
        try:  # encoding a method that has not been looked up yet is a request of its own
            frame = self._encoder().frame((number, operation, keep, list(args), dict(kwargs)))
        except WireError as error:
            if self._received and isinstance(error, TooMuch):  # values from the student are too large to send back
                raise StudentError(("UnsendableResult",), f"what came back cannot be passed on: {error}") from None
            raise PlatformFault(f"the grader passed what cannot cross: {error}") from None
        self._budget.wait()
        try:
            self._awaited = number
            self._patient.sendall(frame)
        except (EOFError, OSError) as error:
            raise self._broken_off(error) from None

    def _result(self) -> Any:
        self._budget.wait()
        try:
            number, status, payload = self._answer()
        except TooMuch as error:
            raise StudentError(("UnsendableResult",), f"what came back in this test is too large: {error}") from None
        except (WireError, EOFError, OSError) as error:
            raise self._broken_off(error) from None
        if number != self._awaited:
            self._end()
            raise StudentCrash("the kernel sent an answer that was not asked for")
        if self._exceeded:
            raise StudentTimeout(self._exceeded)
        if status == "ok":
            self._received = self._received or payload is not None
            return payload
        if status == "interrupted":
            raise StudentError(("KeyboardInterrupt", "BaseException"), "interrupted")
        if status == "refused":
            raise StudentError(("UnsendableResult",), _text(payload, MAX_TEXT))
        raise _student_error(payload)

    def _broken_off(self, error: Exception) -> StudentCrash | PlatformFault:
        """End the kernel and return the exception that says why communication with it failed."""
        malformed = isinstance(error, WireError)  # it is then unknown where the next message begins
        lost = not malformed and self._kernel.lost()
        self._end()
        if lost:
            return PlatformFault("the warm process died, and the kernel with it")
        return StudentCrash(f"the kernel sent a message that cannot be read: {error}") if malformed else StudentCrash()

    def send_ahead(self, operation: str, *args: object) -> None:
        """Send one of the platform's own requests early. :meth:`internal` takes its answer and reports any error."""
        with contextlib.suppress(StudentError, PlatformFault):
            self._send(operation, args, {}, keep=False)
            self._ahead = (operation, *args)

    def _take_ahead(self) -> None:
        self._ahead = None
        self._result()

    def internal(self, operation: str, *args: object) -> None:
        """Perform one of the platform's own requests. Retry it once: an interrupt for the last test may hit it."""
        try:
            if self._ahead == (operation, *args):
                self._take_ahead()
            else:
                self.request(operation, *args)
        except (StudentTimeout, StudentCrash):
            raise
        except StudentError:
            self.request(operation, *args)

    def close(self) -> None:
        """Give the main thread back to the kernel. Any later request is a bug in the platform."""
        self._closed = True
        self._garbage.free()
        if self._ahead is not None:
            # the next channel must find the socket empty; an error here shows up at the next use of the kernel
            with contextlib.suppress(StudentError, PlatformFault):
                self._take_ahead()
        if self.usable:
            self._budget.wait()
            with contextlib.suppress(EOFError, OSError, StudentTimeout):
                wire.send(self._patient, "stop")

    @property
    def _stream(self) -> socket.socket:
        if self._kernel.stream is None:
            raise StudentCrash
        return self._kernel.stream

    def _answer(self) -> tuple[int, str, Any]:
        head, blob = wire.receive(self._reader, self._room)
        self._garbage.add(len(blob))
        decoder = self._decoder(blob)
        answer = decoder.decode(head)
        self._room.numbers(decoder.numbers, len(blob))
        match answer:
            case (int() as number, str() as status, payload) if type(answer) is tuple:
                return number, str(status), payload
        raise WireError("an answer of unknown form came")

    def wait_readable(self) -> None:
        """Wait until bytes can be read. If the budget runs out, interrupt the kernel, and end it if that does not help.

        Raises
        ------
        StudentTimeout
            when the kernel had to be ended.
        EOFError
            when the kernel died.
        """
        stream = self._stream
        readable = self._awake.readable(stream)
        while True:
            readable = readable or bool(select.select([stream], [], [], POLL_S)[0])
            self._enforce()
            if readable:
                return
            if not self._kernel.alive():
                raise EOFError

    def wait_writable(self) -> None:
        """Wait until bytes can be written, within the same limits: a kernel may have stopped to read.

        Raises
        ------
        StudentTimeout, EOFError
            as :meth:`wait_readable`.
        """
        while not select.select([], [self._stream], [], POLL_S)[1]:
            self._enforce()
            if not self._kernel.alive():
                raise EOFError

    def _enforce(self) -> None:
        now = time.monotonic()
        if now - self._checked <= POLL_S:
            return
        self._checked = now
        if self._exceeded is None:
            self._exceeded = self._budget.exceeded()
            if self._exceeded:
                self._last_moment = now + GRACE_S
                self._kernel.interrupt()
        elif now > self._last_moment:
            self.unanswered = True
            self._end()
            raise StudentTimeout(self._exceeded)

    def _end(self) -> None:
        self.killed = True
        self._kernel.terminate()


class _Patient:
    """The socket, which never blocks, as a stream for the wire; it enforces the channel's limits while it waits."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def recv_into(self, buffer: memoryview, /) -> int:
        self._channel.wait_readable()
        return self._channel._stream.recv_into(buffer)

    def sendall(self, data: bytes | memoryview, /) -> None:
        left, stream = memoryview(data), self._channel._stream
        while left:
            try:
                left = left[stream.send(left) :]
            except BlockingIOError:  # only now ask whether there is room: there nearly always is
                self._channel.wait_writable()


def _student_error(payload: Any) -> StudentError:
    """The exception for a description from the jail. The description may hold anything; the result is limited text.

    Paths of Python folders, which occur in the messages of frameworks, are hidden.
    """
    described = payload if isinstance(payload, dict) else {}
    types = described.get("types")
    names = tuple(_text(t, 80) for t in types[:MAX_TYPES]) if isinstance(types, list) else ()
    texts = [hide_paths(_text(described.get(key, ""), MAX_TEXT)) for key in ("message", "traceback")]
    return StudentError(names or ("Exception",), *texts)


def _text(sent: Any, limit: int) -> str:
    """What the jail sent as a text. Anything else is described: written out, it may be four times as long."""
    return sent[:limit] if isinstance(sent, str) else describe(sent)[:limit]
