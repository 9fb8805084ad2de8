"""The logarithm of a softmax: right for small logits, and infinite for large ones.

Caught by:
    test_cross_entropy.py::test_large_logits
    test_cross_entropy.py::test_cross_entropy_takes_logits
"""

# %% solve_cross_entropy
def log_softmax(z):
    """The logarithms of the probabilities that logits stand for."""
    with np.errstate(all="ignore"):
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        return np.log(p)


def nll(log_p, y):
    """The negative log-likelihood: minus the logarithm of the probability of the right class, averaged over samples."""
    return -log_p[np.arange(len(y)), y].mean()


def cross_entropy(z, y):
    """The cross-entropy of logits z (n, classes) and right classes y (n,), averaged over samples; float."""
    return nll(log_softmax(z), y)
