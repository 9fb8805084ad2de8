"""All devices of a type are taken for one.

Caught by:
    test_device_map.py::test_spellings_of_one_device
    test_device_map.py::test_any_gpu
    test_device_map.py::test_other_machines
"""


# %% solve_device_map
def device_map(graph):
    found = {}
    for op in graph.get_operations():
        spec = tf.DeviceSpec.from_string(op.device)
        found.setdefault(spec.device_type or "", []).append(op.name)
    return found
