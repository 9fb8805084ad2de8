"""TensorBoard."""

from __future__ import annotations

from tests.facts.fact import fact

SCALARS = "autograder/graders/ecosystem/test_log_scalars.py"
READ = "autograder/graders/ecosystem/test_read_scalars.py"
EVENTS = "autograder/grading/clean_room/event_files.py"
PAGE = "docs/sprints/ecosystem.md"


@fact("tensorflow_cpu", "tensorboard", rests={SCALARS: "test_tags_steps_and_values compares whole tags"})
def test_a_tag_inside_a_graph_loses_the_outer_scope(tmp_path):
    """tf.summary.scalar puts the name scope before its tag, "outer/loss"; inside a graph function that is called in the
    scope the tag is "loss", and a scope inside the function counts."""
    import tensorflow as tf
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    @tf.function
    def log():
        tf.summary.scalar("loss", 1.0, step=1)
        with tf.name_scope("inner"):
            tf.summary.scalar("loss", 1.0, step=2)

    writer = tf.summary.create_file_writer(str(tmp_path))
    with writer.as_default(), tf.name_scope("outer"):
        tf.summary.scalar("loss", 1.0, step=0)
        log()
    writer.close()
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert sorted(events.Tags()["tensors"]) == ["inner/loss", "loss", "outer/loss"]


@fact("tensorflow_cpu", "tensorboard", rests={READ: "test_long_curves", PAGE: "told under What may surprise you"})
def test_an_accumulator_keeps_ten_points(tmp_path):
    """An EventAccumulator keeps 10 points of a curve that TensorFlow 2 has written, because they are tensors to it, and
    lists no scalar; of one that PyTorch has written it keeps 10,000."""
    import tensorflow as tf
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    writer = tf.summary.create_file_writer(str(tmp_path))
    with writer.as_default():
        for step in range(100):
            tf.summary.scalar("loss", float(step), step=step)
    writer.close()
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert (events.Tags()["scalars"], len(events.Tensors("loss"))) == ([], 10)


@fact(
    "torch",
    "tensorboard",
    rests={
        READ: "test_several_files_of_one_run wants the order of steps",
        EVENTS: "events are read in the order of the file",
    },
)
def test_steps_that_go_back(tmp_path):
    """An EventAccumulator lists points in the order in which they were written: steps that go back are not sorted."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(tmp_path))
    for step in (0, 1, 2, 3, 1, 2):
        writer.add_scalar("loss", step, step)
    writer.close()
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert [event.step for event in events.Scalars("loss")] == [0, 1, 2, 3, 1, 2]


@fact("tensorflow_cpu", rests={SCALARS: "steps are the caller's numbers, never a place in a list"})
def test_a_step_is_frozen_in_a_graph():
    """tf.summary.experimental.get_step inside a graph function is read while tracing: a Python step stays at its first
    value in all later calls."""
    import tensorflow as tf

    seen = []
    f = tf.function(lambda: seen.append(tf.summary.experimental.get_step()))
    for step in range(3):
        tf.summary.experimental.set_step(step)
        f()
    tf.summary.experimental.set_step(None)
    assert seen == [0]


@fact("tensorflow_cpu", rests={SCALARS: "test_on_disk_when_it_returns looks at the files, not at what a call returned"})
def test_without_a_writer_nothing_is_said():
    """tf.summary.scalar without a default writer does nothing, and returns False without a word."""
    import tensorflow as tf

    assert not bool(tf.summary.scalar("loss", 1.0, step=0))
