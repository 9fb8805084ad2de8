"""When the session refuses, the graph is run again with soft placement.

Caught by:
    test_session_config.py::test_refusal_is_passed_on
"""


# %% solve_session_config
def session_config(soft, log):
    return tf1.ConfigProto(allow_soft_placement=soft, log_device_placement=log)


def ran_on(graph, fetch, feed_dict, config):
    metadata = tf1.RunMetadata()
    options = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE)
    try:
        with tf1.Session(graph=graph, config=config) as session:
            session.run(fetch, feed_dict, options=options, run_metadata=metadata)
    except tf.errors.InvalidArgumentError:
        config.allow_soft_placement = True
        with tf1.Session(graph=graph, config=config) as session:
            session.run(fetch, feed_dict, options=options, run_metadata=metadata)
    names = {op.name for op in graph.get_operations()}
    return {
        node.node_name: device.device
        for device in metadata.step_stats.dev_stats
        for node in device.node_stats
        if node.node_name in names
    }
