"""Whether a repository on this machine is all in its own folder.

Whoever may write into a repository may make it lead to another one: by links, by a list of other places for objects, or
by a file that names another repository. git follows them with the rights of the person who collects. Another student's
work would be collected as one's own, and feedback would be written where its owner may not write.
"""

from __future__ import annotations

import itertools
import os
import stat
from pathlib import Path

from autograder.bridge.git_exchange.git import GitError

MAX_ENTRIES = 200_000
"""The most files and folders of a repository that are looked at."""
_LEADS = frozenset((".git", "commondir", "gitdir", "objects/info/alternates", "objects/info/http-alternates"))
"""Files of a bare repository that name another folder."""


def check_contained(repository: Path) -> None:
    """Refuse a bare repository, or a folder with one in ``.git``, that leads out of its own folder.

    Raises
    ------
    GitError
        when it holds a link, a file that names another place, or what is neither a file nor a folder.
    """
    inner = repository / ".git"
    if not (repository / "objects").exists() and inner.is_dir() and not inner.is_symlink():
        repository = inner
    if repository.is_symlink():
        raise GitError("the repository is a link to another place")
    entries, folders = 0, [""]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(repository / folder) as there:
                found = list(itertools.islice(there, MAX_ENTRIES + 1 - entries))
        except FileNotFoundError:  # git says it better, or has just removed it
            continue
        for entry in found:
            path = f"{folder}{entry.name}"
            entries += 1
            mode = entry.stat(follow_symlinks=False).st_mode
            if path.casefold() in _LEADS or stat.S_ISLNK(mode):
                raise GitError(f"the repository leads to another place, by {path}")
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise GitError(f"{path} in the repository is neither a file nor a folder")
            if entries > MAX_ENTRIES:
                raise GitError(f"the repository has too many files (more than {MAX_ENTRIES})")
            if stat.S_ISDIR(mode) and path != "hooks":
                folders.append(f"{path}/")
