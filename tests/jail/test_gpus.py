"""Does a jail see a GPU in the lane for tests that need one, and in no other? Another device stands for it here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.jail import bubblewrap, surroundings
from autograder.jail.lane import lane_for
from autograder.jail.warm import WarmJail
from tests.support.jails import SMALL, jailed, needs_sandbox, run

STAND_INS = ("/dev/fuse", "/dev/net/tun", "/dev/kmsg", "/dev/autofs")
"""Devices that a machine may have and no sandbox has of itself."""
LOOK = """
import os
result = [os.path.exists({device!r}), os.environ.get("CUDA_VISIBLE_DEVICES"), sorted(os.listdir("/dev"))]
"""


@pytest.mark.parametrize("gpu", [False, True])
def test_what_the_sandbox_is_told(gpu: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Are devices bound, and is CUDA switched on, for that lane only?"""
    monkeypatch.setattr(bubblewrap, "bwrap", lambda: "bwrap")
    monkeypatch.setattr(bubblewrap, "gpu_devices", lambda: ["/dev/nvidia0", "/dev/nvidiactl"])
    monkeypatch.setitem(surroundings.GPU_ENVIRONMENT, "CUDA_VISIBLE_DEVICES", None)
    line = bubblewrap.command(tmp_path, 0, "", gpu=gpu)
    bound = [line[at + 1 : at + 3] for at, word in enumerate(line) if word == "--dev-bind"]
    assert bound == ([["/dev/nvidia0"] * 2, ["/dev/nvidiactl"] * 2] if gpu else [])
    environment = {line[at + 1]: line[at + 2] for at, word in enumerate(line) if word == "--setenv"}
    assert environment.get("CUDA_VISIBLE_DEVICES") == (None if gpu else "")
    assert environment.get("TF_FORCE_GPU_ALLOW_GROWTH") == ("true" if gpu else None)


@needs_sandbox
@pytest.mark.parametrize("gpu", [False, True])
def test_devices_in_a_jail(gpu: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the device there for student code in that lane, alone of all that the machine has, and gone in the other?"""
    device = next((device for device in STAND_INS if Path(device).is_char_device()), None)
    if device is None:
        pytest.skip("this machine has no device that could stand for a GPU")
    monkeypatch.setattr(bubblewrap, "gpu_devices", lambda: [device])
    monkeypatch.setitem(surroundings.GPU_ENVIRONMENT, "CUDA_VISIBLE_DEVICES", None)
    seen = {}
    for lane in (False, gpu):
        jail = WarmJail(SMALL, preload=["numpy", "msgpack"], gpu=lane)
        try:
            with jailed(jail) as kernel:
                seen[lane] = run(kernel, LOOK.format(device=device))
        finally:
            jail.close()
    assert seen[gpu][:2] == ([True, None] if gpu else [False, ""])
    more = set(seen[gpu][2]) - set(seen[False][2])
    assert more == ({Path(device).relative_to("/dev").parts[0]} if gpu else set())


NAME_A_THREAD = """
import ctypes, threading
held = threading.Event()
thread = threading.Thread(target=held.wait)
thread.start()
result = [ctypes.CDLL(None).pthread_setname_np(ctypes.c_ulong(thread.ident), b"named")]
result.append(open(f"/proc/self/task/{thread.native_id}/comm").read())
held.set()
"""
WRITE_ELSEWHERE = """
import os, stat
result, threads = [], f"/proc/{os.getpid()}/task"
for folder, folders, files in os.walk("/proc"):
    if folder == threads:
        folders[:] = []  # what has been opened on purpose
    for path in (f"{folder}/{name}" for name in files):
        try:
            if stat.S_ISREG(os.lstat(path).st_mode):  # its own open files are links, what is covered is /dev/null
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
                result.append(path)
        except OSError:
            pass
"""


@needs_sandbox
@pytest.mark.parametrize("gpu", [False, True])
def test_threads_have_names_where_cuda_runs(gpu: bool) -> None:
    """May the process name its threads in that lane, without which CUDA does not start, and write nowhere else?"""
    jail = WarmJail(SMALL, preload=["numpy", "msgpack"], gpu=gpu)
    try:
        with jailed(jail) as kernel:
            code, name = run(kernel, NAME_A_THREAD)  # type: ignore[misc]
            written = run(kernel, WRITE_ELSEWHERE)
    finally:
        jail.close()
    assert (code == 0, name == "named\n") == (gpu, gpu)
    assert written == []


@pytest.mark.parametrize("policy", [pytest.param("required", marks=needs_sandbox), "off"])
def test_only_that_lane_runs_such_tests(policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do they wait in the other lane, even where there is a GPU, and in every lane where there is none?"""
    monkeypatch.setattr("autograder.jail.warm.WarmJail.warm_up_soon", lambda jail: None)
    monkeypatch.setenv("AUTOGRADER_GPUS", "1")
    assert (lane_for(policy).gpu, lane_for(policy, gpu=True).gpu) == (False, True)
    monkeypatch.setenv("AUTOGRADER_GPUS", "0")
    assert (lane_for(policy).gpu, lane_for(policy, gpu=True).gpu) == (False, False)


@pytest.mark.parametrize("gpu", [False, True])
def test_a_kernel_without_a_sandbox_hides_the_gpu_unless_its_lane_has_one(gpu: bool) -> None:
    kernel = lane_for("off", gpu=gpu).kernels(None)
    try:
        seen = run(kernel, 'import os\nresult = os.environ.get("CUDA_VISIBLE_DEVICES")')
    finally:
        kernel.kill()
    assert seen == (os.environ.get("CUDA_VISIBLE_DEVICES") if gpu else "")
