"""Are TensorBoard's event files read as what they hold, whoever wrote them, and is damage the student's fault?"""

from __future__ import annotations

import math

import pytest

from autograder.errors import CheckFailed, StudentError
from autograder.grading import probe, read_folder
from autograder.grading.clean_room import checks, event_files
from autograder.jail.warm import WarmJail
from tests.support.artifacts import Room, student_in
from tests.support.event_files import FIRST, event_file, histogram, scalar
from tests.support.jails import needs_sandbox

pytestmark = needs_sandbox
NAME = "events.out.tfevents.1"
LOG = event_file([FIRST, scalar("loss", 0, 0.5), scalar("loss", 10**10, math.inf), scalar("accuracy", 3, -2.0)])


@probe
def log(folder):
    import tensorflow as tf
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(f"{folder}/torch") as writer:
        for step in (2, 5):
            writer.add_scalar("loss", step / 4, step)
    writer = tf.summary.create_file_writer(f"{folder}/tf")
    with writer.as_default():
        for step in (2, 5):
            tf.summary.scalar("loss", step / 4, step=step)
    writer.close()


def test_both_frameworks_write_the_same(jail: WarmJail, clean: Room) -> None:
    """Is a scalar a scalar, of PyTorch's writer and of TensorFlow's?"""
    with student_in(jail) as student:
        student.run(log, "runs")
        files = student.run(read_folder, "runs")
    logged = [("loss", 2, 0.5), ("loss", 5, 1.25)]
    assert clean.event_files(files) == {"torch": logged, "tf": logged}


def test_runs_are_folders_and_files_are_read_in_order(clean: Room) -> None:
    """Do the files of a folder make one run, and is what TensorBoard does not read left aside?"""
    later = event_file([FIRST, scalar("loss", 20, 0.25)])
    got = clean.event_files({"events.out.tfevents.2": later, NAME: LOG, f"a/b/{NAME}": later, "notes.txt": b"mine"})
    assert got[""] == [("loss", 0, 0.5), ("loss", 10**10, math.inf), ("accuracy", 3, -2.0), ("loss", 20, 0.25)]
    assert got["a/b"] == [("loss", 20, 0.25)]


def test_what_is_no_scalar_has_no_value(clean: Room) -> None:
    """Is a histogram there, without a number, and an empty file a run without anything?"""
    assert clean.event_files({NAME: event_file([FIRST, histogram("w", 1)])}) == {"": [("w", 1, None)]}
    assert clean.event_files({NAME: event_file([FIRST])}) == {"": []}
    assert clean.event_files({}) == {}


@pytest.mark.parametrize("place", [60, len(LOG) - 20, len(LOG) - 1])
def test_damage_is_the_students(clean: Room, place: int) -> None:
    """Is a file that is cut off, or has one wrong bit, refused in words, and the next one read?"""
    wrong = bytearray(LOG)
    wrong[place] ^= 1
    for damaged in (LOG[:place], bytes(wrong)):
        with pytest.raises(StudentError, match=f"the event file {NAME} is damaged, or cut off$"):
            clean.event_files({NAME: damaged})
    assert len(clean.event_files({NAME: LOG})[""]) == 3


def test_records_of_anything_else_are_refused(clean: Room) -> None:
    """Is a record with right checksums and no event in it an error of the student's?"""
    import io

    from tensorboard.summary.writer.record_writer import RecordWriter

    file = io.BytesIO()
    RecordWriter(file).write(b"\xff" * 40)
    with pytest.raises(StudentError):
        clean.event_files({NAME: file.getvalue()})


def test_sizes_and_names_are_bounded(clean: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is what is too much, or lies elsewhere, refused?"""
    monkeypatch.setattr(event_files, "MAX_VALUES", 2)
    with pytest.raises(StudentError, match="the event files hold more than 2 values"):
        clean.event_files({NAME: LOG})
    with pytest.raises(CheckFailed, match="which does not lie in its folder"):
        clean.event_files({f"../{NAME}": LOG})
    with pytest.raises(CheckFailed, match="the log folder must come as files by name"):
        clean.event_files(LOG)  # type: ignore[arg-type]
    monkeypatch.setattr(checks, "MAX_BYTES", 100)
    with pytest.raises(CheckFailed, match="a file of the log folder has"):
        clean.event_files({NAME: LOG})
