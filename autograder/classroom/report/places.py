"""Where a report's files are written, and what is said when one cannot be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.bridge.course_settings import CourseSettings
from autograder.errors import BadInput

COURSE = "index"
ANONYMOUS = "-anonymous"


@dataclass(frozen=True)
class Wanted:
    """What to write, and where; without any file, the page in the report's own folder."""

    html: Path | None = None
    csv: Path | None = None
    json: Path | None = None
    anonymous: bool = False

    def files(self, settings: CourseSettings, name: str) -> Wanted:
        """The same with the page's place, if nothing else was asked for."""
        if self.html or self.csv or self.json:
            return self
        ending = ANONYMOUS if self.anonymous else ""
        return Wanted(settings.report_folder / f"{name}{ending}.html", anonymous=self.anonymous)

    @property
    def paths(self) -> list[Path]:
        """The files to write."""
        return [path.absolute() for path in (self.html, self.csv, self.json) if path is not None]


def link(folder: Path, page: Path) -> str:
    """The address of a file in a page in a folder."""
    from urllib.parse import quote

    return quote(os.path.relpath(page, folder).replace(os.sep, "/"), errors="surrogateescape")


@contextmanager
def writing() -> Iterator[None]:
    """Says in one line which file could not be written."""
    try:
        yield
    except OSError as error:
        raise BadInput(f"{error.filename} cannot be written ({error.strerror}): name another file") from None


def require_folders(wanted: Wanted, settings: CourseSettings) -> None:
    """Before anything is read: can the files be written?

    Raises
    ------
    BadInput
        when one cannot, two are the same, or one is there and is no plain file: it would be replaced, even a device.
    """
    places = [path.parent.resolve() / path.name for path in wanted.paths]
    for path, place in zip(wanted.paths, places, strict=True):
        with writing():
            if path.parent == settings.report_folder:
                path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise BadInput(f"{path} cannot be written: it is a folder; name a file in it")
        if not path.parent.is_dir():
            raise BadInput(f"{path} cannot be written: there is no folder {path.parent}; make it, or name another")
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise BadInput(f"{path} cannot be written: it is a link or a device; name another file")
        if not os.access(path.parent, os.W_OK):
            raise BadInput(f"{path.parent} cannot be written: name a file in another folder")
        if places.count(place) > 1:
            raise BadInput(f"{path} is named twice: give each of --html, --csv and --json a file of its own")
