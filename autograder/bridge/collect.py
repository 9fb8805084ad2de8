"""nbgrader's collect, changed so that one student's files do not stop the collection of the others.

Only what has a name that can be shown comes in, and only as plain files and folders that this user may write. The time
comes from the exchange, never from a file of the student's. What cannot come in is that student's line at the end.

In a folder, an entry's name has its student and its time, and the student's own process wrote the name. So who owns the
entry, and when its files were last written by this machine's clock, is compared with that.
"""

from __future__ import annotations

import contextlib
import datetime
import logging
import os
import pwd
import shutil
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import parse_utc
from traitlets import Instance

from autograder.bridge.hidden import HiddenGraders
from autograder.bridge.looks import Looks
from autograder.bridge.platform_files import SECRET, TIME, read_secret, unusable, why_no_time
from autograder.bridge.repair import repair
from autograder.errors import BadInput, raise_if_full
from autograder.notebook.files import copy_plain_file, plain_files
from autograder.notebook.names import shown, why_no_student
from autograder.notebook.read import MAX_BYTES
from autograder.temporary import temporary_folder

ASK = "ask the student to submit again"
TOLERANCE = datetime.timedelta(minutes=2)
"""How much later than its time an entry may be written: the time is of before it was copied into the exchange."""


class CollectSubmissions(ExchangeCollect):
    """Collects as nbgrader does, but follows no link out of a submission and repairs what cannot be graded."""

    src_records: list[dict[str, Any]]
    looks = Instance(Looks, ())
    wants_secret = True
    """Does the exchange release feedback under a secret that comes with the submission?"""
    students_name_entries = True
    """Do students make the entries of the exchange themselves, so that their names say what students want?"""

    def start(self) -> Any:
        """Collect, and end with who needs a look."""
        try:
            return super().start()
        finally:
            self.looks.tell(self.log)

    def init_src(self) -> None:
        """Find what to collect; an entry of the exchange without a usable name is left out."""
        super().init_src()
        self.src_records = [record for record in self.src_records if record["username"]]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """What the name of an entry in the exchange says; students choose these names."""
        name = os.path.basename(path)
        parts = name.rsplit("+", 3)
        why = "the name in the exchange has no student, assignment and time" if len(parts) < 3 else None
        why = why or why_no_student(parts[0])
        if why is None and (bad := why_no_time(parts[2])):
            why = f"the time in the name of the submission is {bad}"
        if why is not None:
            self.looks.add(parts[0], f"{shown(name)} is not collected: {why}", ASK)
            return {"username": "", "filename": name, "timestamp": datetime.datetime.min}
        record: dict[str, Any] = super()._path_to_record(path)
        return record

    def _sort_by_timestamp(self, records: list[dict[str, Any]]) -> Any:
        """A student's entries, the newest first; none that another account made, if there is one of the student's own.

        Where the accounts of students have other names than the students, nobody's entry can be told from another's.
        """
        if self.check_owner and self.students_name_entries:
            owners = {record["filename"]: owner_of(Path(self.inbound_path, record["filename"])) for record in records}
            own = [record for record in records if owners[record["filename"]] == record["username"] != ""]
            for record in (record for record in records if own and record not in own):
                what = f"{shown(record['filename'])} is not collected: {owners[record['filename']]} made it"
                self.looks.add(record["username"], what, "an entry of the student's own is collected")
            records = own or records
        return super()._sort_by_timestamp(records)

    def _compare_time(self, src: Path) -> None:
        """Tell if an entry's files were written after its time and after the due date."""
        named = src.name.rsplit("+", 3)[2]
        due = getattr(self, "duedate", None)
        if not self.students_name_entries or due is None:
            return
        written = written_at(src)
        if written <= max(parse_utc(named), due) + TOLERANCE:
            return
        what = (
            f"handed in at {named.strip()} by the name of the entry, but its files are of {written:%Y-%m-%d %H:%M} UTC"
        )
        to_do = f"if nobody copied the exchange since, write that into {TIME}"
        self.looks.add(student_in(src), f"{what}, after the due date", to_do)

    def copy_files(self) -> None:
        """Collect one submission after the other; an error costs only the submission that has it."""
        records = self.src_records
        if not records:
            super().copy_files()
            return
        slug = self.coursedir.assignment_id
        self.log.info("Processing %d submissions of '%s' for course '%s'", len(records), slug, self.coursedir.course_id)
        for record in records:
            try:
                self._put_away_time(record["username"])
                self.src_records = [record]
                with _Without(self.log, "Processing 1 submissions"):
                    super().copy_files()
            except Exception as error:
                raise_if_full(error)
                self.log.error("%s could not be collected", record["username"], exc_info=True)
                self.looks.add(record["username"], f"not collected ({type(error).__name__}: {error})", ASK)
        self.src_records = records

    def _put_away_time(self, student: str) -> None:
        """Remove a collected time that cannot be read: nbgrader would end at it."""
        folder = Path(
            self.coursedir.format_path(self.coursedir.submitted_directory, student, self.coursedir.assignment_id)
        )
        for path in unusable(folder):
            path.rename(path.with_name(f"{path.name}.{os.getpid()}.unreadable"))

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one submission; nbgrader calls this for every submission it collects."""
        self._compare_time(Path(src))
        sprint = HiddenGraders.of(self).sprint(self.coursedir.assignment_id)
        if sprint is None:
            if reason := self._why_not(src):
                raise BadInput(reason)
            self._copy_plain(src, dest, log)
            self._platform_files(Path(src), Path(dest))
            return
        student = student_in(src)
        reason = self._why_not(src, f"{sprint.slug}.ipynb")
        if reason is None:
            try:
                self._copy_plain(src, dest, log, f"{sprint.slug}.ipynb")
            except OSError as error:  # includes shutil.Error
                raise_if_full(error)
                self.log.exception("%s cannot be copied", src)
                reason = "what was handed in cannot be read"
        if reason is not None:
            self.log.warning("%s: %s; it stays in the exchange", src, reason)
            shutil.rmtree(dest, ignore_errors=True)
            os.makedirs(dest)
        self._platform_files(Path(src), Path(dest))
        for what in repair(Path(dest), sprint, self.log, reason):
            self.looks.add(student, what, ASK)

    def _copy_plain(self, src: str, dest: str, log: Any, first: str = "") -> None:
        """Copy the plain files as nbgrader would, which copies what a link leads to: anything of the instructor's.

        The folder itself gets the rights that it has in the exchange, as nbgrader's tests ask, and its owner all.
        """
        student = student_in(src)
        with temporary_folder("collect") as staging:
            plain = Path(staging, "submission")
            for what in copy_plain(Path(src), plain, first):
                self.looks.add(student, what, "the rest is collected; it stays in the exchange")
            plain.chmod(os.stat(src).st_mode & 0o777 | 0o700)
            super().do_copy(str(plain), dest, log)

    def _platform_files(self, src: Path, dest: Path) -> None:
        """Write the platform's own files: the time by the exchange, and the secret if it can be used."""
        for name in (TIME, SECRET):
            if os.path.isdir(dest / name):
                shutil.rmtree(dest / name)
            (dest / name).unlink(missing_ok=True)
        (dest / TIME).write_text(src.name.rsplit("+", 3)[2], encoding="utf-8")
        secret = read_secret(src) if not src.is_symlink() else None
        if secret is not None:
            (dest / SECRET).write_text(secret, encoding="utf-8")
        elif self.wants_secret:
            student = student_in(src)
            self.looks.add(student, f"{SECRET} is missing or cannot be used, so feedback cannot be fetched", ASK)

    def _why_not(self, src: str, notebook: str = "") -> str | None:
        """Why a submission cannot be copied; checked before any of its files is read."""
        if os.path.islink(src) or not os.path.isdir(src):
            return "what was handed in is not a folder"
        path, limit = os.path.join(src, notebook), 1000 * self.coursedir.max_dir_size
        if os.path.lexists(path) and (size := os.lstat(path).st_size) > min(MAX_BYTES, limit):
            return f"the notebook is too large ({size / 1e6:.0f} MB, and {MAX_BYTES / 1e6:.0f} MB at most)"
        if (size := sum(os.lstat(Path(src, file)).st_size for file in plain_files(Path(src))[0])) > limit:
            return f"the folder handed in is too large ({size / 1e6:.0f} MB, and {limit / 1e6:.0f} MB at most)"
        return None


def copy_plain(source: Path, target: Path, first: str = "") -> list[str]:
    """Copy the plain files of a folder that somebody else filled, without its rights; say what was left out.

    ``first``: the name of the file that is copied in any case, however many others there are.
    """
    files, left = plain_files(source)
    target.mkdir(parents=True)
    plain = bool(first) and not (source / first).is_symlink()
    if plain and (source / first).is_file():
        files = [Path(first), *(file for file in files if file != Path(first))]
    for file in files:
        (target / file).parent.mkdir(parents=True, exist_ok=True)
        try:
            copy_plain_file(source.parent, Path(source.name, file), target / file)
        except OSError as error:
            raise_if_full(error)
            left[shown(file)] = "it changed while it was copied"
    if plain and (source / first).is_dir():
        (target / first).mkdir(exist_ok=True)  # kept in view, and set aside with the reason
    what = [f"{path}: {why}" for path, why in left.items()]
    return [f"left out: {'; '.join(what[:3])}{f' and {len(what) - 3} more' if len(what) > 3 else ''}"] if what else []


def student_in(entry: str | Path) -> str:
    """The student of an entry, by its name: STUDENT+ASSIGNMENT+TIME+SECRET, where the id may have a plus too."""
    return os.path.basename(entry).rsplit("+", 3)[0]


def owner_of(path: Path) -> str:
    """The name of the account that owns an entry; its number if it has no name."""
    try:
        uid = os.lstat(path).st_uid
    except OSError:
        return ""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def written_at(folder: Path) -> datetime.datetime:
    """When a folder or a plain file in it was last changed, by the system's clock, which no call sets; UTC."""
    latest = 0.0
    for path in (folder, *(folder / file for file in plain_files(folder)[0])):
        with contextlib.suppress(OSError):
            latest = max(latest, os.lstat(path).st_ctime)
    return datetime.datetime.fromtimestamp(latest, datetime.UTC).replace(tzinfo=None)


class _Without(logging.Filter):
    """Keeps messages that begin with a text out of a log, for a while."""

    def __init__(self, log: logging.Logger, text: str) -> None:
        super().__init__()
        self._log, self._text = log, text

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith(self._text)

    def __enter__(self) -> None:
        self._log.addFilter(self)

    def __exit__(self, *_: object) -> None:
        self._log.removeFilter(self)
