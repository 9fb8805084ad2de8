"""Python's if is thought to work in a graph that is only written down.

Caught by:
    test_two_ways.py::test_what_follows_for_a_program
"""


# %% solve_two_ways
def two_ways():
    return {
        "built_first": (False, True),
        "recorded_anew": (True, False),
        "fed_later": (False, True),
        "python_decides": (True, True),
        "debugger_sees_numbers": (True, False),
        "optimized_whole": (False, True),
        "chain_rule": (True, True),
        "by_hand": (False, False),
    }
