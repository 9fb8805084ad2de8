"""Makes commits without a work tree: one folder is replaced, everything else stays as it is."""

from __future__ import annotations

from pathlib import Path

from autograder.bridge.git_exchange import git
from autograder.bridge.git_exchange.tree import check_trees, tree_of
from autograder.temporary import temporary_folder


def replace_folder(
    repository: Path, parent: str | None, name: str, files: dict[str, bytes], *, message: str, author: str
) -> str | None:
    """A commit on `parent` whose folder `name` holds exactly these files, by path; None if `parent`'s already does.

    Raises
    ------
    GitError
        when git cannot write the commit.
    """
    folder = _write_tree(repository, files)
    entries = []
    if parent is not None:
        if tree_of(repository, parent, name) == folder:
            return None
        check_trees(repository, [f"{parent}^{{tree}}"])
        listed = git.run("ls-tree", "-z", "--full-tree", parent, repository=repository).split(b"\0")
        entries = [entry for entry in listed if entry and entry.partition(b"\t")[2] != name.encode()]
    entries.append(f"040000 tree {folder}\t{name}".encode())
    # objects that were not fetched may be missing: their names are enough
    tree = (
        git.run("mktree", "-z", "--missing", repository=repository, stdin=b"\0".join(entries) + b"\0").decode().strip()
    )
    who = f"{author}@users.noreply.invalid"
    identity = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": who}
    identity |= {"GIT_COMMITTER_NAME": author, "GIT_COMMITTER_EMAIL": who}
    parents = () if parent is None else ("-p", parent)
    written = git.run("commit-tree", tree, *parents, "-m", message, repository=repository, environment=identity)
    return written.decode().strip()


def _write_tree(repository: Path, files: dict[str, bytes]) -> str:
    """Write the files as a tree, using a temporary index."""
    with temporary_folder("index") as place:
        index = {"GIT_INDEX_FILE": str(Path(place, "index"))}
        lines = []
        for path, content in sorted(files.items()):
            blob = git.run("hash-object", "-w", "--no-filters", "--stdin", repository=repository, stdin=content)
            lines.append(b"100644 " + blob.strip() + b"\t" + path.encode() + b"\0")
        git.run("update-index", "-z", "--index-info", repository=repository, stdin=b"".join(lines), environment=index)
        return git.run("write-tree", repository=repository, environment=index).decode().strip()
