"""The folders of a course on a hub: what users share must be written to but not read, the rest must be closed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from autograder.doctor import Finding

_LOST = ("overlay", "tmpfs", "ramfs")
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "ceph", "fuse", "glusterfs", "lustre", "9p")
_OPEN = 0o777


def shared(root: Path, course: str) -> list[Finding]:
    """The exchange, and the course's place in it."""
    if not root.is_dir():
        return [Finding("exchange", False, f"{root} is not there: as root, 'install -d -m 1777 {root}'")]
    mode = root.stat().st_mode
    if mode & _OPEN != _OPEN or not mode & stat.S_ISVTX:
        text = f"{root} has mode {stat.S_IMODE(mode):o}; nbgrader wants 777, and 1777 keeps users from moving what is"
        return [Finding("exchange", False, f"{text} another's: as root, 'chmod 1777 {root}'")]
    place = root / course
    if not place.is_dir() or place.stat().st_uid != os.getuid():
        text = f"{place} does not belong to this account, so another user could offer the course or take it away"
        return [Finding("exchange", False, f"{text}: as root, 'install -d -m 755 -o {_me()} {place}'")]
    found = [Finding("exchange", True, f"{root}, and {place} belongs to this account")]
    for name, wanted in (("inbound", 0o733), ("feedback", 0o711)):
        folder = place / name
        if folder.is_dir() and folder.stat().st_mode & 0o077 & ~wanted:
            text = f"{folder} has mode {stat.S_IMODE(folder.stat().st_mode):o}, users can see what is another's in it"
            found.append(Finding("exchange", False, f"{text}: 'chmod {wanted:o} {folder}'"))
    return found


def private(name: str, path: Path) -> Finding:
    """Whether a folder above a file, or the file itself, keeps all others out."""
    for place in (path, *path.parents):
        if place.exists() and not place.stat().st_mode & (0o007 if place == path and path.is_file() else stat.S_IXOTH):
            return Finding(name, True, f"{path}: nobody else can read it")
    home = os.path.expanduser("~")
    return Finding(name, False, f"every user of this machine can read {path}: 'chmod 700 {home}'")


def where_it_lies(file: Path) -> Finding:
    """Whether a gradebook that is a file outlives the server, and lies where SQLite can lock it."""
    kind = file_system(file)
    if kind in _LOST:
        text = f"{file} lies in the container's own file system ({kind}) and is lost with it"
        return Finding("database", False, f"{text}: put the course on a volume")
    if kind.partition(".")[0] in _NETWORK:
        text = f"{file} lies on a network file system ({kind}), where two graders at once may break it"
        return Finding("database", False, f"{text}: name a PostgreSQL in NBGRADER_DB_URL", needed=False)
    return Finding("database", True, f"{file}, on {kind}")


def file_system(file: Path, table: Path = Path("/proc/self/mountinfo")) -> str:
    """The kind of file system that a path lies on; empty where the machine does not say it."""
    place, found, best = os.path.abspath(file), "", -1
    lines = table.read_text(encoding="utf-8", errors="replace").splitlines() if table.exists() else []
    for line in lines:
        before, _, after = line.partition(" - ")
        mount = before.split()[4].encode().decode("unicode_escape")
        if (mount == "/" or f"{place}/".startswith(f"{mount}/")) and len(mount) >= best:
            found, best = after.split()[0], len(mount)  # of two on one place, the later one is seen
    return found


def _me() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container has accounts without a name
        return str(os.getuid())
