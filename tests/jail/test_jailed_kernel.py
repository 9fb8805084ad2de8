"""Is a jailed kernel a kernel like any other, private, repeatable, and gone with all it started when it ends?"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_core.utils import run_sync

from autograder.errors import PlatformFault, StudentTimeout
from autograder.grading.allowance import Allowance
from autograder.grading.limits import Limit, Limits
from autograder.grading.notebook_run import NotebookRun
from autograder.grading.session import Session
from autograder.grading.student import Student
from autograder.jail import bubblewrap
from autograder.jail.inside import files
from autograder.jail.jailed_kernel import jailed_kernel
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.jail.warm import WarmJail
from tests.support.builders import code, notebook
from tests.support.conditions import HOUR
from tests.support.jails import SMALL, jailed, needs_sandbox, owned, run, run_source, small_jail

pytestmark = needs_sandbox
MARK = "31.4159"
DAEMON = f"""
import os, subprocess
if not os.fork():
    os.setsid()
    if not os.fork():
        os.execvp("sleep", ["sleep", "{MARK}"])
    os._exit(0)
os.wait()
import time
time.sleep(0.3)
result = True
"""


@pytest.fixture(scope="module")
def jail() -> Iterator[WarmJail]:
    with small_jail() as made:
        yield made


def daemons() -> list[psutil.Process]:
    return [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", MARK]]


def test_it_runs_cells_like_any_kernel(jail: WarmJail) -> None:
    nb = notebook(code("print('hello')", "a"), code("1 / 0", "b"), code("!echo from a terminal", "c"))
    ran = NotebookRun(nb, lambda files: jailed_kernel(files, jail), None, Limits())
    ran.run_to(2)
    ran.close()
    assert nb.cells[0].outputs[0].text == "hello\n"
    assert nb.cells[1].outputs[-1].ename == "ZeroDivisionError"
    assert "from a terminal" in nb.cells[2].outputs[0].text


def test_pictures_are_shown(jail: WarmJail) -> None:
    """With `show`, at the end of a cell, and as the value of one; matplotlib was imported before there was a shell."""
    drawn = ("plt.plot([1, 2])\nplt.show()", "plt.plot([1, 2]);", "figure = plt.subplots()[0]; plt.close(); figure")
    nb = notebook(
        code("import matplotlib.pyplot as plt", "a"), *(code(source, f"b{i}") for i, source in enumerate(drawn))
    )
    ran = NotebookRun(nb, lambda files: jailed_kernel(files, jail), None, Limits())
    ran.run_to(3)
    ran.close()
    assert [["image/png" in output.data for output in cell.outputs] for cell in nb.cells[1:]] == [[True]] * 3


def test_a_background_process_ends_with_it(jail: WarmJail) -> None:
    with jailed(jail) as kernel:
        assert run(kernel, DAEMON)
        assert len(daemons()) == 1
    assert not daemons()


def test_a_background_process_outlives_an_ordinary_kernel() -> None:
    kernel = ordinary_kernel(None)
    assert run(kernel, DAEMON)
    kernel.kill()
    left = daemons()
    for process in left:
        process.kill()
    assert left


def test_what_it_wrote_comes_back(jail: WarmJail, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("1,2")
    (tmp_path / "notes.txt").write_text("old")
    source = """
import os
os.makedirs("deep/er")
open("deep/er/result.txt", "w").write("done")
open("notes.txt", "w").write("new text")
os.symlink("/etc/passwd", "link")
os.symlink("/etc", "folder")
os.mkfifo("pipe")
open("large", "wb").write(bytes(2 << 20))
os.truncate(os.open("sparse", os.O_CREAT | os.O_WRONLY), 6 << 20)
os.mkdir("many")
for n in range(40):
    open(f"many/{n}", "w").write("x")
result = sorted(os.listdir("."))[:2]
"""
    with jailed(jail, files=tmp_path) as kernel:
        assert run(kernel, source) == ["data.csv", "deep"]
        assert kernel._room is not None
        out = kernel._room.folder / "out"
        ended = kernel.end()
        back = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
        assert (out / "notes.txt").read_text() == "new text"
    assert {"deep/er/result.txt", "notes.txt"} <= back
    assert not {"data.csv", "link", "folder", "pipe", "large", "sparse"} & back
    assert {"link", "pipe"} <= set(ended["left_out"])
    assert len(back) <= SMALL.files


WRITERS = """
import os, signal, threading, time
started = time.time()
def write(name):
    with open(name, "a") as file:
        while time.time() < started + 60:
            file.write("x")
            file.flush()
for number in range(4):
    if not os.fork():
        os.setsid()
        for each in signal.valid_signals():
            try:
                signal.signal(each, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        for thread in range(4):
            threading.Thread(target=write, args=[f"{number}-{thread}"]).start()
        write(f"{number}")
time.sleep(0.3)
result = True
"""


def test_nothing_runs_any_more_once_the_files_are_back(jail: WarmJail, tmp_path: Path) -> None:
    """What is still to be buried then has given up its memory, and can execute nothing."""
    with jailed(jail) as kernel:
        run(kernel, WRITERS)
        assert kernel._confined is not None
        init = psutil.Process(kernel._confined._init_pid)
        below = init.children(recursive=True)
        assert len(below) >= 5
        kernel.bring_back(tmp_path)
        for process in below:
            try:
                assert "VmSize" not in Path(f"/proc/{process.pid}/status").read_text()
            except FileNotFoundError:
                assert not psutil.pid_exists(process.pid)
    assert len(list(tmp_path.iterdir())) == 20


@pytest.mark.parametrize("place", ["/etc", "/proc/self/fd/5/..", "/proc/self"])
def test_a_link_in_the_place_of_the_working_directory_is_not_followed(
    jail: WarmJail, tmp_path: Path, place: str
) -> None:
    """The jail's init, which copies, may read more than the notebook. What was written before still comes back."""
    moved = f"open('mine', 'w').close()\nos.rename('../work', '../moved')\nos.symlink({place!r}, '../work')"
    with jailed(jail) as kernel:
        run(kernel, f"import os\n{moved}")
        kernel.bring_back(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_opened_by_its_name_at_the_end_a_link_is_followed(tmp_path: Path) -> None:
    """The protection taken out: the directory is not the one that was opened at the start."""
    secret, out = tmp_path / "secret", tmp_path / "out"
    secret.mkdir()
    out.mkdir()
    (secret / "file").touch()
    (tmp_path / "work").symlink_to(secret)
    work, target = (os.open(tmp_path / name, os.O_RDONLY | os.O_DIRECTORY) for name in ("work", "out"))
    files.bring_back(work, target, {}, asdict(SMALL))
    os.close(work)
    os.close(target)
    assert (out / "file").exists()


def test_one_leaves_nothing_to_the_next(jail: WarmJail) -> None:
    write = "import os\nfor d in ('/tmp', '/dev/shm', os.environ['HOME'], '.'):\n    open(d + '/left', 'w').write('x')"
    look = (
        "import os\nresult = [d for d in ('/tmp', '/dev/shm', os.environ['HOME'], '.') if os.path.exists(d + '/left')]"
    )
    with jailed(jail) as kernel:
        run(kernel, write)
        assert run(kernel, look) == ["/tmp", "/dev/shm", "/home/student", "."]
    with jailed(jail) as kernel:
        assert run(kernel, look) == []
    with jailed(jail, off=["private"]) as kernel:
        run(kernel, write.replace("'/dev/shm', ", ""))
    with jailed(jail, off=["private"]) as kernel:
        assert run(kernel, look), "it is the private file systems that keep them apart"


def test_files_have_no_effect_on_the_start(jail: WarmJail, tmp_path: Path) -> None:
    for name in ("random", "json", "numpy", "ipykernel", "sitecustomize", "socket", "debugpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('mine')")
    (tmp_path / "helper.py").write_text("x = 5")
    with jailed(jail, files=tmp_path) as kernel:
        assert run(kernel, "import helper\nresult = helper.x") == 5


def test_random_numbers_and_hashes_are_the_same_in_every_run(jail: WarmJail) -> None:
    draw = "import random, numpy\nresult = [random.random(), float(numpy.random.rand()), hash('x')]"
    draws = []
    for _ in range(2):
        nb = notebook(code(draw.replace("result = ", "")))
        ran = NotebookRun(nb, lambda files: jailed_kernel(files, jail), None, Limits())
        ran.run_to(0)
        ran.close()
        draws.append(nb.cells[0].outputs[0].data["text/plain"])
    assert draws[0] == draws[1]


def test_a_client_that_says_hello_more_often_changes_no_random_number(jail: WarmJail) -> None:
    """As one does on a loaded machine, where an answer takes its time."""

    async def drawn(client: Any, hellos: int) -> str:
        for _ in range(hellos):
            client.kernel_info()
            await client.shell_channel.get_msg(timeout=20)
        how = {"user_expressions": {"x": "random.random()"}, "reply": True, "timeout": 20}
        reply = await client.execute("import random", **how)
        return str(reply["content"]["user_expressions"]["x"]["data"]["text/plain"])

    draws = set()
    for hellos in (0, 3):
        with jailed(jail) as kernel:
            client = kernel.client  # says hello, outside of the event loop: answers on another one come late
            draws.add(run_sync(drawn)(client, hellos))
    assert len(draws) == 1


def test_a_loop_is_interrupted_and_the_kernel_goes_on(jail: WarmJail) -> None:
    with jailed(jail) as kernel:
        session = Session(kernel, Allowance(HOUR))
        session.begin_test(Limit(0.3, 20), seed=0)
        with pytest.raises(StudentTimeout, match="CPU time"):
            Student(session).run(run_source, "while True: pass")
        assert kernel.alive()
        session.channel.close()
        assert run(kernel, "result = 3") == 3


def test_the_cpu_time_of_everything_in_it_counts(jail: WarmJail) -> None:
    spin = "import time\nwhile time.process_time() < 0.4: pass\nprint('spun', flush=True)\ntime.sleep(60)"
    source = "import subprocess, sys\n"
    source += f"child = subprocess.Popen([sys.executable, '-S', '-c', {spin!r}], stdout=subprocess.PIPE)\n"
    source += "assert child.stdout.readline()"
    with jailed(jail) as kernel:
        before = kernel.cpu_seconds()
        run(kernel, source)
        assert 0.3 < kernel.cpu_seconds() - before < 2


def test_ending_leaves_nothing(jail: WarmJail) -> None:
    with jailed(jail):
        pass
    before = set(os.listdir("/proc/self/fd")), set(psutil.Process().children(recursive=True))
    for _ in range(5):
        with jailed(jail) as kernel:
            assert kernel.alive()
            assert kernel._room is not None
            folder = kernel._room.folder
        assert not kernel.alive()
        jail.settle()
        assert not folder.exists()
        kernel.interrupt()
        kernel.kill()
    after = set(os.listdir("/proc/self/fd")), set(psutil.Process().children(recursive=True))
    assert len(after[0]) <= len(before[0]) + 1
    assert after[1] == before[1]


def test_a_dead_warm_process_is_replaced(jail: WarmJail) -> None:
    with jailed(jail) as kernel:
        warm = owned(jail)._process
        assert warm is not None
        for process in psutil.Process(warm.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # with an init of the jail go all below it
                process.send_signal(signal.SIGKILL)
        end = time.monotonic() + 30
        while kernel.alive() or warm.poll() is None:
            assert time.monotonic() < end, "its kernels go with it"
            time.sleep(0.01)
        kernel.cpu_seconds()
    with jailed(jail) as kernel:
        assert run(kernel, "result = 1") == 1


def test_the_end_of_the_grader_is_the_end_of_the_sandbox() -> None:
    with small_jail() as jail:
        jail.warm_up()
        assert owned(jail)._control is not None
        assert owned(jail)._process is not None
        owned(jail)._control.close()
        assert owned(jail)._process.wait(10) == 0


def test_a_sandbox_that_cannot_be_had_is_our_fault(jail: WarmJail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "missing", lambda: "nothing works here: mend it")
    with small_jail() as other, pytest.raises(PlatformFault, match="mend it"):
        jailed_kernel(None, other)


def test_descriptors_of_the_host_do_not_come_along(jail: WarmJail) -> None:
    source = """
import os
result = []
for number in os.listdir("/proc/self/fd"):
    try:
        result.append(os.readlink(f"/proc/self/fd/{number}"))
    except OSError:
        pass
"""
    with jailed(jail) as kernel:
        seen = run(kernel, source)
    assert isinstance(seen, list)
    assert not [name for name in seen if name.startswith("/") and not name.startswith("/dev/")]


def test_frameworks_work_after_the_fork() -> None:
    source = """
import tensorflow as tf, torch
x = torch.randn(64, 64, requires_grad=True)
(x @ x).sum().backward()
with tf.GradientTape() as tape:
    w = tf.Variable(tf.random.normal([64, 64]))
    y = tf.reduce_sum(w @ w)
model = tf.keras.Sequential([tf.keras.layers.Dense(2)])
model.compile("sgd", "mse")
model.fit(tf.zeros([8, 3]), tf.zeros([8, 2]), verbose=0)
result = [x.grad.shape[0], int(tape.gradient(y, w).shape[0])]
"""
    jail = WarmJail()
    try:
        for _ in range(2):
            with jailed(jail) as kernel:
                assert run(kernel, source, wall_s=120) == [64, 64]
    finally:
        jail.close()


@pytest.mark.slow
def test_two_hundred_in_a_row_leave_nothing_to_grow() -> None:
    def state() -> tuple[int, int, int, int, int]:
        me = psutil.Process()
        processes = me.children(recursive=True)
        warm = [p for p in processes if "python" in p.name()]
        private = sum(p.memory_full_info().uss for p in (me, *warm)) >> 24
        return len(processes), me.num_fds(), sum(p.num_fds() for p in warm), me.num_threads(), private

    with small_jail() as jail:
        states = []
        for number in range(201):
            with jailed(jail) as kernel:
                run(kernel, "open('file', 'w').write('x' * 1000)")
            if number in (20, 200):
                states.append(state())
    assert states[0][:4] == states[1][:4]
    assert states[1][4] - states[0][4] <= 1, "more than 16 MiB"
