"""The walk calls itself for every input and runs into the recursion limit.

Caught by:
    test_gradients.py::test_deep_graph
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
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for x in node.inputs:
                visit(x)
            order.append(node)

    visit(y)
    grads = {y: OnesLike(y)}
    for node in reversed(order):
        if node not in grads or not node.inputs:
            continue
        for x, g in zip(node.inputs, gradient_rules[type(node)](node, grads[node]), strict=True):
            if g is not None:
                grads[x] = grads[x] + g if x in grads else g
    return [grads.get(x) for x in xs]
