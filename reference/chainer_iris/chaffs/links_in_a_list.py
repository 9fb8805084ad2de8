"""The links are in a Python list, where the chain does not find them.

Caught by:
    test_branching_net.py::test_children
    test_branching_net.py::test_seed
    test_branching_net.py::test_logits
    test_branching_net.py::test_one_toss
    test_branching_net.py::test_gradients
    test_branching_net.py::test_only_the_path
    test_train.py::test_fit_follows_its_seed
    test_train.py::test_accuracy_of_each_branch
"""


# %% solve_branching_net
class BranchingNet(chainer.Chain):
    def __init__(self, hidden=12, seed=0):
        super().__init__()
        normal = chainer.initializers.LeCunNormal(rng=np.random.RandomState(seed))
        sizes = [(4, hidden), (hidden, hidden), (hidden, hidden), (hidden, 3)]
        self.links_of_mine = [L.Linear(*size, initialW=normal) for size in sizes]

    def forward(self, x, coin):
        trunk, left, right, head = self.links_of_mine
        h = F.tanh(trunk(x))
        h = F.relu(left(h)) if coin() else F.tanh(right(h))
        return head(h)
