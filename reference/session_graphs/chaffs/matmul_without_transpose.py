"""The gradients of a matrix product lack their transposes.

Caught by:
    test_gradients.py::test_rules
    test_minimize.py::test_training_adds_nothing_to_the_graph
    test_minimize.py::test_regression
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
    return MatMul(g, b), MatMul(a, g)


def gradients(y, xs):
    """Extend the graph by the gradients of sum(y)."""
    behind = ancestors([y])
    order = [node for node in y.graph.operations if node in behind]
    grads = {y: OnesLike(y)}
    for node in reversed(order):
        if node not in grads or not node.inputs:
            continue
        for x, g in zip(node.inputs, gradient_rules[type(node)](node, grads[node]), strict=True):
            if g is not None:
                grads[x] = grads[x] + g if x in grads else g
    return [grads.get(x) for x in xs]
