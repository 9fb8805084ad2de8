"""A folder of a commit: its entries, those that are refused, and the exact content of its files.

Files are read as objects. Nothing is checked out, so no link, attribute, filter or hook of a repository takes effect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from autograder.bridge.git_exchange import git
from autograder.bridge.git_exchange.git import GitError, Refused
from autograder.notebook.files import MAX_DEPTH, MAX_FILES
from autograder.notebook.names import why_no_file

MAX_TREE = 1_000_000
"""The largest tree object, in bytes: the list of one folder's entries."""
_FILES = ("100644", "100755", "100664")
_REFUSED = {"120000": "a symbolic link", "160000": "a submodule"}
_LFS = b"version https://git-lfs.github.com/spec/"
_LFS_BYTES = 1024  # by the specification, a pointer is smaller


@dataclass(frozen=True)
class File:
    """A regular file of a folder: its path relative to the folder, its object id and its size in bytes."""

    path: str
    oid: str
    size: int


@dataclass
class Folder:
    """A folder of a commit.

    Attributes
    ----------
    oid
        the id of the tree: folders with the same id have the same content
    files
        the files that are accepted
    refused
        the reason for each refused entry, by path
    """

    oid: str
    files: list[File] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def read_folder(repository: Path, commit: str, name: str, *, max_bytes: int, timeout: float = 60) -> Folder | None:
    """What a folder of a commit contains; None when the commit has no such folder.

    A file is refused if the fetch left it out because of its size.

    Raises
    ------
    Refused
        when the accepted files are more than ``max_bytes``, or there are more than :data:`MAX_FILES` entries.
    GitError
        when git cannot read the folder.
    """
    oid = tree_of(repository, commit, name)
    if oid is None:
        return None
    folder = Folder(oid)
    for mode, blob, path in _entries(repository, oid, timeout):
        reason = _why_not(mode, path)
        if reason is None:
            folder.files.append(File(path, blob, 0))
        else:
            folder.refused[path] = reason
        if len(folder.files) + len(folder.refused) > MAX_FILES:
            raise Refused(f"the folder {name} has too many files (more than {MAX_FILES})")
    sizes = _sizes(repository, [file.oid for file in folder.files], timeout)
    sized = list(zip(folder.files, sizes, strict=True))
    for file in (file for file, size in sized if size is None):
        folder.refused[file.path] = f"too large (more than {max_bytes / 1e6:.0f} MB)"
    folder.files = [File(file.path, file.oid, size) for file, size in sized if size is not None]
    total = sum(file.size for file in folder.files)
    if total > max_bytes:
        raise Refused(f"the folder {name} is too large ({total / 1e6:.0f} MB, and {max_bytes / 1e6:.0f} MB at most)")
    _refuse_lfs_pointers(repository, folder, timeout)
    return folder


def write_folder(repository: Path, folder: Folder, target: Path, timeout: float = 60) -> None:
    """Write a folder's files as plain files that are not executable."""
    target.mkdir(parents=True, exist_ok=True)
    for file, content in zip(folder.files, _contents(repository, folder.files, timeout), strict=True):
        path = target / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def tree_of(repository: Path, commit: str, name: str) -> str | None:
    """The object id of a commit's folder; None when there is no such folder."""
    found = git.lines(git.run("ls-tree", "-d", "--full-tree", commit, "--", name, repository=repository))
    for line in found:
        about, _, path = line.partition("\t")
        if path == name and about.split()[1] == "tree":
            return about.split()[2]
    return None


def check_trees(repository: Path, trees: list[str], timeout: float = 60) -> None:
    """Refuse folders whose list of entries is too long to read.

    Raises
    ------
    Refused
        when one is too long.
    """
    if any((size or 0) > MAX_TREE for size in _sizes(repository, trees, timeout)):
        raise Refused(f"a folder has too many files (more than {MAX_FILES})")


def _entries(repository: Path, oid: str, timeout: float) -> list[tuple[str, str, str]]:
    """Mode, object id and path of every entry in a tree; stops early if nested trees multiply the entries."""
    found: list[tuple[str, str, str]] = []
    level = [("", oid)]
    for _ in range(MAX_DEPTH):
        check_trees(repository, [tree for _, tree in level], timeout)
        below: list[tuple[str, str]] = []
        for prefix, tree in level:
            for entry in filter(
                None, git.run("ls-tree", "-z", tree, repository=repository, timeout=timeout).split(b"\0")
            ):
                about, _, name = entry.partition(b"\t")
                mode, _, blob = about.decode("ascii").split()
                path = prefix + name.decode("utf-8", "surrogateescape")
                if mode == "040000" and _why_not("100644", path) is None:
                    below.append((f"{path}/", blob))
                else:
                    found.append((mode, blob, path))
                if len(found) + len(below) > MAX_FILES:
                    raise Refused(f"a folder has too many files (more than {MAX_FILES})")
        level = below
        if not level:
            return found
    raise Refused(f"folders in folders in folders, more than {MAX_DEPTH} deep")


def _why_not(mode: str, path: str) -> str | None:
    """Why an entry is refused; None when it is a regular file with a name that stays inside the folder."""
    why = why_no_file(path)
    return why if why or mode in _FILES else _REFUSED.get(mode, "no regular file")


def _refuse_lfs_pointers(repository: Path, folder: Folder, timeout: float) -> None:
    small = [file for file in folder.files if file.size < _LFS_BYTES]
    contents = _contents(repository, small, timeout)
    pointers = {file.path for file, content in zip(small, contents, strict=True) if content.startswith(_LFS)}
    folder.files = [file for file in folder.files if file.path not in pointers]
    folder.refused |= dict.fromkeys(pointers, "a pointer of Git LFS, not the file itself")


def _sizes(repository: Path, oids: list[str], timeout: float) -> list[int | None]:
    """The sizes of objects in bytes; None for one that is not in the repository."""
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    said = git.lines(git.run("cat-file", "--batch-check", repository=repository, stdin=asked, timeout=timeout))
    return [None if line.endswith(" missing") else int(line.split()[2]) for line in said]


def _contents(repository: Path, files: list[File], timeout: float) -> list[bytes]:
    """The content of files; the caller has checked that their sizes are within the limit."""
    asked = "".join(f"{file.oid}\n" for file in files).encode()
    said = git.run("cat-file", "--batch", repository=repository, stdin=asked, timeout=timeout)
    contents, at = [], 0
    for file in files:
        end = said.index(b"\n", at) + 1
        if said[at:end].split()[1:] != [b"blob", str(file.size).encode()]:
            raise GitError(f"object {file.oid} is not the file that was listed")
        contents.append(said[end : end + file.size])
        at = end + file.size + 1
    return contents


def folders(repository: Path, commit: str) -> list[str]:
    """The names of a commit's top-level folders, without hidden ones and those with a refused name."""
    listed = git.run("ls-tree", "-d", "-z", "--full-tree", commit, repository=repository).split(b"\0")
    split = (entry.decode("utf-8", "surrogateescape").partition("\t") for entry in listed if entry)
    return [
        name
        for about, _, name in split
        if about.split()[1] == "tree" and name[0] != "." and not _why_not("100644", name)
    ]
