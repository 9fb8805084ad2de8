"""Operations without a request are left out.

Caught by:
    test_device_map.py::test_no_request
"""


# %% solve_device_map
def device_map(graph):
    found = {}
    for op in graph.get_operations():
        if not op.device:
            continue
        spec = tf.DeviceSpec.from_string(op.device)
        found.setdefault(":".join(str(part) for part in (spec.device_type, spec.device_index) if part is not None), []).append(op.name)
    return found
