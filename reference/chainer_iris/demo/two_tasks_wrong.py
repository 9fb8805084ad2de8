"""The demo's student with two tasks wrong: gradients are never cleared, and both branches are computed.

Caught by:
    test_accumulate.py::test_sum_over_batches
    test_accumulate.py::test_old_gradients_are_forgotten
    test_accumulate.py::test_unused_has_none
    test_accumulate.py::test_unused_has_zeros
    test_branching_net.py::test_only_the_path
"""


# %% solve_accumulate
def accumulate(link, loss, batches, zeros=False):
    total = 0.0
    for batch in batches:
        value = loss(*batch)
        value.backward()
        total += float(value.array)
    return total


# %% solve_branching_net
class BranchingNet(chainer.Chain):
    def __init__(self, hidden=12, seed=0):
        super().__init__()
        normal = chainer.initializers.LeCunNormal(rng=np.random.RandomState(seed))
        with self.init_scope():
            self.trunk = L.Linear(4, hidden, initialW=normal)
            self.left = L.Linear(hidden, hidden, initialW=normal)
            self.right = L.Linear(hidden, hidden, initialW=normal)
            self.head = L.Linear(hidden, 3, initialW=normal)

    def forward(self, x, coin):
        h = F.tanh(self.trunk(x))
        left, right = F.relu(self.left(h)), F.tanh(self.right(h))
        h = left if coin() else right
        h = h + 0 * (left + right)
        return self.head(h)
