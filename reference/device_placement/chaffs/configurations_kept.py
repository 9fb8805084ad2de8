"""Configurations are kept: who asks again gets the one that somebody has changed.

Caught by:
    test_session_config.py::test_soft
"""
# %% solve_session_config
import functools


@functools.lru_cache(maxsize=None)
def session_config(soft, log):
    return tf1.ConfigProto(allow_soft_placement=soft, log_device_placement=log)


def ran_on(graph, fetch, feed_dict, config):
    names = {op.name for op in graph.get_operations()}
    options = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE)
    metadata = tf1.RunMetadata()
    with tf1.Session(graph=graph, config=config) as session:
        session.run(fetch, feed_dict=feed_dict, options=options, run_metadata=metadata)
    return {
        node.node_name: stats.device
        for stats in metadata.step_stats.dev_stats
        if "/stream:" not in stats.device
        for node in stats.node_stats
        if node.node_name in names
    }
