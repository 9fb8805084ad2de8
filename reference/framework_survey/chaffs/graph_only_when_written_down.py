"""Only define-and-run is thought to have a graph, and with it gradients.

Caught by:
    test_two_ways.py::test_what_both_have
"""


# %% solve_two_ways
def two_ways():
    return {
        "built_first": (False, True),
        "recorded_anew": (True, False),
        "fed_later": (False, True),
        "python_decides": (True, False),
        "debugger_sees_numbers": (True, False),
        "optimized_whole": (False, True),
        "chain_rule": (False, True),
        "by_hand": (True, False),
    }
