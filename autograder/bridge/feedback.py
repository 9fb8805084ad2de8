"""nbgrader's release of feedback, changed so that one student's files do not end it for the others."""

from __future__ import annotations

import glob
import os
import shutil
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash
from traitlets import Instance

from autograder.bridge.converters import student_of
from autograder.bridge.looks import Looks
from autograder.bridge.platform_files import SECRET, read_secret, read_time
from autograder.errors import raise_if_full


class ReleaseFeedback(ExchangeReleaseFeedback):
    """Releases as nbgrader does; who cannot be released to is named at the end."""

    looks = Instance(Looks, ())

    def start(self) -> Any:
        """Release, and end with who needs a look."""
        try:
            return super().start()
        finally:
            self.looks.tell(self.log)

    def copy_files(self) -> None:
        """Release one student's pages after the other."""
        excluded = (self.coursedir.student_id_exclude or "").split(",")
        for folder in sorted(glob.glob(self.src_path)):
            student = student_of(folder, self.coursedir, self.coursedir.feedback_directory)
            if student in excluded:
                continue
            try:
                self._release(Path(folder), student)
            except Exception as error:
                raise_if_full(error)
                self.log.error("feedback for %s could not be released", student, exc_info=True)
                self.looks.add(student, f"feedback was not released ({type(error).__name__}: {error})", f"see {folder}")

    def _release(self, folder: Path, student: str) -> None:
        """Copy a student's pages to where only somebody with the submission's secret finds them."""
        pages = sorted(path for path in folder.glob("*.html") if path.is_file() and not path.is_symlink())
        secret = read_secret(folder)
        if secret is None and pages:
            why = f"feedback was not released: {SECRET} is missing or cannot be used, so nobody could fetch it"
            self.looks.add(student, why, f"give {pages[0]} to the student, or have them submit again")
            return
        for page in pages:
            name = notebook_hash(secret=secret, notebook_id=page.stem)
            target = Path(self.dest_path, f"{name}.html")
            draft = target.with_name(f"{name}-tmp.html")
            shutil.copy(page, draft)
            os.replace(draft, target)
            when = read_time(folder) or "at an unknown time"
            self.log.info("Feedback on %s, handed in %s, released to %s: %s", page.stem, when, student, target)
