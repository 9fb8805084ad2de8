"""Gradients begin as zeros and are added to in place; the order comes from counting children (Kahn's algorithm).

Constants are left out of the order.
"""

# %% solve_tensor
class Tensor:
    """A float64 array that can remember where it came from."""

    __array_ufunc__ = None

    def __init__(self, data, requires_grad=False):
        self.data = np.array(data, dtype=np.float64)
        self.requires_grad = requires_grad
        self.parents = ()
        self.grad = np.zeros_like(self.data)

    @property
    def shape(self):
        return self.data.shape

    def __repr__(self):
        return f"Tensor({self.data.tolist()})"


# %% solve_topological_order
from collections import Counter, deque


def topological_order(root):
    children, reached, waiting = Counter(), {id(root)}, [root]
    while waiting:
        for parent in waiting.pop().parents:
            if parent.requires_grad:
                children[id(parent)] += 1
                if id(parent) not in reached:
                    reached.add(id(parent))
                    waiting.append(parent)
    order, ready = [], deque([root])
    while ready:
        node = ready.popleft()
        order.append(node)
        for parent in node.parents:
            children[id(parent)] -= 1
            if parent.requires_grad and children[id(parent)] == 0:
                ready.append(parent)
    return order[::-1]


# %% solve_backward
def backward(self, grad=None):
    if not self.requires_grad:
        raise ValueError("not part of a recorded graph")
    if grad is None:
        if self.data.size != 1:
            raise ValueError("say how much each element counts")
        grad = np.ones(self.shape)
    if np.shape(grad) != self.shape:
        raise ValueError("the gradient does not fit")
    order = topological_order(self)
    for node in order:
        if node.parents:
            node.grad = np.zeros_like(node.data)
    self.grad += grad
    for node in reversed(order):
        if node.parents:
            function, ctx = node.creator
            ds = function.backward(ctx, node.grad)
            for parent, d in zip(node.parents, ds if isinstance(ds, tuple) else (ds,)):
                if parent.requires_grad and d is not None:
                    parent.grad += d


def zero_grad(self):
    self.grad[...] = 0.0


Tensor.backward = backward
Tensor.zero_grad = zero_grad
