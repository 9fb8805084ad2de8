"""Runs the `git` command so that nothing in a repository can act on this machine.

There is no shell, hook, prompt or submodule. There is no work tree, so no filters run: files are read as objects. Every
command has a time limit. A fetch also has limits on memory, CPU time and the size of every file that git writes.
Credentials and keys are the user's own: git reads the user's configuration, but not the system's.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.fsmonitor=false",
    "core.alternateRefsCommand=true",
    "core.bigFileThreshold=16m",  # larger files are streamed, not held in memory
    "credential.interactive=false",
    "fetch.fsckObjects=true",
    "fetch.recurseSubmodules=false",
    "fetch.unpackLimit=1",  # everything fetched is one file, so its size can be limited
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.version=2",
    "push.recurseSubmodules=no",
    "submodule.recurse=false",
    "uploadpack.packObjectsHook=",
)
PROTOCOLS = "file:git:http:https:ssh"
# runs in a remote repository on this machine; git does not pass our settings on to it
_OTHER_SIDE = "git -c core.hooksPath=/dev/null -c core.alternateRefsCommand=true -c core.fsmonitor=false"
UPLOAD, RECEIVE = f"--upload-pack={_OTHER_SIDE} upload-pack", f"--receive-pack={_OTHER_SIDE} receive-pack"
_LIMITED = (
    "import os, resource, sys; size, cpu = map(int, sys.argv[1:3]);"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)); resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu));"
    "resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30));"
    "os.execvp(sys.argv[3], sys.argv[3:])"
)
_SECRET = re.compile(r"(://)[^/@\s]+@")
"""A token in an address: ``https://x-access-token:…@host``."""


class GitError(Exception):
    """A git command failed. The message is one line from git, without credentials."""


class Refused(GitError):
    """The repository's content is malformed or over a limit. The message is for the student."""


def run(
    *arguments: str | Path,
    repository: Path | None = None,
    stdin: bytes = b"",
    timeout: float = 60,
    max_bytes: int | None = None,
    environment: dict[str, str] | None = None,
) -> bytes:
    """Run git with these arguments and return what it printed.

    Parameters
    ----------
    repository
        a bare repository
    timeout
        seconds; after that, the command and its child processes are killed
    max_bytes
        the largest file it may write; by default there is no limit
    environment
        variables in addition to those of this process

    Raises
    ------
    Refused
        when git tried to write more, or what it received is malformed.
    GitError
        when git fails or takes too long.
    """
    place = () if repository is None else (f"--git-dir={repository}",)
    command = ["git", *place, *(part for setting in SETTINGS for part in ("-c", setting)), *map(str, arguments)]
    if max_bytes is not None:
        limits = str(max_bytes), str(max(1, round(timeout)))
        command = [sys.executable, "-I", "-S", "-c", _LIMITED, *limits, *command]
    if shutil.which("git") is None:
        raise GitError("git is missing: install it, and see that it is on PATH")
    with subprocess.Popen(
        command, env=_environment() | (environment or {}), start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            printed, said = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise GitError(f"git {arguments[0]} took longer than {timeout:g} s") from None
    if process.returncode:
        raise _failure(str(arguments[0]), process.returncode, said, repository, max_bytes)
    return printed


def _failure(command: str, status: int, said: bytes, repository: Path | None, max_bytes: int | None) -> Exception:
    """The exception for a failed command, from git's output and the files it left behind."""
    if max_bytes is not None and repository is not None and _cut_off(repository, max_bytes):
        return Refused(f"the repository is too large (more than {max_bytes / 1e6:.0f} MB to fetch)")
    if b"fsck error" in said:
        return Refused(f"the repository is malformed ({_last_line(said)})")
    return GitError(_last_line(said) or f"git {command} ended with {status}")


def lines(output: bytes) -> list[str]:
    """The lines that git printed; names that are not UTF-8 keep their bytes."""
    return output.decode("utf-8", "surrogateescape").splitlines()


def init(repository: Path) -> Path:
    """Make an empty bare repository, without even the sample hooks."""
    run("init", "--quiet", "--bare", "--template=", "--initial-branch=main", repository)
    return repository


def fetch(repository: Path, url: str, refspecs: Sequence[str], *options: str, timeout: float, max_bytes: int) -> None:
    """Fetch into a bare repository; git will not fetch objects that a filter left out later on demand.

    Raises
    ------
    GitError, Refused
        as :func:`run` does.
    """
    settings = repository / "config"
    before = settings.read_bytes()
    try:
        run(
            "fetch", "--quiet", "--no-tags", "--no-auto-gc", *options, *_local(url, UPLOAD),
            "--", _as_url(url), *refspecs, repository=repository, timeout=timeout, max_bytes=max_bytes,
        )  # fmt: skip
    finally:
        settings.write_bytes(before)  # git has recorded the remote as the source of the missing objects


def push(repository: Path, url: str, refspec: str, *, timeout: float) -> None:
    """Push one reference.

    Raises
    ------
    GitError
        as :func:`run` does.
    """
    run("push", "--quiet", "--no-verify", *_local(url, RECEIVE), "--", url, refspec, repository=repository,
        timeout=timeout)  # fmt: skip


def head(url: str, branch: str, *, timeout: float) -> str | None:
    """The commit that a remote's branch points to; None when there is no such branch.

    Raises
    ------
    GitError
        as :func:`run` does.
    """
    ref = f"refs/heads/{branch}"
    found = lines(run("ls-remote", *_local(url, UPLOAD), "--", url, ref, timeout=timeout))
    return next((line.split("\t")[0] for line in found if line.endswith(f"\t{ref}")), None)


def local_path(url: str) -> Path | None:
    """The folder that an address names; None when it is on another machine."""
    if url.startswith("file://"):
        return Path(unquote(url.removeprefix("file://")))
    return Path(url) if url.startswith("/") else None


def without_credentials(text: str) -> str:
    """Text with the user and token removed from every address."""
    return _SECRET.sub(r"\1", text)


def _as_url(url: str) -> str:
    """A path as a file URL: after a filtered fetch git saves the remote by name, which cannot begin with a slash."""
    return Path(url).as_uri() if url.startswith("/") else url


def _local(url: str, option: str) -> tuple[str, ...]:
    return (option,) if local_path(url) is not None else ()


def _environment() -> dict[str, str]:
    """This process's environment, without variables that redirect git, and with those that restrict it."""
    kept = {name: value for name, value in os.environ.items() if name not in _POINTING}
    ours = {
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true", "GIT_ALLOW_PROTOCOL": PROTOCOLS, "GIT_NO_LAZY_FETCH": "1", "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C",
    }  # fmt: skip
    return {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes"} | kept | ours


_POINTING = frozenset(
    ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
     "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_EXEC_PATH", "GIT_TEMPLATE_DIR", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND",
     "GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE", "GIT_TRACE", "GIT_QUARANTINE_PATH")
)  # fmt: skip


def _cut_off(repository: Path, max_bytes: int) -> bool:
    """Whether git was killed because a pack reached the limit; also removes the temporary packs."""
    parts = list((repository / "objects" / "pack").glob("tmp_*"))
    large = any(part.stat().st_size >= max_bytes for part in parts)
    for part in parts:
        part.unlink()
    return large


def _last_line(said: bytes) -> str:
    """The line with the reason: the first that starts with "fatal:" or "error:", otherwise the last."""
    told = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    why = next((line for line in told if line.startswith(("fatal:", "error:"))), told[-1] if told else "")
    return without_credentials(why)[:300]
