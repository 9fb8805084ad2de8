"""The first toss decides for all calls.

Caught by:
    test_branching_net.py::test_logits
    test_branching_net.py::test_one_toss
    test_branching_net.py::test_gradients
    test_branching_net.py::test_only_the_path
    test_train.py::test_accuracy_of_each_branch
"""


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
        self.heads = getattr(self, "heads", None)
        if self.heads is None:
            self.heads = bool(coin())
        h = F.relu(self.left(h)) if self.heads else F.tanh(self.right(h))
        return self.head(h)
