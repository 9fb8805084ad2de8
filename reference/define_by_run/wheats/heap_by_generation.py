"""A heap by generation, as Chainer does it: a result is one generation younger than its youngest parent.

backward needs no order made beforehand: it always takes the youngest tensor that has a gradient.
"""

# %% solve_tensor
class Tensor:
    """A float64 array that can remember where it came from."""

    __array_ufunc__ = None

    def __init__(self, data, requires_grad=False):
        self.data = np.array(data, dtype=float)
        self.requires_grad = requires_grad
        self.parents = ()
        self.generation = 0
        self.grad = None

    @property
    def shape(self):
        return self.data.shape

    def __repr__(self):
        return f"Tensor({self.data!r}, requires_grad={self.requires_grad})"


# %% solve_function
class Function:
    """One differentiable operation; an instance remembers one call."""

    @classmethod
    def apply(cls, *inputs, **options):
        self = cls()
        self.ctx = Context()
        self.inputs = tuple(x if isinstance(x, Tensor) else Tensor(x) for x in inputs)
        out = Tensor(self.forward(self.ctx, *(x.data for x in self.inputs), **options))
        out.requires_grad = GradMode.enabled and any(x.requires_grad for x in self.inputs)
        if out.requires_grad:
            out.parents = self.inputs
            out.function = self
            out.generation = 1 + max(x.generation for x in self.inputs)
        return out


# %% solve_topological_order
def topological_order(root):
    found, waiting = {id(root): root}, [root]
    while waiting:
        for parent in waiting.pop().parents:
            if id(parent) not in found:
                found[id(parent)] = parent
                waiting.append(parent)
    return sorted(found.values(), key=lambda node: node.generation)


# %% solve_backward
import heapq
from itertools import count


def backward(self, grad=None):
    if not self.requires_grad:
        raise RuntimeError("this tensor does not require a gradient")
    if grad is None:
        if self.data.size != 1:
            raise RuntimeError("only a single number has a natural gradient to start from")
        grad = np.ones(self.shape)
    grad = np.array(grad, dtype=float)
    if grad.shape != self.shape:
        raise ValueError("wrong shape")
    gradients, tie = {id(self): grad}, count()
    heap = [(-self.generation, next(tie), self)]
    while heap:
        _, _, node = heapq.heappop(heap)
        g = gradients[id(node)]
        if not node.parents:
            node.grad = g.copy() if node.grad is None else node.grad + g
            continue
        ds = node.function.backward(node.function.ctx, g)
        for parent, d in zip(node.parents, ds if isinstance(ds, tuple) else (ds,)):
            if d is None or not parent.requires_grad:
                continue
            if id(parent) not in gradients:
                gradients[id(parent)] = np.zeros(parent.shape)
                heapq.heappush(heap, (-parent.generation, next(tie), parent))
            gradients[id(parent)] = gradients[id(parent)] + d


def zero_grad(self):
    self.grad = None


Tensor.backward = backward
Tensor.zero_grad = zero_grad
