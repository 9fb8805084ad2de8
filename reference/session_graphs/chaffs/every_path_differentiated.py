"""The walk follows every path from y by itself: right sums, exponential work.

Caught by:
    test_gradients.py::test_each_node_is_visited_once
"""

# %% solve_gradients
@register_gradient(Multiply)
def multiply_rule(node, g):
    """a * b, with broadcasting."""
    a, b = node.inputs
    return sum_like(g * b, a), sum_like(g * a, b)


@register_gradient(Divide)
def divide_rule(node, g):
    """a / b, with broadcasting."""
    a, b = node.inputs
    return sum_like(g / b, a), sum_like(-g * node / b, b)


@register_gradient(MatMul)
def matmul_rule(node, g):
    """a @ b; both operands have two axes."""
    a, b = node.inputs
    return MatMul(g, Transpose(b)), MatMul(Transpose(a), g)


def gradients(y, xs):
    """Extend the graph by the gradients of sum(y)."""
    grads = {y: OnesLike(y)}
    stack = [(y, grads[y])]
    while stack:
        node, arrived = stack.pop()
        if node.inputs:
            for x, g in zip(node.inputs, gradient_rules[type(node)](node, arrived)):
                if g is not None:
                    grads[x] = grads[x] + g if x in grads else g
                    stack.append((x, g))
    return [grads.get(x) for x in xs]
