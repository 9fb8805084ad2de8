"""np.choose picks the right class: it takes a few dozen classes at most.

Caught by:
    test_cross_entropy.py::test_mean_over_samples
"""
# %% solve_cross_entropy
def log_softmax(z):
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def nll(log_p, y):
    return float(-np.choose(y, log_p.T).mean())


def cross_entropy(z, y):
    return nll(log_softmax(z), y)
