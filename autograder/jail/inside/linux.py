"""What the jail asks of the Linux kernel and Python does not offer: namespaces, mounts, capabilities.

Calls go to libc by ctypes; a refusal is an :class:`OSError` that names the call. The file is sent into the sandbox as
text, so it may use only the standard library. Numbers are those of ``linux/*.h``, the same on every architecture.
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
"""SECBIT_NOROOT, NO_SETUID_FIXUP and NO_CAP_AMBIENT_RAISE, and the locks of these and KEEP_CAPS: uid 0 is no
privilege, for good."""
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
    """Leave the namespaces named by ``flags`` for new ones."""
    _call("unshare", flags)


def setns(descriptor: int, kind: int) -> None:
    """Enter an existing namespace; a pid namespace is entered by the children only."""
    _call("setns", descriptor, kind)


def map_user(uid: int, gid: int) -> None:
    """In a new user namespace: be user 0, which is ``uid`` outside, and nobody else."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str = "") -> None:
    """mount(2)."""
    try:
        _call(
            "mount", source.encode(), target.encode(), kind.encode() if kind else None, ctypes.c_ulong(flags),
            data.encode(),
        )  # fmt: skip
    except OSError as error:
        raise OSError(error.errno, f"{target}: {error.strerror}") from None


def unmount(target: str) -> None:
    """umount2(2), at once even if busy."""
    _call("umount2", target.encode(), 2)


def loopback_up() -> None:
    """Let the network namespace talk to itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def set_dumpable(value: bool) -> None:
    """Whether processes without privileges may look into this one, itself included through /proc."""
    _prctl(_PR_SET_DUMPABLE, int(value))


def drop_privileges() -> None:
    """Give up every capability for good, in this process and whatever it starts."""
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
