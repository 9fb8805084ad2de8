"""Probes for task 8: what a run of a graph does beside its result, with TensorFlow's sessions watched."""

from autograder.grading import probe


@probe
def times_it_ran(ran_on, values, config):
    """How often an operation ran, or a session; what ran_on says; and the names of all operations of the graph.

    It is the second run of this graph: in the first, the other branch was taken.
    Of the operation halves, the second output is fed; of end, the second is fetched. It waits for another, without an
    input from there. Of the two branches behind fork, one runs. TensorFlow takes the tf.cond apart: nodes run that the
    graph has not, under names of their own.
    """
    import tensorflow as tf

    kind = tf.compat.v1.Session.__mro__[1]
    run, of_session, of_operation = kind.run, [], []

    def noted(self, *arguments, **options):
        of_session.append(1)
        return run(self, *arguments, **options)

    def counted(x):
        of_operation.append(1)
        return x

    with tf.Graph().as_default() as graph:
        start = tf.compat.v1.placeholder("float32", [None], "start")
        _, half = tf.split(tf.compat.v1.placeholder("float32", [4], "not_fed"), 2, name="halves")
        no, yes = tf.raw_ops.Switch(data=start, pred=tf.compat.v1.placeholder("bool", [], "which"), name="fork")
        branches = [tf.math.exp(no, name="not_taken"), tf.math.sin(yes, name="taken")]
        joined = tf.raw_ops.Merge(inputs=branches, name="joined").output
        counting = tf.compat.v1.py_func(counted, [joined], "float32")
        total = tf.reduce_sum(half)
        numbers = tf.add(counting, tf.cond(total > 0, lambda: tf.exp(total), lambda: tf.sin(total)))
        with tf.control_dependencies([tf.math.cos(start, name="awaited")]):
            tf.raw_ops.Unique(x=numbers, name="end")
    feeds = {"start:0": values, "halves:1": values[:2]}
    ran_on(graph, "end:1", {**feeds, "which:0": False}, config)
    of_operation.clear()
    kind.run = noted
    try:
        said = ran_on(graph, "end:1", {**feeds, "which:0": True}, config)
    finally:
        kind.run = run
    return max(len(of_session), len(of_operation)), said, [operation.name for operation in graph.get_operations()]


@probe
def sessions_left_open(ran_on, graph, feeds, configs):
    """How many sessions each run opens; how many are left open; and whether one of the caller's is still open.

    Some of these runs fail. The last is stopped, as by Ctrl-C: did that come through? And did each session get what the
    configuration says of devices?
    """
    import tensorflow as tf

    def is_open(session):
        try:
            session.run([])
        except RuntimeError:
            return False
        return True

    def stopped(self, *arguments, **options):
        interrupts.append(1)
        raise KeyboardInterrupt

    def noted(self, *arguments, **options):
        opened.append(self)
        begin(self, *arguments, **options)
        said.append(about_devices(self._config))

    def about_devices(config):
        gpus = config.gpu_options.visible_device_list
        return dict(config.device_count), config.allow_soft_placement, config.log_device_placement, gpus

    kind = tf.compat.v1.Session.__mro__[1]
    begin, run, opened, said, counts, stops, as_given = kind.__init__, kind.run, [], [], [], 0, True
    interrupts = []  # none, if a run goes another way
    callers = tf.compat.v1.Session(graph=graph)
    kind.__init__ = noted
    try:
        with callers.as_default():
            for feed, config, stop in [*[(feed, config, False) for feed in feeds for config in configs],
                                       (feeds[0], configs[0], True)]:  # fmt: skip
                before, kind.run, given = len(opened), stopped if stop else run, about_devices(config)
                try:
                    ran_on(graph, "n1:0", feed, config)
                except (tf.errors.InvalidArgumentError, ValueError):
                    pass  # the question is what a run that is refused leaves behind
                except KeyboardInterrupt:
                    stops += 1
                counts.append(len(opened) - before)
                as_given = as_given and all(one == given for one in said[before:])
    finally:
        kind.__init__, kind.run = begin, run
    left, alive = sum(map(is_open, opened)), is_open(callers)
    callers.close()
    return counts, left, alive, stops == len(interrupts), as_given


@probe
def with_a_check():
    """A graph with an operation that fails when it gets a NaN."""
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        start = tf.compat.v1.placeholder("float32", [None], "start")
        tf.debugging.check_numerics(start, "no number", name="end")
    return graph


@probe
def with_a_variable():
    """A graph with an operation that reads a variable without a value."""
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        tf.identity(tf.compat.v1.get_variable("v", initializer=0.0), name="unset")
    return graph
