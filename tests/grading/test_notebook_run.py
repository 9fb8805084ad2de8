"""Does a cell or a test that brings its kernel down cost only itself?"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.errors import PlatformFault, StudentCrash, StudentTimeout
from autograder.grading import cell_client
from autograder.grading.limits import Limit, Limits
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.student import Student
from autograder.jail.kernel import Kernel
from autograder.jail.ordinary_kernel import ordinary_kernel
from tests.support.builders import code, notebook, text

Open = Callable[..., NotebookRun]
SHORT = Limits(cell=Limit(0.7, 15), test=Limit(0.5, 8), output_bytes=2_000)
MESSAGE = "kernel = get_ipython().kernel\nkernel.session.send(kernel.iopub_socket, {}, parent=kernel.get_parent())"


@pytest.fixture
def kernels() -> list[Kernel]:
    """Every kernel that was started."""
    return []


@pytest.fixture
def run(kernels: list[Kernel]) -> Iterator[Open]:
    opened = []

    def source(files: Path | None) -> Kernel:
        kernels.append(ordinary_kernel(files))
        return kernels[-1]

    def open_run(*cells: str | NotebookNode, limits: Limits = SHORT) -> NotebookRun:
        nodes = [code(c, f"c{i}") if isinstance(c, str) else c for i, c in enumerate(cells)]
        opened.append(NotebookRun(notebook(*nodes), source, None, limits))
        return opened[-1]

    yield open_run
    for each in opened:
        each.close()


def names(of: NotebookRun) -> Student:
    session = of.session()
    session.begin_test(Limit(5, 20), seed=0)
    return Student(session)


def errors(of: NotebookRun, place: int) -> list[str]:
    """Names and texts of the errors a cell shows."""
    return [f"{o.ename}: {o.evalue}" for o in of.notebook.cells[place].outputs if o.output_type == "error"]


def test_cells_run_in_order_up_to_a_place_and_once(run: Open, kernels: list[Kernel]) -> None:
    nb = run("log = ['a']", text("words"), "", "log.append('b')", "log.append('c')")
    nb.run_to(3)
    assert names(nb).log == ["a", "b"]
    nb.run_to(3)
    nb.run_to(4)
    assert names(nb).log == ["a", "b", "c"]
    assert len(kernels) == 1


def test_a_kernel_started_soon_is_the_one_that_is_used(run: Open, kernels: list[Kernel]) -> None:
    nb = run("log = ['a']")
    nb.start_soon()
    nb.run_to(0)
    assert names(nb).log == ["a"]
    assert len(kernels) == 1


def test_a_kernel_started_soon_and_never_used_is_ended(run: Open, kernels: list[Kernel]) -> None:
    nb = run("log = ['a']")
    nb.start_soon()
    nb.close()
    assert not kernels[0].alive()


def test_a_kernel_that_cannot_be_started_soon_is_asked_for_again() -> None:
    asked = []

    def source(files: Path | None) -> Kernel:
        asked.append(files)
        if len(asked) == 1:
            raise PlatformFault("not now")
        return ordinary_kernel(files)

    nb = NotebookRun(notebook(code("log = ['a']", "c0")), source, None, SHORT)
    try:
        nb.start_soon()
        nb.run_to(0)
        assert names(nb).log == ["a"]
    finally:
        nb.close()
    assert len(asked) == 2


def test_an_error_is_recorded_and_the_next_cell_runs(run: Open) -> None:
    nb = run("1 / 0", "after = True")
    nb.run_to(1)
    assert errors(nb, 0) == ["ZeroDivisionError: division by zero"]
    assert names(nb).after is True


def test_stderr_and_tags_change_nothing(run: Open) -> None:
    skipped = code("reached = 1", tags=["skip-execution", "raises-exception"])
    nb = run("import sys; print('warning', file=sys.stderr)", skipped)
    nb.run_to(1)
    assert names(nb).reached == 1


def test_a_cell_that_hangs_is_stopped_and_the_rest_runs(run: Open, kernels: list[Kernel]) -> None:
    nb = run("before = 1", "while True: pass", "after = 2")
    nb.run_to(2)
    assert errors(nb, 1)[-1] == "TimeoutError: this cell was stopped after 0.7 s of CPU time"
    assert (names(nb).before, names(nb).after) == (1, 2)
    assert len(kernels) == 1, "an interrupt was enough"


def test_a_cell_that_will_not_stop_is_left_out_of_the_replay(run: Open, kernels: list[Kernel]) -> None:
    stubborn = "while True:\n    try:\n        for _ in iter(int, 1): pass\n    except KeyboardInterrupt: pass"
    nb = run("before = 1", stubborn, "after = 2")
    nb.run_to(2)
    assert "TimeoutError" in errors(nb, 1)[-1]
    assert (names(nb).before, names(nb).after) == (1, 2)
    assert len(kernels) == 2


def test_a_cell_may_not_sleep_for_ever(run: Open) -> None:
    nb = run("import time; time.sleep(3600)", "after = 2", limits=Limits(cell=Limit(5, 0.5)))
    nb.run_to(1)
    assert errors(nb, 0)[-1] == "TimeoutError: this cell was stopped after 0.5 s"
    assert names(nb).after == 2


@pytest.mark.parametrize(
    "end", ["import os; os._exit(0)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"], ids=["exit", "kill"]
)
def test_a_cell_that_kills_its_kernel_costs_itself(run: Open, kernels: list[Kernel], end: str) -> None:
    nb = run("before = 1", end, "after = 2")
    nb.run_to(2)
    assert errors(nb, 1) == ["KernelDied: the kernel died in this cell"]
    assert (names(nb).before, names(nb).after) == (1, 2)
    assert len(kernels) == 2


def test_quitting_is_no_way_out(run: Open) -> None:
    nb = run("before = 1", "quit()", "import sys; sys.exit(0)", "after = 2")
    nb.run_to(3)
    assert names(nb).after == 2


def test_a_kernel_that_dies_between_two_cells_does_not_come_back_for_ever(run: Open, kernels: list[Kernel]) -> None:
    nb = run(
        "import os, threading, time",
        "def end():\n    time.sleep(0.02)\n    os._exit(0)\nthreading.Thread(target=end).start()",
        "time.sleep(0.3)",
        "after = 2",
    )
    nb.run_to(1)
    time.sleep(0.3)
    nb.run_to(3)
    assert len(kernels) <= 4, "which cell was to blame cannot always be known, but it ends"


def test_a_cell_that_is_poison_only_to_a_second_kernel_is_left_out(
    run: Open, kernels: list[Kernel], tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    poison = f"import os\nif os.path.exists({str(mark)!r}): os._exit(1)\nopen({str(mark)!r}, 'w').close()"
    nb = run("before = 1", poison, "after = 2")
    nb.run_to(2)
    kernels[0].terminate()
    assert (names(nb).before, names(nb).after) == (1, 2)
    assert errors(nb, 1) == [], "what the student sees is what happened first"


def test_a_test_that_kills_the_kernel_costs_itself(run: Open, kernels: list[Kernel]) -> None:
    nb = run("import os\ndef end(): os._exit(0)\nruns = [1]", "runs.append(2)", "runs.append(3)")
    nb.run_to(1)
    with pytest.raises(StudentCrash):
        names(nb).end()
    assert names(nb).runs == [1, 2], "replayed to here and not further"
    nb.run_to(2)
    assert names(nb).runs == [1, 2, 3]
    assert len(kernels) == 2


def test_a_test_that_hangs_leaves_the_kernel_to_the_next(run: Open, kernels: list[Kernel]) -> None:
    nb = run("def spin():\n    while True: pass\nthree = 3")
    nb.run_to(0)
    session = nb.session()
    session.begin_test(Limit(0.2, 10), seed=0)
    with pytest.raises(StudentTimeout):
        Student(session).spin()
    assert names(nb).three == 3
    assert len(kernels) == 1


def test_figures_that_tests_leave_open_are_in_no_cell(run: Open) -> None:
    nb = run(
        "import matplotlib.pyplot as plt\ndef opened():\n    plt.figure().gca()\n    return len(plt.get_fignums())",
        "plt.figure().gca().set_title('own')\nplt.show()",
        limits=Limits(),
    )
    nb.run_to(0)
    assert [names(nb).opened() for _ in range(3)] == [1, 1, 1], "nor are they left to the next test"
    nb.run_to(1)
    shown = [output.output_type for output in nb.notebook.cells[1].outputs]
    assert shown == ["display_data"], "the student's own figure, and nothing else"


# what a kernel may say


MALFORMED = [
    '"stream", {"bad": 1}',
    '"display_data", {"data": 5}',
    '"comm_open", {"comm_id": [], "data": 5}',
    '"status", {}',
    '"no such", None',
]
MORE_MALFORMED = [
    '"stream", {"name": [], "text": {}}',
    '"execute_result", {}',
    '"error", {}',
    '"update_display_data", {"transient": 5}',
    '"clear_output", []',
    '"comm_msg", {}',
    '"execute_reply", {}',
    "5, 5",
]


@pytest.mark.parametrize("message", MALFORMED + [pytest.param(m, marks=pytest.mark.slow) for m in MORE_MALFORMED])
def test_malformed_messages_cost_the_cell_at_the_most(run: Open, message: str) -> None:
    nb = run(MESSAGE.format(message), "after = 2")
    nb.run_to(1)
    assert names(nb).after == 2


def test_messages_in_another_signature_cost_the_cell(run: Open) -> None:
    nb = run("get_ipython().kernel.session.key = b'other'\nprint(1)", "after = 2")
    nb.run_to(1)
    assert errors(nb, 0) == ["KernelDied: the kernel sent messages that cannot be read"]
    assert names(nb).after == 2


def test_the_state_of_widgets_is_not_collected(run: Open) -> None:
    opened = '"comm_open", {"comm_id": "1", "target_name": "x", "data": {"state": {"a": "x" * 1000}}}'
    nb = run(MESSAGE.format(opened))
    nb.run_to(0)
    client: Any = nb._client
    assert not client.widget_state
    assert not client.comm_objects


def test_a_cell_that_says_it_is_done_is_waited_for_by_the_tests(run: Open) -> None:
    early = MESSAGE.format('"status", {"execution_state": "idle"}')
    nb = run("n = 1", f"{early}\nimport time\ntime.sleep(0.3)\nn = 2")
    nb.run_to(1)
    assert names(nb).n == 2


def test_output_is_bounded(run: Open) -> None:
    nb = run("for n in range(300):\n    print('x' * 100, flush=True)", "print('y')\n1 / 0")
    nb.run_to(1)
    outputs = nb.notebook.cells[0].outputs
    assert sum(len(o.text) for o in outputs) < 8_000
    assert outputs[-1].text == "[the rest of the output was left out: a cell may write 2000 bytes]\n"
    assert [o.output_type for o in nb.notebook.cells[1].outputs] == ["stream", "error"], "each cell has its own room"


LATE = """\
import asyncio


async def late():
    for n in range({count}):
        await asyncio.sleep(0.02)
        print("late", n, flush=True)


task = asyncio.get_running_loop().create_task(late())
print("started")
"""


def printed(of: NotebookRun, place: int) -> str:
    return "".join(output.text for output in of.notebook.cells[place].outputs)


def test_late_output_is_in_the_cell_that_started_it(run: Open) -> None:
    nb = run(LATE.format(count=2), "await task\nprint('other')")
    nb.run_to(1)
    assert (printed(nb, 0), printed(nb, 1)) == ("started\nlate 0\nlate 1\n", "other\n")


def test_late_output_is_bounded(run: Open) -> None:
    nb = run(LATE.format(count=400).replace("0.02", "0"), "await task", "print('y')")
    nb.run_to(2)
    assert len(printed(nb, 0)) < 8_000
    assert printed(nb, 0).endswith("[the rest of the output was left out: a cell may write 2000 bytes]\n")
    assert (printed(nb, 1), printed(nb, 2)) == ("", "y\n")


def test_an_error_that_comes_late_changes_no_cell(run: Open) -> None:
    forged = MESSAGE.format('"error", {"ename": "E", "evalue": "x", "traceback": []}')
    nb = run(
        "kernel = get_ipython().kernel\nparent = kernel.get_parent()", forged.replace("kernel.get_parent()", "parent")
    )
    nb.run_to(1)
    assert (errors(nb, 0), errors(nb, 1)) == ([], [])


def test_nothing_is_left_behind(run: Open, kernels: list[Kernel]) -> None:
    nb = run("one = 1")
    nb.run_to(0)
    names(nb)
    kernel = kernels[0]
    nb.close()
    nb.close()
    assert not kernel.alive()
    assert not Path(kernel.folder).exists()


def test_after_a_message_that_is_too_long_the_next_cells_output_arrives(run: Open, monkeypatch: Any) -> None:
    monkeypatch.setattr("autograder.jail.messages.MAX_FRAME", 1 << 20)
    nb = run("print('x' * (3 << 20))", "print('heard')", limits=Limits())
    nb.run_to(1)
    assert "left out" in nb.notebook.cells[0].outputs[0].text
    assert nb.notebook.cells[1].outputs[0].text == "heard\n"


def test_a_long_line_is_kept(run: Open) -> None:
    nb = run("print('x' * 1_000_000)", limits=Limits())
    nb.run_to(0)
    assert len(nb.notebook.cells[0].outputs[0].text) == 1_000_001


def test_a_notebook_writes_no_more_than_it_may(run: Open) -> None:
    limits = Limits(output_bytes=20_000, notebook_output_bytes=30_000)
    nb = run(*["print('\\N{MUSICAL SYMBOL G CLEF}' * 4_000)"] * 4, limits=limits)
    nb.run_to(3)
    texts = [cell.outputs[0].text for cell in nb.notebook.cells]
    assert [len(text) for text in texts[:1]] == [4_001]
    assert all("left out" in text for text in texts[1:])


def test_a_notebook_can_be_written_whatever_number_a_kernel_gives_its_cells(
    run: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = MESSAGE.replace("{}", "'status', {'execution_count': {'a': 1}, 'execution_state': 'busy'}")
    cells = ("get_ipython().execution_count = -5", "2", forged)
    nb = run(*cells)
    nb.run_to(2)
    nbformat.validate(nb.notebook)
    # taken out: nbclient writes it into the cell
    monkeypatch.setattr(cell_client, "with_a_count", lambda content: None)
    nb = run(*cells)
    nb.run_to(2)
    with pytest.raises(nbformat.ValidationError):
        nbformat.validate(nb.notebook)
