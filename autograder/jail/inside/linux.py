"""Linux system calls that Python does not offer: namespaces, mounts, capabilities.

They call libc through ctypes. If a call fails, it raises an :class:`OSError` that names it. This file is sent into the
sandbox as text, so it may use only the standard library. The constants come from ``linux/*.h`` and are the same on
every architecture.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
INERT = MS_NOSUID | MS_NODEV

_PR_SET_DUMPABLE, _PR_CAPBSET_READ, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS = 4, 23, 24, 28
_PR_SET_NO_NEW_PRIVS, _PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
_NOROOT_LOCKED = 0x2F
"""SECBIT_NOROOT and NO_SETUID_FIXUP, and the locks of these and KEEP_CAPS: uid 0 gives no privileges, permanently."""
_CAPABILITY_VERSION_3 = 0x20080522
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name: str, *arguments: object) -> int:
    result = int(getattr(_libc, name)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def _prctl(option: int, *arguments: int) -> int:
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _call("prctl", option, *(ctypes.c_ulong(value) for value in padded))


def unshare(flags: int) -> None:
    """Move into new namespaces of the kinds in ``flags``."""
    _call("unshare", flags)


def setns(descriptor: int, kind: int) -> None:
    """Enter an existing namespace. For a pid namespace, only later children enter it."""
    _call("setns", descriptor, kind)


def map_user(uid: int, gid: int) -> None:
    """In a new user namespace, map user 0 to ``uid`` outside (group likewise), and map no other user."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str = "") -> None:
    """Call mount(2)."""
    try:
        _call(
            "mount", source.encode(), target.encode(), kind.encode() if kind else None, ctypes.c_ulong(flags),
            data.encode(),
        )  # fmt: skip
    except OSError as error:
        raise OSError(error.errno, f"{target}: {error.strerror}") from None


def unmount(target: str) -> None:
    """Call umount2(2) with MNT_DETACH, which works even if the target is busy."""
    _call("umount2", target.encode(), 2)


def loopback_up() -> None:
    """Bring up the loopback interface of the network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def set_dumpable(value: bool) -> None:
    """Set whether unprivileged processes may inspect this one, including itself through /proc."""
    _prctl(_PR_SET_DUMPABLE, int(value))


def drop_privileges() -> None:
    """Permanently give up every capability, in this process and its children."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_SECUREBITS, _NOROOT_LOCKED | 0xC0)
    _prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(64):
        try:
            _prctl(_PR_CAPBSET_READ, capability)
        except OSError:
            break
        _prctl(_PR_CAPBSET_DROP, capability)
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _call("capset", header, bytes(24))
