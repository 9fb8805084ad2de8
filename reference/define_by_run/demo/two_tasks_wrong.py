"""The demo's student with two tasks wrong: gradcheck gives an error instead of a verdict, and training climbs.

Caught by:
    test_gradcheck.py::test_accepts_what_is_right
    test_gradcheck.py::test_step_and_tolerances_count
    test_gradcheck.py::test_rejects_ignored_upstream
    test_gradcheck.py::test_rejects_one_wrong_element
    test_gradcheck.py::test_rejects_wrong_second_input
    test_gradcheck.py::test_rejects_missing_and_misshapen
    test_gradcheck.py::test_leaves_the_inputs_alone
    test_gradcheck.py::test_old_gradients_do_not_matter
    test_train.py::test_step_descends
    test_train.py::test_optimizer_zero_grad
    test_train.py::test_train_takes_plain_steps
    test_train.py::test_losses_are_returned
    test_train.py::test_another_flower_another_graph
    test_train.py::test_the_network_is_whole
    test_train.py::test_accuracy_on_new_flowers
"""


# %% solve_gradcheck
def gradcheck(f, *xs, eps=1e-6, rtol=1e-4, atol=1e-6):
    """Compare the gradients of f with central differences, at every index of every input."""
    worst = 0.0
    y = f(*xs)
    y.backward(np.ones(y.shape))
    for x in xs:
        for index in np.ndindex(x.shape):
            before = x.data[index]
            x.data[index] = before + eps
            above = np.sum(f(*xs).data)
            x.data[index] = before - eps
            below = np.sum(f(*xs).data)
            worst = max(worst, abs((above - below) / (2 * eps) - to_numpy(x.grad)[index]))
    return worst


# %% solve_train
class SGD:
    """Plain stochastic gradient descent."""

    def __init__(self, parameters, lr):
        self.parameters = list(parameters)
        self.lr = lr

    def step(self):
        for p in self.parameters:
            p.data = p.data + self.lr * to_numpy(p.grad)

    def zero_grad(self):
        self.grad = None


class BranchingNet:
    """Computes both branches for every flower, and weighs them afterwards."""

    def __init__(self, seed=0):
        rng = np.random.default_rng(seed)
        self.one, self.other = Linear(4, 3, rng), Linear(4, 3, rng)

    def parameters(self):
        return self.one.parameters()

    def __call__(self, x):
        small = float(x.data[0, 2] < 2.5)
        return self.one(x) * small + self.other(x) * (1.0 - small)


def train(net, X, y, epochs=5, lr=0.01):
    optimizer = SGD(net.parameters(), lr)
    losses = []
    for _ in range(epochs):
        for row, label in zip(X, y):
            loss = cross_entropy(net(Tensor(row[None, :])), label)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        losses.append(float(loss.data))
    return losses
