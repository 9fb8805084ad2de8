"""Every weight is moved, frozen ones too.

Caught by:
    test_tape_epoch.py::test_frozen_layers_stay
"""

# %% solve_tape_epoch
def tape_epoch(model, batches, loss_fn, optimizer):
    """Train a Keras model for one epoch with a GradientTape: one step for each batch."""
    total, count = 0.0, 0
    for x, y in batches:
        weights = [w.value for w in model.weights]
        with tf.GradientTape() as tape:
            tape.watch(weights)
            loss = loss_fn(y, model(x, training=True))
        for weight, gradient in zip(model.weights, tape.gradient(loss, weights), strict=True):
            weight.assign_sub(optimizer.learning_rate * gradient)
        total += float(loss) * len(y)
        count += len(y)
    return total / count
