"""backward starts with ones whatever gradient it is given.

Caught by:
    test_backward.py::test_upstream_gradient
    test_backward.py::test_same_input_twice
    test_backward.py::test_diamond
    test_backward.py::test_paths_of_different_length
    test_backward.py::test_each_operation_once
    test_backward.py::test_passes_add_up_in_leaves
    test_backward.py::test_zero_grad
    test_backward.py::test_second_pass_through_the_same_graph
    test_backward.py::test_long_chain
    test_backward.py::test_gradients_are_separate_arrays
    test_backward.py::test_only_the_path_taken
    test_arithmetic.py::test_reflected_gradients
    test_arithmetic.py::test_gradients_of_sums
    test_arithmetic.py::test_gradients_of_products
    test_arithmetic.py::test_gradients_of_quotients
    test_arithmetic.py::test_gradients_of_powers
    test_arithmetic.py::test_column_with_row
    test_arithmetic.py::test_with_a_single_number
    test_operations.py::test_gradients_of_matmul
    test_operations.py::test_gradients_of_sum
    test_operations.py::test_gradients_of_sum_with_keepdims
    test_operations.py::test_gradients_of_reshape
    test_operations.py::test_gradients_of_transpose
    test_operations.py::test_gradients_of_exp_and_log
    test_operations.py::test_gradients_of_relu
    test_no_grad.py::test_detach_cuts_the_history
    test_gradcheck.py::test_accepts_what_is_right
    test_gradcheck.py::test_old_gradients_do_not_matter
    test_train.py::test_step_descends
"""

# %% solve_backward
def backward(self, grad=None):
    """Add to every leaf's `.grad` the gradient of sum(grad * self) with respect to that leaf."""
    if not self.requires_grad:
        raise RuntimeError("nothing was recorded for this tensor: it does not require a gradient")
    if grad is None:
        if self.data.size != 1:
            raise RuntimeError(f"a tensor of shape {self.shape} needs a gradient to start from")
        grad = np.ones(self.shape)
    grad = np.array(to_numpy(grad), dtype=np.float64)
    if grad.shape != self.shape:
        raise ValueError(f"a gradient of shape {grad.shape} does not fit a tensor of shape {self.shape}")
    pending = {id(self): np.ones(self.shape)}
    for node in reversed(topological_order(self)):
        if id(node) not in pending:
            continue
        g = pending.pop(id(node))
        if not node.parents:
            node.grad = g if node.grad is None else node.grad + g
            continue
        function, ctx = node.creator
        grads = function.backward(ctx, g)
        grads = grads if isinstance(grads, tuple) else (grads,)
        for parent, d in zip(node.parents, grads, strict=True):
            if parent.requires_grad and d is not None:
                pending[id(parent)] = pending[id(parent)] + d if id(parent) in pending else np.array(d)


def zero_grad(self):
    """Forget the gradient: `.grad` is None again (or zeros, if that is your choice)."""
    self.grad = None


Tensor.backward = backward
Tensor.zero_grad = zero_grad
