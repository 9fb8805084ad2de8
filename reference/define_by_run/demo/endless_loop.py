"""The demo's student whose gradcheck loops for ever: the index never moves on.

Caught by:
    test_gradcheck.py::test_accepts_what_is_right
    test_gradcheck.py::test_step_and_tolerances_count
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
    differences = []
    for x in xs:
        flat, index = x.data.reshape(-1), 0
        while index < flat.size:
            before = flat[index]
            flat[index] = before + eps
            above = np.sum(f(*xs).data)
            flat[index] = before - eps
            below = np.sum(f(*xs).data)
            flat[index] = before
            differences.append((above - below) / (2 * eps))
    return bool(np.all(np.isfinite(differences)))
