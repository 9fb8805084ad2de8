"""Hidden tests of task 1: event files, read in the clean room."""

import numpy as np
import pytest

from autograder.graders.ecosystem.oracles import check_points, curve, write_files
from autograder.grading import check, read_folder


def logged(student, clean, *several):
    """What is in the folder itself, by tag, once each of these dicts of series has been logged there."""
    folder = student.run(write_files, {}) + "/logs/run"
    for series in several:
        student.log_scalars(folder, series)
    runs = clean.event_files(student.run(read_folder, folder))
    check(set(runs) == {""}, "the event files must be in the folder itself, and nowhere below", got=sorted(runs))
    found = {}
    for tag, step, number in runs[""]:
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
    points = curve(rng, 30)
    found = logged(student, clean, {"loss": points})
    count = sum(map(len, found.values()))
    check(count == len(points), "as many values must be in the event files as were given", got=count)


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

    Hint: the step of a value is the one that came with it, not its place in the list.
    """
    series = {"loss": curve(rng, 7), "accuracy": curve(rng, 4), "weights/first layer": curve(rng, 1)}
    found = logged(student, clean, series)
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

    Hint: a writer makes a new file; leave the old ones alone.
    """
    points = curve(rng, 6)
    found = logged(student, clean, {"loss": points[:3]}, {"loss": points[3:], "accuracy": points})
    check(set(found) == {"loss", "accuracy"}, "the tags must be those of both calls", got=sorted(found))
    check_points(sorted(found["loss"]), points, "the curve of both calls")


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
    """A loss that has diverged is logged as well, and so are numpy's numbers and very large steps.

    Hint: no condition on the value, no int32 for the step.
    """
    far = int(rng.integers(10**9, 10**10)) * 4
    points = [(0, np.float32(0.5)), (1, np.float64(0.25)), (7, np.nan), (8, np.inf), (far, 3)]
    found = logged(student, clean, {"loss": points})
    check_points(found.get("loss"), [(step, float(number)) for step, number in points], "the curve")
