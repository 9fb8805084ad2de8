"""nbgrader's collect, changed so that one student's bad folder does not stop the collection of the others."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect

from autograder.bridge.hidden import HiddenGraders
from autograder.bridge.repair import repair
from autograder.notebook.read import MAX_BYTES


class CollectSubmissions(ExchangeCollect):
    """Collects as nbgrader does, but follows no link out of a submission and repairs what cannot be graded."""

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one submission; nbgrader calls this for every submission it collects."""
        sprint = HiddenGraders(parent=self).sprint(self.coursedir.assignment_id)
        if sprint is None:
            super().do_copy(src, dest, log)
            return
        reason = self._why_not(src, f"{sprint.slug}.ipynb")
        if reason is None:
            try:
                with tempfile.TemporaryDirectory(prefix="collect-") as staging:
                    plain = os.path.join(staging, "submission")
                    shutil.copytree(src, plain, symlinks=True, ignore=_links_and_devices)
                    super().do_copy(plain, dest, log)
            except OSError:  # includes shutil.Error
                self.log.exception("%s cannot be copied", src)
                reason = "what was handed in cannot be read"
        if reason is not None:
            self.log.warning("%s: %s; it stays in the exchange", src, reason)
            shutil.rmtree(dest, ignore_errors=True)
            os.makedirs(dest)
            Path(dest, "timestamp.txt").write_text(os.path.basename(src).rsplit("+", 3)[2])
        repair(Path(dest), sprint, self.log, reason)

    def _why_not(self, src: str, notebook: str) -> str | None:
        """Why a submission cannot be copied; checked before any of its files is read."""
        if os.path.islink(src) or not os.path.isdir(src):
            return "what was handed in is not a folder"
        path, limit = os.path.join(src, notebook), 1000 * self.coursedir.max_dir_size
        if os.path.lexists(path) and (size := os.lstat(path).st_size) > min(MAX_BYTES, limit):
            return f"the notebook is too large ({size / 1e6:.0f} MB, and {MAX_BYTES / 1e6:.0f} MB at most)"
        if (size := self.get_size(src)) > limit:
            return f"the folder handed in is too large ({size / 1e6:.0f} MB, and {limit / 1e6:.0f} MB at most)"
        return None


def _links_and_devices(folder: str, names: list[str]) -> list[str]:
    """Entries that are neither a file nor a folder: a link may point at the graders, and reading a pipe never ends."""
    modes = ((name, os.lstat(os.path.join(folder, name)).st_mode) for name in names)
    return [name for name, mode in modes if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))]
