"""Process 1 of a jail: sets up what student code sees, starts and guards the kernel, and copies files back.

It is trusted. It has every capability over the jail's own namespaces and none outside, and processes in the jail cannot
inspect or signal it. When it ends, every process of the jail ends. On ``line`` it sends ``kernel`` with the kernel's
pidfd, ``waiting`` when the kernel has its sockets, ``ready`` or ``failed`` after it was told to go on, and ``ended`` at
the end. Any other message to it means that the jail must end.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import time
from typing import Any, NoReturn

from autograder.jail.inside import kernel_process, linux, memory
from autograder.jail.inside.files import bring_back, bring_in

ROOMS = "/run/kernels"
"""The mount point for the folders of all kernels in the sandbox. A jail covers it."""
ROOM = "/run/kernel"
"""The mount point for a kernel's own connection file and sockets."""
HOME = kernel_process.HOME
WORK = kernel_process.WORK
GUARD_S = 0.1
END_POLL_S = 0.0005
_PRIVATE_TO_THE_MACHINE = ("kcore", "keys", "kpagecount", "kpageflags", "kpagecgroup", "timer_list", "sched_debug")
"""Files in /proc that the host's uid 0 can read without any capability."""
QUIET = linux.INERT | linux.MS_NOEXEC


def say(line: socket.socket, **message: object) -> None:
    """Send one message to the other side. It does not matter if that side is gone."""
    with contextlib.suppress(OSError):
        line.sendall(json.dumps(message).encode())


def main(request: dict[str, Any], line: socket.socket) -> NoReturn:
    """Run the jail from start to end."""
    try:
        ended = _run(request, line)
        say(line, **ended)
    except BaseException as error:
        say(line, failed=f"{type(error).__name__}: {error}"[:2000])
    finally:
        os._exit(0)


def _run(request: dict[str, Any], line: socket.socket) -> dict[str, object]:
    off, limits = set(request["off"]), request["limits"]
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # for process 1 this ignores signals from inside the jail
    os.sched_setaffinity(0, request["cores"])  # those of the process that asks, not those of the warm process
    _enter_namespaces(off)
    own = os.path.join(ROOMS, request["room"])
    files, out = (os.open(os.path.join(own, name), os.O_RDONLY | os.O_DIRECTORY) for name in ("files", "out"))
    make_view(own, off, limits, request["shown"])
    linux.set_dumpable(False)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    kernel = os.fork()
    if not kernel:
        for descriptor in (files, out):
            os.close(descriptor)
        ours.close()
        line.close()
        kernel_process.main(request, theirs)
    theirs.close()
    pidfd = os.pidfd_open(kernel)
    socket.send_fds(line, [b'{"kernel": true}'], [pidfd])
    said = ours.recv(1 << 16).decode() or "it ended before it was ready"
    if said != "ready":
        return {"failed": said}
    if request["gpu"] and "processes" not in off:
        _let_name_threads(kernel)
    say(line, waiting=True)
    told = line.recv(1 << 12)
    if b"go" not in told:
        return {"ended": "unused"}
    work = os.open(WORK, os.O_RDONLY | os.O_DIRECTORY)
    copied = bring_in(files, work)
    if "room" not in off:
        # its sockets exist now; read-only, so that the kernel cannot fill a disk of the host
        linux.mount(ROOM, ROOM, None, linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.INERT)
    ours.sendall(told)
    ours.close()
    say(line, ready=True)
    reason = guard(pidfd, line, limits, off, gpu=request["gpu"])
    _end_all(pidfd)
    left_out = []
    if reason is not None:
        left_out = bring_back(work, out, copied, limits)
    return {"ended": reason, "left_out": left_out[:20]}


def _enter_namespaces(off: set[str]) -> None:
    """Leave the namespaces shared with the warm process. This process was already forked into its own pid namespace."""
    uid, gid = os.getuid(), os.getgid()
    if "processes" not in off:
        # the pid namespace belongs to the user namespace that created it, so its /proc can only be mounted from there
        linux.unshare(linux.CLONE_NEWNS)
        linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
        linux.mount("proc", "/proc", "proc", QUIET)
    flags = linux.CLONE_NEWNS | linux.CLONE_NEWUTS
    flags |= 0 if "ipc" in off else linux.CLONE_NEWIPC
    flags |= 0 if "network" in off else linux.CLONE_NEWNET
    flags |= 0 if "user" in off else linux.CLONE_NEWUSER
    linux.unshare(flags)
    if "user" not in off:
        linux.map_user(uid, gid)


def make_view(own: str, off: set[str], limits: dict[str, int], shown: list[str]) -> None:
    """Set up private, limited /tmp, home, /dev/shm, terminals, /proc and loopback; show only this kernel's room."""
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    if "private" not in off:
        python = {path: os.open(path, os.O_PATH) for path in shown}
        inodes = "" if "inodes" in off else f",nr_inodes={limits['inodes']}"
        for path, size in (("/tmp", limits["tmp"]), (HOME, limits["home"]), ("/dev/shm", limits["shm"])):
            linux.mount("tmpfs", path, "tmpfs", linux.INERT, f"size={size},mode=700{inodes}")
        for path, descriptor in python.items():
            os.makedirs(path)
            linux.mount(f"/proc/self/fd/{descriptor}", path, None, linux.MS_BIND | linux.MS_REC)
            os.close(descriptor)
        linux.mount("devpts", "/dev/pts", "devpts", linux.MS_NOSUID, "newinstance,ptmxmode=0666,mode=600")
    for folder in (WORK, os.environ.get("MPLCONFIGDIR", "/tmp")):
        os.makedirs(folder, exist_ok=True)
    linux.mount(os.path.join(own, "sockets"), ROOM, None, linux.MS_BIND)
    if "rooms" not in off:
        linux.mount("tmpfs", ROOMS, "tmpfs", linux.INERT | linux.MS_RDONLY, "size=4k")
    if "processes" not in off:
        if "user" not in off:
            _write("/proc/sys/user/max_user_namespaces", "0")
        _write("/proc/sys/kernel/pid_max", str(max(400, 2 * limits["processes"])))
        for name in _PRIVATE_TO_THE_MACHINE:
            if os.path.exists(f"/proc/{name}"):
                linux.mount("/dev/null", f"/proc/{name}", None, linux.MS_BIND)
        # read-only: then not even the host's uid 0 can set anything there
        linux.mount("proc", "/proc", None, QUIET | linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY)
    if "network" not in off:
        linux.loopback_up()
    socket.sethostname("jail")


def _let_name_threads(process: int) -> None:
    """Make the files of a process's threads in /proc writable to it, for CUDA.

    Its driver names its threads (pthread_setname_np writes to /proc/self/task/N/comm), and without that it does not
    start: error 304. What else is there is the process's own too.
    """
    tasks = f"/proc/{process}/task"
    linux.mount(tasks, tasks, None, linux.MS_BIND)
    linux.mount("none", tasks, None, QUIET | linux.MS_REMOUNT | linux.MS_BIND)


def _write(path: str, text: str) -> None:
    """Set a kernel parameter if this Linux has it and permits it. It is a second limit, not the only one."""
    try:
        with open(path, "w") as file:
            file.write(text)
    except OSError:
        pass


def guard(pidfd: int, line: socket.socket, limits: dict[str, int], off: set[str], *, gpu: bool) -> str | None:
    """Wait until the kernel has ended or must end, and return why; None if the other side is gone and wants no files.

    Memory and processes are counted here for the whole jail, because rlimits apply to one process, or not to root.
    """
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.register(line, select.POLLIN)
    while True:
        for descriptor, _ in poll.poll(GUARD_S * 1000):
            if descriptor == pidfd:
                return "exit"
            return "told" if line.recv(64) else None
        _reap(pidfd)
        tasks, used = memory.usage(limits["memory"], limits["file_size"], gpu=gpu)
        if "processes_limit" not in off and tasks > limits["processes"]:
            return "processes"
        if "memory_limit" not in off and used > limits["memory"]:
            return "memory"


def _reap(kernel: int) -> None:
    """Reap ended orphans, but not the kernel: its pidfd and CPU times must stay available until the end."""
    while True:
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is None or found.si_pid == 0 or os.waitid(os.P_PIDFD, kernel, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return
        os.waitpid(found.si_pid, 0)


def _end_all(pidfd: int) -> None:
    """Kill everything in the jail except this process, and wait until no process can write any more.

    A task that exits gives up its memory first (exit_mm in Linux's do_exit) and executes no code after that. Unmapping
    the memory of a process that has imported the frameworks takes tens of milliseconds. This function does not wait for
    it, because it is complete when this process 1 has ended.
    """
    if os.getpid() != 1:
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
        return
    while True:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        if not any(_has_memory(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"):
            return
        time.sleep(END_POLL_S)


def _has_memory(process: str) -> bool:
    """Whether one of the process's threads still has its memory, and so may still be executing."""
    try:
        for task in os.listdir(f"/proc/{process}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{process}/task/{task}/status") as file:
                if "\nVmSize:" in file.read():
                    return True
    except OSError:
        pass  # the process is gone
    return False
