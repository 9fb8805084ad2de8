"""The text in the node is the key, however it is spelt.

Caught by:
    test_device_map.py::test_spellings_of_one_device
    test_device_map.py::test_any_gpu
    test_device_map.py::test_other_machines
"""


# %% solve_device_map
def device_map(graph):
    found = {}
    for op in graph.get_operations():
        found.setdefault(op.device, []).append(op.name)
    return found
