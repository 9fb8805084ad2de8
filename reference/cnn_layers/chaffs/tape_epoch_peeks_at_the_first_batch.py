"""A model without variables is called on the first batch before the epoch, and a generator has lost it.

Caught by:
    test_tape_epoch.py::test_steps
"""
# %% solve_tape_epoch
def tape_epoch(model, batches, loss_fn, optimizer):
    if not model.built:  # its variables are made when it is first called
        x, _ = next(iter(batches))
        model(x, training=False)
    total, samples = 0.0, 0
    for x, y in batches:
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        total += float(loss) * len(y)
        samples += len(y)
    return total / samples
