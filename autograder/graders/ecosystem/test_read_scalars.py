"""Hidden tests of task 2: event files that the grader has written."""

import pytest

from autograder.graders.ecosystem.oracles import all_kinds, as_points, check_points, curve, event_file, write_files
from autograder.grading import raises

FIRST, SECOND, THIRD, FOURTH = (f"events.out.tfevents.170000000{second}.host" for second in range(4))
TAG = "F1 (best) [0]+"


def read(student, tag, **files):
    """The curve that the student's function finds in a folder of so many files."""
    names = {"first": FIRST, "second": SECOND, "third": THIRD, "tensorflow": f"{SECOND}.v2"}
    folder = student.run(write_files, {names[key]: content for key, content in files.items()})
    return student.read_scalars(folder, tag)


def run_folder(student, files):
    """A folder of these files, with a name as runs have them."""
    run = "lr=0.1 [64, 10]"
    return student.run(write_files, {f"{run}/{name}": content for name, content in files.items()}) + f"/{run}"


@pytest.mark.points(1)
@pytest.mark.example(
    "from tensorboard.compat.proto.event_pb2 import Event\n"
    "from tensorboard.compat.proto.summary_pb2 import Summary\n"
    "from tensorboard.summary.writer.event_file_writer import EventFileWriter\n"
    "\n"
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    writer = EventFileWriter(folder)\n"
    "    for step in (3, 9):\n"
    '        loss = Summary.Value(tag="loss", simple_value=step / 4)\n'
    "        writer.add_event(Event(step=step, summary=Summary(value=[loss])))\n"
    "    writer.close()\n"
    '    points = read_scalars(folder, "loss")\n'
    "points",
    gives=[(3, 0.75), (9, 2.25)],
)
def test_files_of_pytorch(student, rng):
    """What PyTorch's writer has written is read: scalars as plain numbers, also a step or a value of 0, and NaN.

    Hint: value.simple_value, or Scalars(tag) of an EventAccumulator.
    """
    points = all_kinds(rng)
    check_points(read(student, "loss", first=event_file("loss", points)), points, "the curve")


@pytest.mark.points(1)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    with tf.summary.create_file_writer(folder).as_default():\n"
    "        for step in (3, 9):\n"
    '            tf.summary.scalar("loss", step / 4, step=step)\n'
    '    points = read_scalars(folder, "loss")\n'
    "points",
    gives=[(3, 0.75), (9, 2.25)],
)
def test_files_of_tensorflow(student, rng):
    """What TensorFlow's writer has written is read: scalars as tensors, of which the values are floats.

    Hint: tf.make_ndarray(value.tensor), or Tensors(tag) of an EventAccumulator; float() makes a float of it.
    """
    points = all_kinds(rng)
    check_points(read(student, "loss", tensorflow=event_file("loss", points, of_tensorflow=True)), points, "the curve")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    with tf.summary.create_file_writer(folder).as_default():\n"
    "        for step in range(25):\n"
    '            tf.summary.scalar("loss", step / 4, step=step)\n'
    '    points = read_scalars(folder, "loss")\n'
    "len(points)",
    gives=25,
)
def test_long_curves(student, rng):
    """Every point of a long curve is there, also where a training was resumed and has logged steps a second time.

    Hint: an EventAccumulator keeps all points if its size_guidance says 0. A dict by step keeps one for each step.
    """
    points = curve(rng, 2100)
    for name, some in (("tensorflow", points), ("first", points[:1100])):
        file = event_file("loss", some, of_tensorflow=name == "tensorflow")
        check_points(read(student, "loss", **{name: file}), some, "the curve")
    head = points[:30]
    # from a checkpoint that was written at step 20, of which the value is the same
    again = [points[20], *((step, number + 1.0) for step, number in points[21:40])]
    first, second = event_file("loss", head), event_file("loss", again)
    got = as_points(read(student, "loss", first=first, second=second), "the curve of a resumed training")
    check_points(sorted(got), sorted([*head, *again]), "the curve of a resumed training, sorted")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    '    for place, step in ((folder, 9), (folder, 3), (f"{folder}/another run", 5)):\n'
    "        with tf.summary.create_file_writer(place).as_default():\n"
    '            tf.summary.scalar("loss", step / 4, step=step)\n'
    '    points = read_scalars(folder, "loss")\n'
    "points",
    gives=[(3, 0.75), (9, 2.25)],
)
def test_several_files_of_one_run(student, rng):
    """All files of the folder are one curve in the order of steps; other tags and other runs are not in it.

    Hint: read every event file in the folder, nothing else that lies there, none in folders below, and sort at the end.
    To glob.glob, brackets in the name of a folder are a pattern.
    """
    points = curve(rng, 12)
    some, others, latest = points[1:9:2], points[0:9:2], points[9:]  # neither file is before the other
    tags = (f"{TAG}y", f"layer/{TAG}", TAG.lower(), TAG[:2])
    names = {FIRST: event_file(TAG, some, beside="accuracy"),
             f"{SECOND}.v2": event_file(TAG, others, of_tensorflow=True, beside="keras"),
             THIRD: b"".join(event_file(tag, curve(rng, 2)) for tag in tags),
             f"validation/{FIRST}": event_file(TAG, curve(rng, 5)),
             "checkpoint.pt": rng.bytes(40), "notes.txt": b"the one with two layers"}  # fmt: skip
    folder = run_folder(student, names)
    check_points(student.read_scalars(folder, TAG), points[:9], "the curve")
    more = {FIRST: event_file(TAG, [*some, latest[0]], beside="accuracy"), FOURTH: event_file(TAG, latest[1:])}
    student.run(write_files, more, folder)
    check_points(student.read_scalars(folder, TAG), points, "the curve of a training that goes on")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    with tf.summary.create_file_writer(folder).as_default():\n"
    "        for step in (3, 9):\n"
    '            tf.summary.scalar("loss", step / 4, step=step)\n'
    "    (path,) = Path(folder).iterdir()\n"
    "    path.write_bytes(path.read_bytes()[:-5])  # in the middle of the last record\n"
    '    points = read_scalars(folder, "loss")\n'
    "points",
    gives=[(3, 0.75)],
)
def test_a_file_that_is_cut_off(student, rng):
    """Of a file that ends in the middle of a record, everything before the cut is read, and of the others everything.

    Hint: a reader that raises at the cut has given you what was before it.
    """
    points = curve(rng, 9)
    head, tail = points[:6], points[6:]
    whole, shorter = event_file("loss", head), event_file("loss", head[:-1])
    cut, other = whole[: (len(whole) + len(shorter)) // 2], event_file("loss", tail)
    check_points(read(student, "loss", first=cut), head[:-1], "the curve")
    check_points(read(student, "loss", first=cut, second=other), head[:-1] + tail, "the curve of two files")
    check_points(read(student, "loss", first=other, second=cut), head[:-1] + tail, "the curve of two files")
    cut = whole[: len(shorter) + 5]  # in the length of the last record
    got = read(student, "loss", first=cut, second=other, third=b"", tensorflow=whole[:20])
    check_points(got, head[:-1] + tail, "the curve of two files, beside two that end before or in their first record")


@pytest.mark.points(0.5)
@pytest.mark.example(
    "with tempfile.TemporaryDirectory() as folder:\n"
    "    with tf.summary.create_file_writer(folder).as_default():\n"
    '        tf.summary.scalar("loss", 0.5, step=3)\n'
    '    points = read_scalars(folder, "accuracy")\n'
    "points",
    raises="KeyError",
)
def test_a_tag_that_is_not_there(student, rng):
    """A tag under which nothing was logged is a KeyError.

    Hint: an empty list would look like a training that did nothing. A tag that only another run has is not there
    either.
    """
    files = {FIRST: event_file("loss", curve(rng, 3)), f"validation/{FIRST}": event_file("accuracy", curve(rng, 3))}
    for there in (files, {FIRST: event_file("accuracy", [])}):  # a training that has just begun
        with raises("KeyError"):
            student.read_scalars(student.run(write_files, there), "accuracy")
