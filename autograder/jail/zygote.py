"""The warm process: has imported what notebooks import, has run no operation, and forks a kernel when asked.

It runs inside the sandbox that :mod:`autograder.jail.sandbox` makes and is trusted: no student code ever runs in it.
Its text is sent there with that of :mod:`~autograder.jail.jail_init`, :mod:`~autograder.jail.inmate`,
:mod:`~autograder.jail.linux`, the agent and the wire; they may use the standard library and what is warm.

A request is one message on an inherited socket: a JSON object (:mod:`autograder.jail.warm` says what is in it) and a
socket of its own, on which the new jail's init answers. The end of that inherited socket ends everything.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
import traceback

from autograder.jail import inmate, jail_init, linux

MAX_MESSAGE = 1 << 20


def main(control: socket.socket, preload: list[str]) -> None:
    """Import, say so, and fork a jail for every request until the other side is gone."""
    absent = warm_up(preload)
    _uncover_proc()
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page it touches
    control.sendall(json.dumps({"warm": True, "absent": absent}).encode())
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, MAX_MESSAGE, 1)
        if not data:
            return
        line = socket.socket(fileno=descriptors[0])
        child = os.fork()
        if not child:
            control.close()
            _open_jail(json.loads(data), line)
        line.close()
        os.waitpid(child, 0)


def warm_up(preload: list[str]) -> list[str]:
    """Import what can be imported; the names of what cannot."""
    absent = []
    for name in preload:
        try:
            importlib.import_module(name)
        except ImportError:
            absent.append(name)
    inmate.warm_up()
    return absent


def _uncover_proc() -> None:
    """Take off what bubblewrap put over parts of /proc: a jail may mount its own only where one is seen in full."""
    with open("/proc/self/mountinfo") as file:
        points = [line.split()[4] for line in file]
    for point in reversed(points):
        if point.startswith("/proc/"):
            linux.unmount(point)


def _open_jail(request: dict[str, object], line: socket.socket) -> None:
    """In the forked child: new namespaces, and an init in them, whose pidfd is sent; then this process is done."""
    try:
        off = set(request["off"])  # type: ignore[call-overload]
        flags = linux.CLONE_NEWNS | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
        flags |= 0 if "processes" in off else linux.CLONE_NEWPID
        flags |= 0 if "network" in off else linux.CLONE_NEWNET
        flags |= 0 if "user" in off else linux.CLONE_NEWUSER
        uid, gid = os.getuid(), os.getgid()
        linux.unshare(flags)
        if "user" not in off:
            linux.map_user(uid, gid)
        child = os.fork()
        if not child:
            jail_init.main(request, line)
        descriptor = os.pidfd_open(child)
        socket.send_fds(line, [b'{"init": true}'], [descriptor])
    except BaseException:
        jail_init.say(line, failed=traceback.format_exc(limit=-3)[-2000:])
    finally:
        os._exit(0)


def start(descriptor: int, preload: list[str]) -> None:
    """Where the sandbox's Python begins, with the inherited socket."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    control.set_inheritable(False)
    sys.argv = ["kernel"]
    main(control, preload)
