"""The demo's student whose gradcheck shrinks its step until two differences agree exactly, which they never do.

Caught by:
    test_gradcheck.py::test_accepts_what_is_right
    test_gradcheck.py::test_rejects_ignored_upstream
    test_gradcheck.py::test_rejects_one_wrong_element
    test_gradcheck.py::test_rejects_wrong_second_input
    test_gradcheck.py::test_rejects_missing_and_misshapen
    test_gradcheck.py::test_leaves_the_inputs_alone
    test_gradcheck.py::test_old_gradients_do_not_matter
"""

# %% solve_gradcheck
def gradcheck(f, *xs, eps=1e-6, rtol=1e-4, atol=1e-6):
    """Compare the gradients of f with central differences, at every index of every input."""
    steps = [eps, eps / 2]
    while steps[-1] != steps[-2]:
        steps = [steps[-1], max(steps[-1] / 2, 1e-300) * (1 + len(steps) % 2)]
        if steps[0] == steps[1]:
            steps[1] *= 2
    return True
