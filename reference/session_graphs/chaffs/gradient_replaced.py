"""What arrives at a node replaces what has arrived before.

Caught by:
    test_gradients.py::test_paths_add_up
    test_gradients.py::test_without_a_path
    test_gradients.py::test_nodes_in_between
    test_gradients.py::test_gradients_are_part_of_the_graph
    test_gradients.py::test_each_node_is_visited_once
    test_gradients.py::test_second_derivative
    test_minimize.py::test_a_step
    test_minimize.py::test_other_variables_stay
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
    return MatMul(g, Transpose(b)), MatMul(Transpose(a), g)


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
                grads[x] = g
    return [grads.get(x) for x in xs]
