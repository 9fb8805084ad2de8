"""nbgrader's Execute by the policy of the sandbox: what a course grades without hidden tests runs in the same jails.

The cells keep nbgrader's meaning, with every setting of Execute. Only the kernel is another one, and what comes from it
is bounded. A kernel that died is said in the cell; nbgrader would lose the whole submission.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from traitlets import Enum, Integer, default

from autograder.bridge.kernelspecs import jailable, on_unix_sockets
from autograder.environments import Environment, hide_paths_in_output
from autograder.errors import PlatformFault
from autograder.grading.allowance import Allowance
from autograder.grading.limits import Limit, Limits
from autograder.grading.outputs import (
    MESSAGES,
    WIDGETS,
    OutputRoom,
    check,
    error_output,
    merged,
    places_of,
    with_a_count,
    without_structure,
)
from autograder.jail.kernel import Kernel
from autograder.jail.lane import POLICIES, Lane, default_policy, lane_for
from autograder.jail.provisioner import PASSED_ON
from autograder.notebook.cells import runs, tags
from autograder.notebook.files import staged
from autograder.notebook.tidy import encodable

TIMES = 20
"""How many times as long as one cell a whole notebook may take, unless the course says otherwise."""
UNTIMED_S = 3_600
"""What a notebook may take in a course that does not limit its cells, in seconds."""
MAX_VALUE = 1_000
"""Characters of a last value that are kept where there is no room for all of it: a number is shorter."""
TO_DO = "see the cell in the graded notebook"
MAX_LINE, MAX_LINES = 10_000, 200
"""Characters of a line, and lines, of an error that a kernel's reply reports."""


class ExecuteByPolicy(Execute):
    """Executes a notebook as nbgrader does, in a jail or not, as the policy says."""

    sandbox = Enum(
        POLICIES, help="Must student code run in a jail? 'required', 'preferred' (if there can be one) or 'off'."
    ).tag(config=True)
    notebook_timeout = Integer(
        None,
        allow_none=True,
        help="Seconds that a whole notebook without hidden tests may take; by default 20 times Execute.timeout.",
    ).tag(config=True)

    @default("sandbox")  # type: ignore[untyped-decorator]
    def _default_sandbox(self) -> str:
        return default_policy()

    def preprocess(self, nb: NotebookNode, resources: Any, km: Any = None) -> tuple[NotebookNode, Any]:
        """Execute the notebook; its outputs are those that nbgrader would record.

        Raises
        ------
        BadInput
            when the notebook's kernel cannot be had in a jail.
        PlatformFault
            when the sandbox is required but not available, or no kernel can be started.
        """
        self._kernel: Kernel | None = None
        self._allowance: Allowance | None = None
        self._ended = ""
        limits = Limits()
        # said on stdout, because text on stderr costs a cell its points
        self._room = OutputRoom(limits.output_bytes, limits.notebook_output_bytes, said_on="stdout")
        done: tuple[NotebookNode, Any] = super().preprocess(nb, resources, km)
        return done

    def files(self) -> contextlib.AbstractContextManager[Path]:
        """The files that the notebook finds beside it: those in its folder, without notebooks and links."""
        return staged(None, self._folder())

    def keep_written(self, bring_back: Callable[[Path], None]) -> None:
        """Keep the files that the notebook wrote, which ``bring_back`` copies into a folder. Here none are kept."""

    def say_unjailed(self, note: str) -> None:
        """Say that there is no sandbox."""
        self.log.warning("%s: executed with %s", self._name(), note)

    def _folder(self) -> Path:
        return Path(self.resources.get("metadata", {}).get("path") or os.getcwd())

    @contextlib.contextmanager
    def setup_kernel(self, **kwargs: Any) -> Iterator[None]:
        """As nbclient, whose method this is, but the kernel is the policy's."""
        manager: Any = self.create_kernel_manager()
        environment = jailable(manager) if self.sandbox != "off" else None
        lane = self._lane(environment, manager.kernel_spec.env)
        if not lane.jailed:
            self.say_unjailed(lane.note)
            with on_unix_sockets(manager), super().setup_kernel(**kwargs):
                yield
            return
        seconds = self._seconds()
        self._allowance = Allowance(Limit(seconds * (os.cpu_count() or 1), seconds))
        with self.files() as files:
            self._kernel = kernel = self._allowance.counted(lane.kernels)(files)
        try:
            self.km, self.kc = kernel.manager, kernel.client
            self.raise_on_iopub_timeout = False  # see _after_cut_off
            yield
            self.keep_written(kernel.bring_back)
        finally:
            self.km = self.kc = None
            kernel.kill()

    def _lane(self, environment: Environment | None, variables: dict[str, str]) -> Lane:
        """The kernels for this notebook, with the variables of its kernelspec, and those that say why it runs."""
        reasons = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return lane_for(self.sandbox, self.nb, ahead=1, environment=environment, variables={**variables, **reasons})

    def _name(self) -> str:
        about = self.resources.get("nbgrader", {})
        return " of ".join(filter(None, (about.get("notebook", ""), about.get("student", "")))) or "the notebook"

    def _seconds(self) -> float:
        if self.notebook_timeout:
            return float(self.notebook_timeout)
        return float(TIMES * self.timeout if self.timeout and self.timeout > 0 else UNTIMED_S)

    def _get_timeout(self, cell: NotebookNode | None) -> int | None:
        """As nbclient, whose method this is, but never longer than what is left to the notebook, in seconds."""
        timeout: int | None = super()._get_timeout(cell)
        if self._allowance is None:
            return timeout
        left = max(1, math.ceil(self._allowance.limit.wall_s - self._allowance.wall_seconds()))
        return left if timeout is None else min(timeout, left)

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        """Execute one cell. If its kernel does not outlast it, this cell says so, and the later ones are not run."""
        if not runs(cell) or self.skip_cells_with_tag in tags(cell):
            done: tuple[NotebookNode, Any] = super().preprocess_cell(cell, resources, index)
            return done
        used_up = self._allowance.exceeded() if self._allowance else None
        if used_up is not None and not self._ended:
            self._ended = f"the notebook had used up {used_up}"
            self.look(f"was stopped: {self._ended}")
        if self._ended:
            cell.outputs = [error_output("NotRun", f"this cell was not run: {self._ended}")]
            return cell, resources
        self._room.begin(index)
        self._cut_off = self._timed_out = False
        joins = bool(self.coalesce_streams)  # type: ignore[has-type]
        self.coalesce_streams = False  # nbclient's way takes quadratic time
        try:
            super().preprocess_cell(cell, resources, index)
        except CellExecutionError:  # this course ends the notebook at an error
            raise
        except CellTimeoutError:
            if not self.interrupt_on_timeout:  # and this one at a timeout
                raise
            self._end(cell, index, "the kernel did not stop when it was told to")
        except DeadKernelError:
            self._end(cell, index, "the kernel died")
        except Exception as error:
            # messages come from the student's process, but nbclient assumes that they are well-formed
            if self._kernel is None:
                raise
            self.log.info("cell %s: %s: %s", index, type(error).__name__, error)
            self._end(cell, index, "the kernel sent messages that cannot be read")
        finally:
            self.coalesce_streams = joins
        if self._kernel is not None:
            if self._cut_off and not self._ended:
                self._after_cut_off(self._kernel, cell, index)
            cell.outputs = encodable(merged(cell.outputs) if joins else cell.outputs)
        return cell, resources

    def _after_cut_off(self, kernel: Kernel, cell: NotebookNode, index: int) -> None:
        """Go on after a message so long that the connection was dropped, or give a kernel up that did not stop.

        Nobody knows what the cell's output would have been. Without an error nbgrader would give full points.
        """
        if self._timed_out:
            self._end(cell, index, "the kernel did not stop when it was told to")
            return
        self._room.close(cell, index)
        cell.outputs.append(error_output("LeftOut", "the output of this cell was too long to be read"))
        try:
            kernel.reconnect()
            self.kc = kernel.client
        except PlatformFault:  # the notebook's doing: it ran before, and its kernel answers nobody now
            self._end(cell, index, "the kernel did not answer any more")

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: NotebookNode, cell_index: int) -> None:
        """As nbclient, whose method this is, but it is noted that the messages did not come to an end."""
        try:
            await super()._async_poll_output_msg(parent_msg_id, cell, cell_index)
        except asyncio.CancelledError:
            self._cut_off = True
            raise

    async def _async_handle_timeout(self, timeout: int, cell: NotebookNode | None = None) -> dict[str, Any] | None:
        """As nbclient, whose method this is, but it is noted that the reply did not come in time."""
        self._timed_out = True
        reply: dict[str, Any] | None = await super()._async_handle_timeout(timeout, cell)
        return reply

    def _end(self, cell: NotebookNode, index: int, why: str) -> None:
        """Note that the kernel cannot be used any more."""
        cell.execution_count = None  # it may or may not have been told
        cell.outputs.append(error_output("KernelDied", f"{why} in this cell"))
        self._ended = f"{why} in an earlier cell"
        if self._kernel is not None:
            self._kernel.terminate()
        self.look(f"{why} in cell {index + 1}; the cells after it were not run")

    def look(self, what: str) -> None:
        """Say that an instructor should look at this notebook."""
        looks = getattr(getattr(self.parent, "parent", None), "looks", None)
        about = self.resources.get("nbgrader", {})
        if looks is None:
            self.log.warning("%s: %s", self._name(), what)
        else:
            looks.add(about["student"], f"notebook {about['notebook']}: {what}", TO_DO)

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """As nbclient, whose method this is, if the cell may write that much.

        Raises
        ------
        ValueError
            when an output is malformed.
        """
        if self._kernel is None:
            return super().process_message(msg, cell, cell_index)
        kind, content = msg["msg_type"], msg["content"]
        with_a_count(content)
        if kind in MESSAGES or kind in WIDGETS:
            size = msg["size"] * places_of(self._display_id_map, kind, content)
            if not self._room.take(cell, cell_index, size, stream=kind == "stream") or msg["left_out"]:
                _keep_what_decides(kind, content, cell)
                return None
            if kind in MESSAGES:
                check(kind, content)
                without_structure(content)
                hide_paths_in_output(content, self._kernel.folder)
        return super().process_message(msg, cell, cell_index)

    def on_cell_executed(self, **kwargs: Any) -> None:
        """As nbgrader, whose method this is, with a bound on the error that the kernel's reply reports."""
        if self._kernel is not None:
            content = kwargs["execute_reply"]["content"]
            if content["status"] == "error":
                lines = content["traceback"]
                content["ename"], content["evalue"] = (str(content[key])[:MAX_VALUE] for key in ("ename", "evalue"))
                content["traceback"] = [str(line)[:MAX_LINE] for line in lines[:MAX_LINES]]
                hide_paths_in_output(content, self._kernel.folder)
        super().on_cell_executed(**kwargs)


def _keep_what_decides(kind: str, content: dict[str, Any], cell: NotebookNode) -> None:
    """Keep of an output for which there is no room what nbgrader takes points from: an error, stderr, a last value."""
    stderr = kind == "stream" and content.get("name", "stderr") == "stderr"
    if stderr and not any(output.get("name") == "stderr" for output in cell.outputs):
        cell.outputs.append(new_output("stream", name="stderr", text="[text on stderr was left out]\n"))
    if kind in ("error", "execute_result") and not any(output.output_type == kind for output in cell.outputs):
        error = error_output("LeftOut", "an error was left out: there was no room for it")
        cell.outputs.append(error if kind == "error" else _value(content))


def _value(content: dict[str, Any]) -> NotebookNode:
    """A last value for which there is no room, if it may be a number."""
    data = content.get("data")
    text = data.get("text/plain") if isinstance(data, dict) else None
    count = content.get("execution_count")
    shown = text if isinstance(text, str) and len(text) <= MAX_VALUE else "[a value that was left out: it is too long]"
    return new_output(
        "execute_result", {"text/plain": shown}, execution_count=count if isinstance(count, int) else None
    )
