"""Every operation is also under the empty name.

Caught by:
    test_device_map.py::test_no_request
    test_device_map.py::test_each_operation_once
    test_device_map.py::test_other_machines
"""


# %% solve_device_map
def device_map(graph):
    found = {}
    for op in graph.get_operations():
        spec = tf.DeviceSpec.from_string(op.device)
        for key in {":".join(str(part) for part in (spec.device_type, spec.device_index) if part is not None), ""}:
            found.setdefault(key, []).append(op.name)
    return found
