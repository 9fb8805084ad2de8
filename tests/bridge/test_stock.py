"""Are notebooks without hidden graders executed in the jail, with the scores and outputs that nbgrader gives them?"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from nbgrader.utils import determine_grade
from traitlets.config import Config

from autograder.bridge.execute import RunNotebook
from autograder.errors import BadInput, PlatformFault
from autograder.jail import bubblewrap, warm
from tests.support import stock_courses
from tests.support.builders import code, graded, notebook
from tests.support.courses import command
from tests.support.jails import needs_sandbox
from tests.support.stock_courses import MAIN, SECOND, SLUG, STUDENTS, scores, shown

pytestmark = needs_sandbox
Run = Callable[..., list[NotebookNode]]


@pytest.fixture(scope="module")
def by_nbgrader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class as nbgrader grades it by itself."""
    root = stock_courses.make(tmp_path_factory.mktemp("stock"), ours=False)
    command(root, "autograde", SLUG)
    return root


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same class, graded with this configuration."""
    root = stock_courses.make(tmp_path_factory.mktemp("ours"), ours=True, more="c.GradeNotebook.sandbox = 'required'\n")
    command(root, "autograde", SLUG)
    return root


def test_every_score_is_nbgraders(by_nbgrader: Path, here: Path) -> None:
    expected = scores(by_nbgrader)
    assert len(expected) == 8 * len(STUDENTS)
    assert {score for score, *_ in expected.values()} >= {0, 0.25, 1, 2, 3}, "there is something to compare"
    assert scores(here) == expected


@pytest.mark.parametrize("name", [MAIN, SECOND])
@pytest.mark.parametrize("student", STUDENTS)
def test_every_output_is_nbgraders(by_nbgrader: Path, here: Path, student: str, name: str) -> None:
    """Execution counts, streams, errors and displayed values, cell by cell."""
    for ours, stock in zip(shown(here, student, name), shown(by_nbgrader, student, name), strict=True):
        assert ours == stock


@pytest.mark.parametrize("student", ["right", "wrong"])
def test_what_a_notebook_wrote_lies_where_nbgrader_leaves_it(by_nbgrader: Path, here: Path, student: str) -> None:
    """And do the instructor's files replace the student's?"""
    left = [files_in(root / "course" / "autograded" / student / SLUG) for root in (by_nbgrader, here)]
    assert left[0] == left[1]
    assert (left[1]["data.txt"], left[1]["made.txt"]) == ("2", "by main")


def files_in(folder: Path) -> dict[str, str]:
    """The files beside graded notebooks by name."""
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file() and path.suffix != ".ipynb"}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Execute cells, required to be in a jail unless settings say otherwise; the executed cells."""
    monkeypatch.chdir(tmp_path)

    def execute(*sources: str, **settings: Any) -> list[NotebookNode]:
        nb = notebook(*(code(source, f"cell-{place}") for place, source in enumerate(sources)))
        nb.metadata.kernelspec.name = settings.pop("kernel", "python3")
        executed, _ = RunNotebook(**{"sandbox": "required", **settings}).preprocess(nb, {})
        return executed.cells

    yield execute
    gc.collect()  # what nbclient leaves in cycles is finalized here, and not while Python parses a module


def errors(cells: list[NotebookNode]) -> list[str]:
    """The error of each cell, or nothing."""
    found = [[output for output in cell.outputs if output.output_type == "error"] for cell in cells]
    return [f"{cell[-1].ename}: {cell[-1].evalue}" if cell else "" for cell in found]


def text_of(cell: NotebookNode) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


def test_a_kernel_that_died_is_said_and_the_cells_before_it_keep_their_outputs(run: Run) -> None:
    cells = run("1", "import os; os._exit(1)", "2", "", "3")
    not_run = "NotRun: this cell was not run: the kernel died in an earlier cell"
    assert errors(cells) == ["", "KernelDied: the kernel died in this cell", not_run, "", not_run]
    assert cells[0].outputs[0].data == {"text/plain": "1"}


def test_a_kernel_that_does_not_stop_when_told_costs_its_cell_and_the_later_ones(run: Run) -> None:
    stubborn = "import time\nwhile True:\n    try:\n        time.sleep(1)\n    except BaseException: pass"
    cells = run("1", stubborn, "2", timeout=1, iopub_timeout=1)
    assert errors(cells)[1] == "KernelDied: the kernel did not stop when it was told to in this cell"
    assert errors(cells)[2].startswith("NotRun: ")


def test_what_a_course_wants_of_nbclient_holds(run: Run) -> None:
    """Does the notebook end at an error, or at a timeout, where the course has chosen that?"""
    with pytest.raises(CellExecutionError):
        run("1/0", force_raise_errors=True)
    with pytest.raises(CellTimeoutError):
        run("import time; time.sleep(9)", timeout=1, interrupt_on_timeout=False)
    joined = run("import sys\nfor _ in range(3): print(1, flush=True); sys.stdout.flush()", coalesce_streams=True)
    assert [output.text for output in joined[0].outputs] == ["1\n1\n1\n"]


def test_a_whole_notebook_has_one_bound(run: Run) -> None:
    started = time.monotonic()
    cells = run(*["import time; time.sleep(60)"] * 9, timeout=30, notebook_timeout=3)
    assert time.monotonic() - started < 60
    said = "NotRun: this cell was not run: the notebook had used up 3 s, all that one submission may take"
    assert errors(cells)[-1] == said
    assert errors(cells)[0].startswith("CellTimeoutError")


def test_output_is_bounded_and_what_decides_on_points_is_kept(run: Run) -> None:
    """Or a student could hide an error, a warning or a low score behind a million characters."""
    much = "print('x' * (2 << 20))"
    shown = "get_ipython().showtraceback((ValueError, ValueError('shown'), None))"
    warns = "import sys; print('a warning', file=sys.stderr)"
    cells = run(*(f"{much}\n{then}" for then in ("0.5", warns, shown, "1/0")), "'z' * 3_000_000")
    for cell in cells:
        cell.metadata = graded("cell", 3).metadata
    assert [determine_grade(cell)[0] for cell in cells] == [0.5, 0, 0, 0, 3]
    assert all(len(str(cell.outputs)) < 3_000 for cell in cells)


def test_a_message_too_long_to_be_read_costs_its_cell_only(run: Run) -> None:
    """Or a low score at the end of such a cell would count as full points."""
    sends = "import sys; sys.stdout.write('x' * (40 << 20)); sys.stdout.flush()\n0.5"
    cells = run(sends, "print(1)\n2", iopub_timeout=1)
    assert errors(cells) == ["LeftOut: the output of this cell was too long to be read", ""]
    assert text_of(cells[1]) == "1\n"
    cells[0].metadata = graded("cell", 3).metadata
    assert determine_grade(cells[0])[0] == 0


def test_a_kernel_that_is_mute_after_a_message_too_long_costs_its_notebook_only(run: Run) -> None:
    """It was a fault of the platform after a minute, and the student had no grade."""
    mute = "get_ipython().kernel.shell_handlers['kernel_info_request'] = lambda *a: None\n"
    sends = "import sys; sys.stdout.write('x' * (40 << 20)); sys.stdout.flush()"
    cells = run(mute + sends, "1", iopub_timeout=1)
    assert errors(cells) == [
        "KernelDied: the kernel did not answer any more in this cell",
        "NotRun: this cell was not run: the kernel did not answer any more in an earlier cell",
    ]


def test_a_lone_surrogate_can_be_written(run: Run) -> None:
    (cell,) = run(r"print('a' + chr(0xd800)); '\ud800'")
    assert [str(output).encode() for output in cell.outputs]


def test_messages_that_break_nbclient_cost_their_cell(run: Run) -> None:
    forged = (
        "k = get_ipython().kernel\nk.session.send(k.iopub_socket, 'stream', {'name': 1, 'text': []}, k.get_parent())"
    )
    cells = run(forged, "1")
    assert errors(cells)[0] == "KernelDied: the kernel sent messages that cannot be read in this cell"


def test_a_kernel_that_cannot_be_jailed_is_refused(
    run: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a student could name another kernel of the machine and be outside."""
    place = tmp_path_factory.mktemp("jupyter")
    monkeypatch.setenv("JUPYTER_PATH", str(place))
    for name, argv in (("other", ["/opt/other/bin/python", "-m", "ipykernel_launcher"]), ("bash", ["bash"])):
        spec = {"argv": [*argv, "-f", "{connection_file}"], "display_name": name, "language": "python"}
        (place / "kernels" / name).mkdir(parents=True)
        (place / "kernels" / name / "kernel.json").write_text(json.dumps(spec))
        for sandbox in ("required", "preferred"):
            with pytest.raises(BadInput, match=f"the kernel '{name}' cannot be executed in a jail"):
                run("1", kernel=name, sandbox=sandbox)
    with pytest.raises(NoSuchKernel):
        run("1", kernel="nowhere")


def test_variables_of_the_kernelspec_reach_the_kernel(
    run: Run, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path_factory.mktemp("jupyter")
    monkeypatch.setenv("JUPYTER_PATH", str(place))
    (place / "kernels" / "set").mkdir(parents=True)
    spec = {"argv": ["python", "-m", "ipykernel_launcher"], "language": "python", "display_name": "x"}
    (place / "kernels" / "set" / "kernel.json").write_text(json.dumps(spec | {"env": {"OF_THE_COURSE": "yes"}}))
    (cell,) = run("import os; print(os.environ['OF_THE_COURSE'])", kernel="set")
    assert text_of(cell) == "yes\n"


def test_without_a_sandbox_required_refuses_and_preferred_says_so(
    run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(bubblewrap, "missing", lambda: "bubblewrap is missing: install it")
    monkeypatch.setattr(warm, "_shared", {})
    with pytest.raises(PlatformFault, match="the sandbox is required but not available: bubblewrap is missing"):
        run("1")
    assert errors(run("import os; assert os.getppid() != 1", sandbox="preferred")) == [""]
    assert "executed with sandbox: none, the notebook could read what you can read" in caplog.text


def test_off_is_nbgraders_own_way_and_says_so(run: Run, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    (cell,) = run("import os; print(os.getcwd(), os.getppid() == 1)", sandbox="off")
    assert text_of(cell) == f"{tmp_path} False\n"
    assert "sandbox: off, the notebook could read what you can read" in caplog.text


def test_a_kernel_without_a_jail_needs_no_port_that_another_may_take(run: Run) -> None:
    how = "import ipykernel.kernelapp as k; app = k.IPKernelApp.instance(); print(app.transport, app.ip)"
    (cell,) = run(how, sandbox="off")
    transport, place = text_of(cell).split()
    assert transport == "ipc"
    assert not Path(place).parent.exists(), "its folder is gone with it"


def test_a_course_may_say_how_a_kernel_is_reached(run: Run) -> None:
    config = Config({"KernelManager": {"transport": "tcp"}})
    which = "import ipykernel.kernelapp as k; print(k.IPKernelApp.instance().transport)"
    (cell,) = run(which, sandbox="off", config=config)
    assert text_of(cell) == "tcp\n"
