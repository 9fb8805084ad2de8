"""The clean room: a kernel like the student's in which no student Python code ever runs. It evaluates artifacts.

A probe's report from the student's kernel is evidence, not proof: code there may have patched the framework. Exported
bytes are different: here an unmodified framework evaluates them, on inputs that the student's process never saw. They
are as hostile as the student's code, so they are checked first and then evaluated in a jail, within the test's limit.
An error in an artifact counts against the student, and only in that test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.errors import CheckFailed, PlatformFault, StudentCrash, StudentError, StudentTimeout
from autograder.grading.allowance import Allowance
from autograder.grading.clean_room import artifacts, event_files, graphs
from autograder.grading.clean_room.checks import checked_bytes, checked_files, names_of, plain_error
from autograder.grading.clean_room.session import RoomSession
from autograder.grading.limits import Limit, Limits
from autograder.grading.probes import Probe
from autograder.grading.transcript import Transcript
from autograder.jail.kernel import Kernel, KernelSource

SETUP = Limit.of_cpu(120)
"""The time limit for importing a framework. It does not count towards a test's limit."""
FRAMEWORKS = ("tensorflow", "torch")
MODEL_FILES = re.compile(r"saved_model\.pb|fingerprint\.pb|(variables|assets|assets\.extra)/.+", re.DOTALL)
"""The files that loading needs. A saved_model.pbtxt or .cpb could hold another model than the one that was checked."""

Array = np.ndarray[Any, Any]


class CleanRoom:
    """The fixture ``clean``: evaluates artifacts in a kernel that is started when it is first needed.

    Attributes
    ----------
    received
        whether the test has received anything from it
    """

    def __init__(self, source: KernelSource, allowance: Allowance, transcript: Callable[[], Transcript]) -> None:
        """``allowance``: the submission's. ``transcript``: returns the transcript of the current test."""
        self._source = allowance.counted(source)
        self._allowance = allowance
        self._transcript = transcript
        self._kernel: Kernel | None = None
        self._session: RoomSession | None = None
        self._warm: set[str] = set()
        self._limit, self._seed = Limits().test, 0
        self._begun = False
        self.received = False

    def begin_test(self, limit: Limit, seed: int) -> None:
        """Give the test its own budget in the clean room, which starts with its first request."""
        self._limit, self._seed = limit, seed
        self._begun = self.received = False

    def close(self) -> None:
        """End the kernel, if there is one. May be called twice."""
        if self._session is not None:
            self._session.channel.close()
            self._session = None
        if self._kernel is not None:
            self._kernel.kill()
            self._kernel = None

    def run(self, function: Probe, /, *args: object, **kwargs: object) -> Any:
        """Run one of the grader's probes and return its data.

        Raises
        ------
        StudentError
            when it raises, since it works on the student's artifact.
        PlatformFault
            when it returns an object that is not data.
        """
        self._transcript().add(f"({function.name.replace('_', ' ')}, in the clean room)")
        frameworks = [name for name in FRAMEWORKS if name in function.source]
        return self._request("What you exported", frameworks, function, *args, **kwargs)

    def run_graph(
        self, graph_def: bytes, runs: Sequence[tuple[Sequence[str], Mapping[str, Array]]]
    ) -> list[list[Array | None]]:
        """Import a serialized GraphDef and fetch from it. Each run is a list of names and the feeds by name.

        All runs share one session, so variables keep their values between them. An operation's result is None.

        Raises
        ------
        CheckFailed
            when it contains operations that are refused.
        StudentError
            when it cannot be read or evaluated, or lacks a name.
        """
        blob = checked_bytes(graph_def, "the graph")
        asked = [(names_of(fetches), dict(feeds)) for fetches, feeds in runs]
        line = f"(evaluated your graph: {'; '.join(', '.join(fetches) for fetches, _ in asked)})"
        done: list[list[Array | None]] = self._evaluate("graph", line, graphs.evaluate_graph, graphs.TOOLS, blob, asked)
        self._transcript().returned(done[0][0] if [len(got) for got in done] == [1] else done)
        return done

    def graph_nodes(self, graph_def: bytes) -> list[dict[str, Any]]:
        """Each node's name, op, device, inputs and function ("" for the graph's own). Nothing is evaluated.

        Raises
        ------
        StudentError
            when it is not a GraphDef.
        """
        blob = checked_bytes(graph_def, "the graph")
        self._transcript().add("(listed your graph's nodes)")
        nodes: list[dict[str, Any]] = self._request("Your graph", ["tensorflow"], graphs.list_nodes, blob)
        return nodes

    def saved_model(
        self, files: dict[str, bytes], calls: Sequence[tuple[str, Mapping[str, Array]]]
    ) -> list[dict[str, Array]]:
        """Load a SavedModel from its files and call signatures by name with keyword inputs.

        Raises
        ------
        CheckFailed
            when a file's name or size is not acceptable, or it contains operations that are refused.
        StudentError
            when it cannot be loaded or called, or lacks a signature or an input.
        """
        known = {
            name: data for name, data in checked_files(files, "the SavedModel").items() if MODEL_FILES.fullmatch(name)
        }
        if "saved_model.pb" not in known:
            raise CheckFailed("the SavedModel has no file saved_model.pb")
        asked = [(str(name), dict(inputs)) for name, inputs in calls]
        called = ", ".join(name for name, _ in asked)
        line = f"(loaded your SavedModel and called {called})" if asked else "(loaded your SavedModel)"
        done: list[dict[str, Array]] = self._evaluate(
            "SavedModel", line, graphs.call_saved_model, graphs.TOOLS, known, asked
        )
        self._transcript().returned([list(got.values()) for got in done])
        return done

    def tflite(self, blob: bytes, batches: Sequence[Sequence[Array]]) -> list[list[Array]]:
        """Run a TFLite model on batches, each a list of inputs. Return the list of outputs for each batch.

        Raises
        ------
        CheckFailed
            when it contains custom operations.
        StudentError
            when it cannot be read or run, or a batch does not fit it.
        """
        model = checked_bytes(blob, "the TFLite model")
        fed = [[np.asarray(x) for x in batch] for batch in batches]
        count = f"{len(fed)} batches" if len(fed) != 1 else "a batch"
        done: list[list[Array]] = self._evaluate(
            "TFLite model", f"(ran your TFLite model on {count})", artifacts.run_tflite,
            artifacts.open_tflite, artifacts.as_array, model, fed,
        )  # fmt: skip
        self._transcript().returned(done[0][0] if [len(got) for got in done] == [1] else done)
        return done

    def tflite_details(self, blob: bytes) -> dict[str, list[dict[str, Any]]]:
        """The ``inputs`` and ``outputs`` of a TFLite model, each with name, shape, dtype, scale and zero_point.

        A free dimension is -1 in ``shape``. A tensor that is not quantized has scale 0.

        Raises
        ------
        CheckFailed, StudentError
            as :meth:`tflite`.
        """
        model = checked_bytes(blob, "the TFLite model")
        line = "(read the inputs and outputs of your TFLite model)"
        details: dict[str, list[dict[str, Any]]] = self._evaluate(
            "TFLite model", line, artifacts.describe_tflite, artifacts.open_tflite, model
        )
        return details

    def event_files(self, files: dict[str, bytes]) -> dict[str, list[tuple[str, int, float | None]]]:
        """The content of TensorBoard's event files: for each run, tag, step and value of every logged value, in order.

        A run is a folder; "" is the top one. A value that is not a scalar is None. Files without ``tfevents`` in their
        name are ignored.

        Raises
        ------
        CheckFailed
            when a file's name or size is not acceptable.
        StudentError
            when an event file is damaged, cut off, or too long.
        """
        known = checked_files(files, "the log folder")
        self._transcript().add("(read your event files)")
        runs: dict[str, list[tuple[str, int, float | None]]] = self._request(
            "Your log", ["tensorflow"], event_files.read_events, known, event_files.MAX_VALUES
        )
        return runs

    def state_dict(self, blob: bytes) -> dict[str, Array]:
        """The tensors in a file written by ``torch.save``, read with ``weights_only=True``.

        Raises
        ------
        StudentError
            when it is not a dict of tensors by name, or holds other objects.
        """
        data = checked_bytes(blob, "the state_dict")
        self._transcript().add("(loaded your state_dict)")
        state: dict[str, Array] = self._request("Your state_dict", ["torch"], artifacts.read_state_dict, data)
        return state

    def _evaluate(self, what: str, line: str, function: Probe, *args: object) -> Any:
        """The result of a probe that may refuse its artifact."""
        self._transcript().add(line)
        answer = self._request(f"Your {what}", ["tensorflow"], function, *args)
        match answer:
            case ("done", result):
                return result
            case ("refused", list() as names):
                shown = ", ".join(str(name)[:60] for name in names[:5])
                raise CheckFailed(
                    f"the {what} contains {shown}: what reaches files, Python, the network or other processes, or is "
                    "unknown, is not evaluated"
                )
        self.close()
        raise StudentCrash("the kernel sent an answer that was not asked for")

    def _request(
        self, subject: str, frameworks: Collection[str], function: Probe, *args: object, **kwargs: object
    ) -> Any:
        session = self._ready(frameworks)
        session.objects.clear()
        try:
            result = session.channel.request("call", function, *args, kwargs=kwargs)
        except (StudentTimeout, StudentCrash) as error:
            self.close()  # the next test must not find what an interrupted evaluation leaves behind
            error.subject = subject
            raise
        except StudentError as error:
            raise plain_error(error, subject) from None
        if "ndarray" in session.objects:  # of a type or width that depends on the artifact
            raise CheckFailed(f"{subject.lower()} gave an array that is neither numbers nor short texts")
        if session.objects:
            raise PlatformFault(f"probe {function.name} returned a {session.objects[0]}, which is not data")
        self.received = True
        return result

    def _ready(self, frameworks: Collection[str]) -> RoomSession:
        """A session on a kernel that has imported these frameworks; the test's budget is running.

        Raises
        ------
        PlatformFault
            when no such kernel can be started.
        """
        session, fresh = self._session, False
        if session is None or not session.channel.usable:
            self.close()
            self._kernel = self._source(None)
            session = self._session = RoomSession(self._kernel, self._allowance)
            self._warm, self._begun, fresh = set(), False, True
        missing = sorted(set(frameworks) - self._warm)
        if self._begun and not missing:
            return session
        session.channel.limit(SETUP)
        try:
            for name in missing:
                session.channel.request("call", artifacts.warm_up, name)
            session.begin_test(SETUP, self._seed)
        except StudentError as error:
            self.close()
            self._allowance.require()  # what was left may not suffice to import a framework
            if fresh:
                raise PlatformFault(f"a clean kernel did not start: {error}") from error
            return self._ready(frameworks)  # the previous test's artifact broke the kernel
        self._warm.update(missing)
        self._begun = True
        session.channel.limit(self._limit)
        return session
