"""The model is called with training=False.

Caught by:
    test_tape_epoch.py::test_training_mode
"""

# %% solve_tape_epoch
def tape_epoch(model, batches, loss_fn, optimizer):
    """Train a Keras model for one epoch with a GradientTape: one step for each batch."""
    total, count = 0.0, 0
    for x, y in batches:
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=False))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        total += float(loss) * len(y)
        count += len(y)
    return total / count
