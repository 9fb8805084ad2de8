"""Define-by-run is thought to record its graph in the first pass only.

Caught by:
    test_two_ways.py::test_when_the_graph_is_built
"""


# %% solve_two_ways
def two_ways():
    return {
        "built_first": (False, True),
        "recorded_anew": (False, False),
        "fed_later": (False, True),
        "python_decides": (True, False),
        "debugger_sees_numbers": (True, False),
        "optimized_whole": (False, True),
        "chain_rule": (True, True),
        "by_hand": (False, False),
    }
