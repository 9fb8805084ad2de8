"""The logits are shifted in place: the caller's array is changed.

Caught by:
    test_cross_entropy.py::test_log_softmax
"""

# %% solve_cross_entropy
def log_softmax(z):
    """The logarithms of the probabilities that logits stand for."""
    shifted = z
    shifted -= z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def nll(log_p, y):
    """The negative log-likelihood: minus the logarithm of the probability of the right class, averaged over samples."""
    return -log_p[np.arange(len(y)), y].mean()


def cross_entropy(z, y):
    """The cross-entropy of logits z (n, classes) and right classes y (n,), averaged over samples; float."""
    return nll(log_softmax(z), y)
