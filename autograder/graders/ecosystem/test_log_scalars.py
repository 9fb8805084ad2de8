"""Hidden tests of task 1: event files, read in the clean room."""

import numpy as np
import pytest

from autograder.graders.ecosystem.oracles import check_nothing_changed, check_points, curve, far_step, write_files
from autograder.grading import assert_close, check, probe, read_folder


@probe
def remove(folder):
    """Remove a folder with all that is in it, and say whether it was there."""
    import os
    import shutil

    there = os.path.isdir(folder)
    shutil.rmtree(folder, ignore_errors=True)
    return there


@probe
def seen_by_tensorboard(folder, tag):
    """The steps of a curve, as TensorBoard shows it: a tensor is a point only if it says that it is a scalar."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(folder, size_guidance={"scalars": 0, "tensors": 0}).Reload()
    kept = log.Tags()
    plain = log.Scalars(tag) if tag in kept["scalars"] else []
    about = log.summary_metadata.get(tag)
    shown = about is not None and about.plugin_data.plugin_name == "scalars"
    tensors = log.Tensors(tag) if tag in kept["tensors"] and shown else []
    return sorted(event.step for event in [*plain, *tensors])


def new_folder(student):
    """A folder that is not there yet."""
    return student.run(write_files, {}) + "/logs/run"


def logged(student, clean, folder, *several):
    """What is in the folder itself, by tag, once each of these dicts of series has been logged there."""
    for series in several:
        student.log_scalars(folder, series)
    return content(clean, student.run(read_folder, folder))


def content(clean, files):
    """What is in the folder itself, by tag, in the order of the steps: each value may be in a file of its own."""
    runs = clean.event_files(files)
    check(set(runs) == {""}, "the event files must be in the folder itself, and nowhere below", got=sorted(runs))
    found = {}
    for tag, step, number in sorted(runs[""], key=lambda point: point[1]):
        found.setdefault(tag, []).append((step, np.nan if number is None else number))
    return found


@pytest.mark.points(1)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    '    log_scalars(folder, {"loss": [(3, 0.5), (9, 0.25)]})\n'
    '    paths = [str(path) for path in Path(folder).glob("*tfevents*")]\n'
    "    events = [event for path in paths for event in tf.compat.v1.train.summary_iterator(path)]\n"
    "sum(len(event.summary.value) for event in events)",
    gives=2,
)
def test_on_disk_when_it_returns(student, clean, rng):
    """Everything is on the disk when the function returns, and not some minutes later.

    Hint: close the writer.
    """
    points, folder = curve(rng, 130), new_folder(student)
    for what in ("the event files", "the event files of a folder that was removed and is logged to again"):
        found = logged(student, clean, folder, {"loss": points})
        count = sum(map(len, found.values()))
        check(count == len(points), f"as many values must be in {what} as were given", got=count)
        student.run(remove, folder)
    student.log_scalars(folder, {"loss": []})
    check(student.run(remove, folder), "the folder must be made, also where a curve has no points yet")


@pytest.mark.points(1.5)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    '    log_scalars(folder, {"loss": [(3, 0.5), (9, 0.25)], "accuracy": [(3, 0.75)]})\n'
    '    paths = [str(path) for path in Path(folder).glob("*tfevents*")]\n'
    "    events = [event for path in paths for event in tf.compat.v1.train.summary_iterator(path)]\n"
    "sorted((value.tag, event.step) for event in events for value in event.summary.value)",
    gives=[("accuracy", 3), ("loss", 3), ("loss", 9)],
)
def test_tags_steps_and_values(student, clean, rng):
    """The event files hold exactly the tags, steps and values that were given.

    Hint: the step of a value is the one that came with it, not its place in the list. The default step and the default
    writer of tf.summary are the caller's: a writer may be the default in a with, which puts the old one back.
    """
    counts = {"loss": 7, "Top-5/F1": 4, "weights/first layer": 1, "損失": 2}
    series = {tag: curve(rng, count) for tag, count in counts.items()}
    folder = new_folder(student)
    check_nothing_changed(student, student.log_scalars, folder, series | {"not measured": []})
    found = content(clean, student.run(read_folder, folder))
    check(set(found) == set(series), "the tags must be those that were given", got=sorted(found))
    for tag, points in series.items():
        check_points(found[tag], points, f"the curve {tag}")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    '    log_scalars(folder, {"loss": [(3, 0.5)]})\n'
    '    log_scalars(folder, {"loss": [(9, 0.25)]})\n'
    '    paths = [str(path) for path in Path(folder).glob("*tfevents*")]\n'
    "    events = [event for path in paths for event in tf.compat.v1.train.summary_iterator(path)]\n"
    "sorted(event.step for event in events for value in event.summary.value)",
    gives=[3, 9],
)
def test_what_was_there_stays(student, clean, rng):
    """Logging into the same folder again adds to what is there.

    Hint: a writer makes a new file; leave the old ones alone. TensorBoard takes a tensor for a scalar only if it is
    written as one.
    """
    points, folder = curve(rng, 6), new_folder(student)
    again = [*points[:3], (points[3][0], points[3][1] + 1.0)]  # one step has a value already
    student.log_scalars(folder, {"loss": points[3:]})
    student.log_scalars(folder, {"loss": again, "accuracy": points})
    files, both = student.run(read_folder, folder), sorted([*again, *points[3:]])
    found = content(clean, files)
    check(set(found) == {"loss", "accuracy"}, "the tags must be those of both calls", got=sorted(found))
    check_points(sorted(found["loss"]), both, "the curve of both calls")
    seen = clean.run(seen_by_tensorboard, clean.run(write_files, files), "loss")
    assert_close(seen, [step for step, _ in both], what="the list of steps that TensorBoard shows of both calls")


@pytest.mark.points(1)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    '    log_scalars(folder, {"loss": [(3, np.float64(0.5)), (5_000_000_000, np.nan)]})\n'
    '    paths = [str(path) for path in Path(folder).glob("*tfevents*")]\n'
    "    events = [event for path in paths for event in tf.compat.v1.train.summary_iterator(path)]\n"
    "sorted(event.step for event in events for value in event.summary.value)",
    gives=[3, 5_000_000_000],
)
def test_all_kinds_of_numbers(student, clean, rng):
    """A loss that has diverged is logged as well, and so are a 0, numpy's numbers and very large steps.

    Hint: no condition on the value, no int32 for the step.
    """
    far = far_step(rng)
    points = [(0, np.float32(0.5)), (1, np.float64(0.25)), (2, 0.0), (3, 0.0), (4, np.float16(0.5))]
    points += [(7, np.nan), (8, np.inf), (9, -np.inf), (far, 3), (far + 2, np.int64(5))]
    found = logged(student, clean, new_folder(student), {"loss": points})
    check_points(found.get("loss"), [(step, float(number)) for step, number in points], "the curve")
