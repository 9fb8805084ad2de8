"""The step goes up the gradient.

Caught by:
    test_tape_epoch.py::test_steps
    test_tape_epoch.py::test_mean_over_samples
    test_tape_epoch.py::test_frozen_layers_stay
"""

# %% solve_tape_epoch
def tape_epoch(model, batches, loss_fn, optimizer):
    """Train a Keras model for one epoch with a GradientTape: one step for each batch."""
    total, count = 0.0, 0
    for x, y in batches:
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip([-g for g in gradients], model.trainable_variables, strict=True))
        total += float(loss) * len(y)
        count += len(y)
    return total / count
