"""The two ways are taken for each other.

Caught by:
    test_two_ways.py::test_when_the_graph_is_built
    test_two_ways.py::test_what_follows_for_a_program
"""


# %% solve_two_ways
def two_ways():
    return {
        "built_first": (True, False), "recorded_anew": (False, True), "fed_later": (True, False),
        "python_decides": (False, True), "debugger_sees_numbers": (False, True), "optimized_whole": (True, False),
        "chain_rule": (True, True), "by_hand": (False, False),
    }
