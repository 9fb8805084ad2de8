"""Hidden tests of task 3: two runs, read in the clean room."""

import pytest

from autograder.graders.ecosystem.oracles import check_nothing_changed, close_singles, curve, singles, write_files
from autograder.grading import assert_close, check, read_folder

TRAIN, VALIDATION = "train", "validation"


def epochs(rng, *names, count=5):
    """A history of random numbers."""
    return {name: [number for _, number in curve(rng, count)] for name in names}


def runs_of(student, clean, history):
    """By run and tag: the steps and values that the student's function leaves."""
    folder = student.run(write_files, {}) + "/logs"
    student.log_history(folder, history)
    return curves_in(clean, student.run(read_folder, folder))


def curves_in(clean, files):
    """By run and tag: the steps and values in these files, in the order of the steps."""
    found = {}
    for run, points in clean.event_files(files).items():
        tags = found.setdefault(run, {})
        for tag, step, number in sorted(points, key=lambda point: point[1]):
            tags.setdefault(tag, ([], []))
            tags[tag][0].append(step)
            tags[tag][1].append(float("nan") if number is None else number)
    return found


def values(found, run, tag):
    """The values of one curve."""
    curves = found.get(run, {})
    check(tag in curves, f"the run {run} must have the tag {tag}", got=sorted(curves))
    return curves[tag][1]


@pytest.mark.points(1)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    '    log_history(folder, {"loss": [0.5], "accuracy": [0.25], "val_loss": [0.75]})\n'
    '    paths = list(Path(folder).glob("*/*tfevents*"))\n'
    "    events = [(path.parent.name, e) for path in paths for e in tf.compat.v1.train.summary_iterator(str(path))]\n"
    "sorted(run for run, event in events for value in event.summary.value)",
    gives=["train", "train", "validation"],
)
def test_two_runs(student, clean, rng):
    """Training and validation are two runs, each with its own values.

    Hint: two folders, two writers.
    """
    history = epochs(rng, "loss", "learning_rate", "val_f1")  # each run has curves of its own
    history["loss"][-1], history["val_f1"][-1] = float("nan"), float("inf")  # as of a training that has diverged
    history["learning_rate"][:2] = 0.0, 0.0
    found = runs_of(student, clean, history)
    check(set(found) == {TRAIN, VALIDATION}, "there must be the runs train and validation", got=sorted(found))
    for run, names in ((TRAIN, ("loss", "learning_rate")), (VALIDATION, ("val_f1",))):
        got = sorted(curve[1] for curve in found[run].values())
        check(
            len(got) == len(names),
            f"the run {run} must have a curve for each of its names in the history",
            got=sorted(found[run]),
        )
        close_singles(got, sorted(history[name] for name in names), f"the list of curves in the run {run}")


@pytest.mark.points(1)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    '    log_history(folder, {"accuracy": [0.5], "val_accuracy": [0.25]})\n'
    '    paths = list(Path(folder).glob("*/*tfevents*"))\n'
    "    events = [(path.parent.name, e) for path in paths for e in tf.compat.v1.train.summary_iterator(str(path))]\n"
    "sorted((run, value.tag) for run, event in events for value in event.summary.value)",
    gives=[("train", "accuracy"), ("validation", "accuracy")],
)
def test_the_same_tags_in_both(student, clean, rng):
    """Both runs have the same tags, so that TensorBoard draws them into the same charts.

    Hint: name.removeprefix("val_"), which takes away this prefix and nothing else.
    """
    tags = {"accuracy", "loss", "interval_error", "value_error"}
    names = [name for tag in sorted(tags) for name in (f"val_{tag}", tag)]  # a dict in no order that helps
    history = epochs(rng, *names)
    found = runs_of(student, clean, history)
    for run in (TRAIN, VALIDATION):
        got = set(found.get(run, {}))
        check(got == tags, f"the run {run} must have the tags of the history, without val_", got=sorted(got))
    for tag in sorted(tags):
        close_singles(values(found, VALIDATION, tag), history[f"val_{tag}"], f"the list of values of {tag}")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    '    log_history(folder, {"loss": [0.5, 0.25], "val_loss": [0.75, 0.5]})\n'
    '    paths = list(Path(folder).glob("*/*tfevents*"))\n'
    "    events = [(path.parent.name, e) for path in paths for e in tf.compat.v1.train.summary_iterator(str(path))]\n"
    "sorted((run, event.step) for run, event in events for value in event.summary.value)",
    gives=[("train", 0), ("train", 1), ("validation", 0), ("validation", 1)],
)
def test_steps_are_epochs(student, clean, rng):
    """The step of a value is the number of its epoch, and the first epoch is 0, also of a second training.

    Hint: enumerate counts from 0. What is in the folder stays. The history belongs to the caller, and so do
    the default step and the default writer of tf.summary.
    """
    count = int(rng.integers(3, 9))
    there = {"logs/train/checkpoint.pt": rng.bytes(40), "logs/test/notes.txt": b"not yet"}
    folder = student.run(write_files, there)
    for number in (count, count + 2):
        history = epochs(rng, "loss", "accuracy", "val_loss", count=number)
        check_nothing_changed(student, student.log_history, f"{folder}/logs", history)
    files = student.run(read_folder, folder)
    same = all(files.get(name) == content for name, content in there.items())
    check(same, "what was in the folder before must stay", got=sorted(files))
    found = curves_in(clean, files)
    curves = [curve for tags in found.values() for curve in tags.values()]
    check(len(curves) > 0, "there must be curves in the runs", got=sorted(found))
    for steps, _ in curves:
        both = sorted([*range(count), *range(count + 2)])
        assert_close(steps, both, what="the list of steps of both trainings, sorted")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    '    log_history(folder, {"loss": [0.5, 0.25]})\n'
    "    found = sorted(path.name for path in Path(folder).iterdir())\n"
    "found",
    gives=["train"],
)
def test_without_validation_data(student, clean, rng):
    """Without validation data there is one run, and no empty one beside it.

    Hint: a writer makes its file before the first value comes.
    """
    history = {name: [1e-6 * float(singles(rng, 1)[0])] for name in ("loss", "accuracy")}  # of one epoch
    found = runs_of(student, clean, history)
    check(set(found) == {TRAIN}, "there must be one run, called train", got=sorted(found))
    close_singles(values(found, TRAIN, "loss"), history["loss"], "the list of values of loss")
