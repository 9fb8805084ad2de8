"""A global tape, replayed backwards: there is no walk over the graph at all.

The tape holds weak references, so that forgotten results leave it by themselves.
"""

# %% solve_function
import weakref

TAPE = []


class Function:
    """One differentiable operation."""

    @classmethod
    def apply(cls, *inputs, **options):
        inputs = tuple(x if isinstance(x, Tensor) else Tensor(x) for x in inputs)
        ctx = Context()
        out = Tensor(cls.forward(ctx, *[x.data for x in inputs], **options))
        if GradMode.enabled and any(x.requires_grad for x in inputs):
            out.requires_grad = True
            out.parents = inputs
            out.replay = lambda g: cls.backward(ctx, g)
            TAPE.append(weakref.ref(out))
        return out


# %% solve_backward
def backward(self, grad=None):
    if not self.requires_grad:
        raise ValueError("nothing on the tape leads here")
    if grad is None:
        if self.data.size > 1:
            raise ValueError("backward of several numbers needs a gradient")
        grad = np.ones(self.shape)
    arrived = {self: np.array(grad, dtype=np.float64)}
    if arrived[self].shape != self.shape:
        raise ValueError("the gradient has another shape than the tensor")
    TAPE[:] = [entry for entry in TAPE if entry() is not None]
    for entry in reversed(TAPE):
        out = entry()
        if out not in arrived:
            continue
        gradients = out.replay(arrived.pop(out))
        if not isinstance(gradients, tuple):
            gradients = (gradients,)
        for parent, g in zip(out.parents, gradients):
            if g is not None and parent.requires_grad:
                arrived[parent] = arrived.get(parent, 0.0) + g
    for leaf, g in arrived.items():
        leaf.grad = g if leaf.grad is None else leaf.grad + g


def zero_grad(self):
    self.grad = None


Tensor.backward = backward
Tensor.zero_grad = zero_grad
