"""The warm process: has imported what notebooks import, has run no framework operation, and forks kernels on request.

It runs inside the sandbox that :mod:`autograder.jail.bubblewrap` creates. It is trusted: no student code ever runs in
it. Its source is sent there with those of :mod:`~autograder.jail.inside.init`,
:mod:`~autograder.jail.inside.kernel_process`, :mod:`~autograder.jail.inside.linux`, the agent and the wire. They may
use the standard library and the preloaded modules.

A request is one message on an inherited socket: a JSON object (described in :mod:`autograder.jail.warm`) and a new
socket, on which the new jail's init answers. When the inherited socket is closed, everything ends.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
from typing import Any

from autograder.jail.inside import init, kernel_process, linux

MAX_MESSAGE = 1 << 20


def main(control: socket.socket, preload: list[str], threads: int) -> None:
    """Import the modules, report that, and fork a jail for every request until the other side is gone.

    Libraries with threads count the cores they may use when they are imported. ``threads`` is how many cores a jail
    will have, so that many are there meanwhile.
    """
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(cores)[:threads])
    absent = warm_up(preload)
    os.sched_setaffinity(0, cores)
    _uncover_proc()
    gc.collect()
    gc.freeze()  # otherwise a garbage collection in a fork copies every page it touches
    control.sendall(json.dumps({"warm": True, "absent": absent}).encode())
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nothing waits for an init; its pidfd shows that it has ended
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, MAX_MESSAGE, 1)
        if not data:
            return
        line = socket.socket(fileno=descriptors[0])
        try:
            _fork(json.loads(data), line, control, own)
        except OSError as error:
            init.say(line, failed=f"{type(error).__name__}: {error}")
        line.close()


def _fork(request: dict[str, Any], line: socket.socket, control: socket.socket, own: int) -> None:
    """Fork an init, process 1 of a new pid namespace, and send its pidfd. Forking so large a process takes a while."""
    apart = "processes" not in request["off"]
    if apart:
        linux.unshare(linux.CLONE_NEWPID)
    try:
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            control.close()
            os.close(own)
            init.main(request, line)
    finally:
        if apart:
            linux.setns(own, linux.CLONE_NEWPID)
    descriptor = os.pidfd_open(child)
    try:
        socket.send_fds(line, [b'{"init": true}'], [descriptor])
    finally:
        os.close(descriptor)


def warm_up(preload: list[str]) -> list[str]:
    """Import what can be imported. Return the names of the modules that cannot."""
    absent = []
    for name in preload:
        try:
            importlib.import_module(name)
        except ImportError:
            absent.append(name)
    kernel_process.warm_up()
    return absent


def _uncover_proc() -> None:
    """Unmount what bubblewrap put over parts of /proc: a jail can only mount its own if a complete one is visible."""
    with open("/proc/self/mountinfo") as file:
        points = [line.split()[4] for line in file]
    for point in reversed(points):
        if point.startswith("/proc/"):
            linux.unmount(point)


def start(descriptor: int, preload: list[str], threads: int) -> None:
    """The entry point of the sandbox's Python; ``descriptor`` is the inherited socket. For the rest see `main`."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    control.set_inheritable(False)
    sys.argv = ["kernel"]
    main(control, preload, threads)
