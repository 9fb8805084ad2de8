"""The job, where it is not this machine's, stands before the device.

Caught by:
    test_device_map.py::test_other_machines
"""


# %% solve_device_map
def device_map(graph):
    found = {}
    for op in graph.get_operations():
        spec = tf.DeviceSpec.from_string(op.device)
        key = ":".join(str(part) for part in (spec.device_type, spec.device_index) if part is not None)
        if spec.job not in (None, "localhost"):
            key = f"{spec.job} {key}"
        found.setdefault(key, []).append(op.name)
    return found
