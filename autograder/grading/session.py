"""A session: consecutive tests on one kernel, with the handles that are valid in the test that runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.grading.allowance import Allowance
from autograder.grading.channel import Channel
from autograder.grading.dressed import dress, object_behind, plain
from autograder.grading.handles import Handle
from autograder.grading.limits import Limit
from autograder.grading.probes import Probe
from autograder.grading.transcript import Transcript, describe
from autograder.jail.inside import wire
from autograder.jail.inside.values import ProbeSource, Reference, WireError
from autograder.jail.kernel import Kernel


class Session:
    """Consecutive tests on one kernel: the channel, the transcript, and which handles are still valid."""

    def __init__(self, kernel: Kernel, allowance: Allowance) -> None:
        self.transcript = Transcript()
        self.generation = 0
        self.received = False
        self.methods: set[tuple[str, str]] = set()
        """What has been a method in this test: the type's name and the attribute's."""
        self.channel = Channel(kernel, allowance, self.encoder, self.decoder)

    def encoder(self) -> wire.Encoder:
        """The encoder for one request: it turns handles into references to the student's objects."""
        return _Encoder(self)

    def decoder(self, blob: bytes | bytearray) -> wire.Decoder:
        """The decoder for one answer: it turns references to the student's objects into handles."""
        return _Decoder(self, blob)

    def begin_test(self, limit: Limit, seed: int) -> None:
        """Invalidate the last test's handles, start this test's budget, and seed the student's process."""
        self.generation += 1
        self.received = False
        self.methods.clear()
        self.transcript.clear()
        self.channel.limit(limit)
        self.channel.internal("begin", seed)

    def begin_soon(self, seed: int) -> None:
        """Have the student's process prepare for the next test while this side cleans up after the last."""
        self.channel.send_ahead("begin", seed)

    def perform(
        self,
        text: str,
        operation: str,
        *args: object,
        kwargs: Mapping[str, object] | None = None,
        keep: bool = False,
    ) -> Any:
        """Perform one request, shown as ``text`` in the transcript. An object that comes back gets a label."""
        self.transcript.add(text)
        result = self.channel.request(operation, *args, kwargs=kwargs, keep=keep)
        if isinstance(result, Handle):
            self.transcript.assign(describe(result))
        else:
            self.transcript.returned(result)
        self.received = True
        return result


class _Encoder(wire.Encoder):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def refer(self, value: object, depth: int) -> Any:
        behind = object_behind(value)
        here = (self._session, self._session.generation)
        if isinstance(behind, Handle) and (behind.__session__, behind.__generation__) == here:
            value = behind
        if isinstance(value, Handle):
            if value.__session__ is not self._session or value.__generation__ != self._session.generation:
                raise WireError("a handle of another test")
            return self.encode(Reference(value.__number__, ""))
        if isinstance(value, Probe):
            return self.encode(ProbeSource(value.name, value.source))
        data = plain(value)  # also what numpy made of an array in dress: it has the type, and no object behind
        return super().refer(value, depth) if data is value else self.encode(data, depth)


class _Decoder(wire.Decoder):
    def __init__(self, session: Session, blob: bytes | bytearray) -> None:
        super().__init__(blob)
        self._session = session

    def resolve(self, reference: Reference) -> Handle:
        return Handle(self._session, reference)

    def dressed(self, reference: Reference, data: Any) -> object:
        try:
            return dress(data, Handle(self._session, reference))
        except KeyError:
            raise WireError("a value in the dress of an unknown type came") from None
