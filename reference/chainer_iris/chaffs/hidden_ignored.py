"""The inner layers have 12 units, whatever is asked for.

Caught by:
    test_branching_net.py::test_children
    test_branching_net.py::test_seed
    test_branching_net.py::test_logits
    test_branching_net.py::test_one_toss
    test_branching_net.py::test_gradients
    test_branching_net.py::test_only_the_path
"""


# %% solve_branching_net
class BranchingNet(chainer.Chain):
    def __init__(self, hidden=12, seed=0):
        super().__init__()
        hidden = 12
        normal = chainer.initializers.LeCunNormal(rng=np.random.RandomState(seed))
        with self.init_scope():
            self.trunk = L.Linear(4, hidden, initialW=normal)
            self.left = L.Linear(hidden, hidden, initialW=normal)
            self.right = L.Linear(hidden, hidden, initialW=normal)
            self.head = L.Linear(hidden, 3, initialW=normal)

    def forward(self, x, coin):
        h = F.tanh(self.trunk(x))
        h = F.relu(self.left(h)) if coin() else F.tanh(self.right(h))
        return self.head(h)
