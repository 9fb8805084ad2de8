"""The formgrader's server, changed so that nothing of a student's acts in the instructor's browser.

The formgrader runs beside JupyterLab, on the same address: a script there may do whatever the instructor may. nbgrader
serves any file of the course from it, each as the kind of document that its name says. Here a submission's files are
pictures, or downloads that no browser executes, and nothing outside the submission is served at all. A policy on every
page of the formgrader keeps it from loading anything from another place.
"""

from __future__ import annotations

import functools
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.server_extensions.formgrader import apihandlers, base, handlers
from tornado import web

from autograder.bridge.hidden import RESULTS, written_name
from autograder.bridge.pictures import few_pixels_in
from autograder.errors import BadInput

PAGE_POLICY = "; ".join(
    (
        "default-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'", "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:", "font-src 'self' data:", "connect-src 'self'", "object-src 'none'", "base-uri 'none'",
        "form-action 'self'",
    )
)  # fmt: skip
"""For the formgrader's own pages: their scripts are nbgrader's, and all that they load is from here."""
FRAMED = "frame-ancestors 'self'"
"""Who may show these pages in a frame, unless the server says it: JupyterLab does, in the formgrader's panel."""
FILE_POLICY = "default-src 'none'; sandbox"
"""For a file of a student's, should a browser open it in spite of all."""
PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
"""Kinds of picture that hold no code, by the bytes at their beginning."""


def install() -> None:
    """Change nbgrader's handlers, once; they are classes that no setting can replace."""
    files = handlers.SubmissionFilesHandler
    if getattr(files, "serves_pictures_only", False):
        return
    files.serves_pictures_only = True
    files.parse_url_path = _path_of
    files.get_content_type = _content_type
    files.set_extra_headers = _headers
    base.BaseHandler.content_security_policy = property(_page_policy)
    apihandlers.AssignmentHandler.put = _put_assignment(apihandlers.AssignmentHandler.put)


def _page_policy(self: Any) -> str:
    """The policy of a page, and who may show it in a frame, as the server has it.

    A server of a JupyterHub says ``frame-ancestors 'none'``: all servers of a hub may have one address, and a page of a
    student's could show the formgrader in a frame, read it and act in it.
    """
    said = str(self.settings.get("headers", {}).get("Content-Security-Policy", ""))
    framed = re.search(r"\bframe-ancestors\b[^;]*", said)
    return f"{PAGE_POLICY}; {framed[0].strip() if framed else FRAMED}"


def _put_assignment(put: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    """Saving an assignment, which fails with a reason when its due date cannot be read."""

    @functools.wraps(put)
    def answered(self: Any, assignment_id: str) -> None:
        try:
            put(self, assignment_id)
        except BadInput as error:
            raise web.HTTPError(400, str(error)) from None

    return answered


def _path_of(self: Any, url_path: str) -> str:
    """The file of a submission that is asked for: the platform's, else one that the notebook wrote, else one handed in.

    Raises
    ------
    tornado.web.HTTPError
        404 when there is no such regular file in these folders.
    """
    found = re.fullmatch(r"([^/]+)/(.+)", url_path.lstrip("/"), re.DOTALL)
    if found is None:
        raise web.HTTPError(404)
    try:
        submission = self.gradebook.find_submission_notebook_by_id(found[1])
    except MissingEntry:
        raise web.HTTPError(404, "Invalid submission") from None
    student, assignment = submission.student.id, submission.assignment.assignment.name
    name = written_name(assignment, submission.name)
    steps = self.coursedir.autograded_directory, self.coursedir.submitted_directory
    autograded, submitted = (Path(self.coursedir.format_path(step, student, assignment)) for step in steps)
    results = os.path.join(os.path.dirname(self.coursedir.autograded_directory), RESULTS)
    written = Path(self.coursedir.format_path(results, student, assignment)) / name
    for folder in (autograded, written, submitted):
        path = _inside(Path(os.path.abspath(folder)), found[2])
        if path is not None:
            return str(path)
    raise web.HTTPError(404)


def _inside(folder: Path, name: str) -> Path | None:
    """A regular file in a folder, on no path that leads out of it; None if there is none."""
    parts = name.split("/")
    if "\0" in name or "\\" in name or any(part in ("", ".", "..") for part in parts):
        return None
    path = folder
    for part in parts:
        path = path / part
        if path.is_symlink():
            return None
    try:
        return path if stat.S_ISREG(os.lstat(path).st_mode) else None
    except (OSError, ValueError):
        return None


def _content_type(self: Any) -> str:
    """A picture's type by its content, whatever its name; anything else is bytes, and so is one that is too large."""
    try:
        with open(self.absolute_path, "rb") as file:
            begins = file.read(16)
    except OSError:
        begins = b""
    kind = next((kind for mark, kind in PICTURES.items() if begins.startswith(mark)), None)
    return kind if kind is not None and few_pixels_in(self.absolute_path) else "application/octet-stream"


def _headers(self: Any, path: str) -> None:
    """Headers with which a browser shows a picture, stores anything else, and executes nothing."""
    self.set_header("Content-Security-Policy", FILE_POLICY)
    self.set_header("X-Content-Type-Options", "nosniff")
    self.set_header("Cross-Origin-Resource-Policy", "same-origin")
    if not _content_type(self).startswith("image/"):
        self.set_header("Content-Disposition", "attachment")
