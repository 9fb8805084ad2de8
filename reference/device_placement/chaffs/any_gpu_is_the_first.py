"""A request for any GPU is taken for one for GPU 0.

Caught by:
    test_device_map.py::test_any_gpu
"""


# %% solve_device_map
def device_map(graph):
    found = {}
    for op in graph.get_operations():
        spec = tf.DeviceSpec.from_string(op.device)
        key = f"{spec.device_type}:{spec.device_index or 0}" if spec.device_type else ""
        found.setdefault(key, []).append(op.name)
    return found
