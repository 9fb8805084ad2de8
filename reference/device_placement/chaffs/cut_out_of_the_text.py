"""The device is what stands behind the last 'device:', if there is any.

Caught by:
    test_device_map.py::test_any_gpu
    test_device_map.py::test_other_machines
"""


# %% solve_device_map
def device_map(graph):
    found = {}
    for op in graph.get_operations():
        found.setdefault(op.device.rpartition("device:")[2], []).append(op.name)
    return found
