"""Each operation takes the place of the one before it on the same device.

Caught by:
    test_device_map.py::test_spellings_of_one_device
    test_device_map.py::test_no_request
    test_device_map.py::test_each_operation_once
"""


# %% solve_device_map
def device_map(graph):
    found = {}
    for op in graph.get_operations():
        spec = tf.DeviceSpec.from_string(op.device)
        found[":".join(str(part) for part in (spec.device_type, spec.device_index) if part is not None)] = [op.name]
    return found
