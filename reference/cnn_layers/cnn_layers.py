# ---
# jupyter:
#   jupytext:
#     formats: source///ipynb,reference///py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown] tags=["lang-en"]
# # Convolutional layers, in PyTorch and in Keras

# %% [markdown] tags=["lang-ja"]
# # 畳み込み層：PyTorch と Keras

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "quiet", "locked": true, "schema_version": 3, "solution": false, "task": false}
# import os
#
# # TensorFlow greets on stderr, unless it is told before its import not to
# os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# import torch
#
# # a network this small is done before a second thread has woken up
# torch.set_num_threads(1)

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import keras
import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F
from torch import nn

# %% [markdown] tags=["lang-en"]
# (images)

# %% [markdown] tags=["lang-ja"]
# （画像）

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "images", "locked": true, "schema_version": 3, "solution": false, "task": false}
def enlarge(small):
    """Images (n, 8, 8) drawn larger, (n, 28, 28): each new pixel mixes the four old ones nearest to it."""
    places = np.linspace(0, 7, 28)
    mix = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(8)))  # (28, 8): how much of which old pixel
    return mix @ small @ mix.T


def for_torch(images):
    """Images (n, 28, 28) as PyTorch wants them: (n, channels, height, width)."""
    return torch.from_numpy(images.astype("float32")[:, None])


def for_keras(images):
    """Images (n, 28, 28) as Keras wants them: (n, height, width, channels)."""
    return tf.constant(images.astype("float32")[..., None])


def batches_of(x, y, size):
    """Cut x and y into batches; the last one is what remains."""
    return [(x[i : i + size], y[i : i + size]) for i in range(0, len(y), size)]

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "digits", "locked": true, "schema_version": 3, "solution": false, "task": false}
# import matplotlib.pyplot as plt
# from sklearn.datasets import load_digits
#
# digits = load_digits()
# order = np.random.default_rng(0).permutation(len(digits.target))
# images, labels = enlarge(digits.images[order] / 16).astype("float32"), digits.target[order]
# train_images, train_labels, test_images, test_labels = images[:600], labels[:600], images[1297:], labels[1297:]
#
# figure, axes = plt.subplots(1, 9, figsize=(9, 1.2))
# for image, label, axis in zip(train_images, train_labels, axes):
#     axis.imshow(image, cmap="gray_r")
#     axis.set_title(label, fontsize=9)
#     axis.axis("off")
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 1: arithmetic
#
# **Hint.** x

# %% [markdown] tags=["lang-ja"]
# ## 課題 1
#
# **ヒント。** x

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_conv_arithmetic", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conv_output_size(n, k, s=1, p=0):
    """How many places a window has along one axis.

    Parameters
    ----------
    n : int, pixels of the input along this axis, at least 1
    k : int, pixels of the window, at least 1
    s : int, the stride: by how many pixels the window moves on, at least 1
    p : int, the padding: how many zeros are put before the input, and as many after it

    Returns
    -------
    int. The window never stands out over the padded input; pixels that no window reaches are left over.

    Raises
    ------
    ValueError
        when the window is larger than the padded input.
    """
    ### BEGIN SOLUTION
    if k > n + 2 * p:
        raise ValueError(f"a window of {k} pixels does not fit into {n + 2 * p}")
    return (n + 2 * p - k) // s + 1
    ### END SOLUTION


def conv_params(cin, cout, k, bias=True):
    """How many parameters a convolution has.

    Parameters
    ----------
    cin, cout : int, channels of its input and of its output
    k : int, height and width of its kernels
    bias : bool, whether each output channel has a bias

    Returns
    -------
    int
    """
    ### BEGIN SOLUTION
    return cout * (cin * k * k + (1 if bias else 0))
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "conv_arithmetic", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# sizes = [28, conv_output_size(28, 5)]
# sizes.append(conv_output_size(sizes[-1], 2, s=2))  # pooling is a window too
# sizes.append(conv_output_size(sizes[-1], 5))
# sizes.append(conv_output_size(sizes[-1], 2, s=2))
# assert sizes == [28, 24, 12, 8, 4], "convolution, pooling, convolution, pooling"
# assert conv_output_size(28, 3, p=1) == 28, "one zero at each end makes up for a window of 3"
# assert conv_params(1, 10, 5) == 260, "10 kernels of 25 numbers, and 10 biases"
# assert conv_params(10, 20, 5) == 5020, "each of the 20 kernels looks at all 10 channels"

# %% [markdown] tags=["lang-en"]
# ## Task 2: from scores to a loss
#
# **Hint.** x

# %% [markdown] tags=["lang-ja"]
# ## 課題 2
#
# **ヒント。** x

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_cross_entropy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_softmax(z):
    """The logarithms of the probabilities that logits stand for.

    Parameters
    ----------
    z : float ndarray (n, classes), the logits of n samples; finite, of any size

    Returns
    -------
    float ndarray (n, classes) : z - log(sum of exp(z) over the classes), finite. z itself is not changed.
    """
    ### BEGIN SOLUTION
    shifted = z - z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    ### END SOLUTION


def nll(log_p, y):
    """The negative log-likelihood: minus the logarithm of the probability of the right class, averaged over samples.

    Parameters
    ----------
    log_p : float ndarray (n, classes), logarithms of probabilities
    y : int ndarray (n,), the right classes

    Returns
    -------
    float
    """
    ### BEGIN SOLUTION
    return -log_p[np.arange(len(y)), y].mean()
    ### END SOLUTION


def cross_entropy(z, y):
    """The cross-entropy of logits z (n, classes) and right classes y (n,), averaged over samples; float."""
    ### BEGIN SOLUTION
    return nll(log_softmax(z), y)
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "cross_entropy", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# z, y = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]), np.array([0, 2])
# np.testing.assert_allclose(np.exp(log_softmax(z)).sum(axis=1), 1, err_msg="probabilities add up to 1")
# expected = F.cross_entropy(torch.tensor(z), torch.tensor(y)).item()
# np.testing.assert_allclose(cross_entropy(z, y), expected, err_msg="PyTorch's own must agree")
# assert cross_entropy(np.array([[100.0, 0.0, -100.0]]), np.array([2])) == 200, "far off, but finite"

# %% [markdown] tags=["lang-en"]
# ## Task 3: PyTorch
#
# **Hint.** x

# %% [markdown] tags=["lang-ja"]
# ## 課題 3
#
# **ヒント。** x

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_conv_net", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ConvNet(nn.Module):
    """The network of the figure above: float (n, 1, 28, 28) -> logits (n, 10), for any n, also 1.

    convolution to 10 channels, kernel 5 -> ReLU, maximum over 2 x 2 -> convolution to 20 channels, kernel 5 -> ReLU,
    maximum over 2 x 2 -> 320 numbers -> linear to 50 -> ReLU -> linear to 10

    Its parameters are those of two nn.Conv2d and two nn.Linear, with biases, 21,840 numbers, and they are there
    once it is made. Names, nn.Sequential or methods of your own, ReLU before or after the maximum: your choice. It
    computes the same in training and in evaluation, in float32 and, after .double(), in float64.
    """

    def __init__(self):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(1, 10, 5)
        self.conv2 = nn.Conv2d(10, 20, 5)
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)
        ### END SOLUTION

    def forward(self, x):
        ### BEGIN SOLUTION
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))
        ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "conv_net", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# net = ConvNet()
# assert net(for_torch(train_images[:3])).shape == (3, 10), "3 images in, 3 rows of 10 logits out"
# assert sum(p.numel() for p in net.parameters()) == 21_840, "260 + 5,020 + 16,050 + 510 parameters"
# assert net(for_torch(train_images[:1])).shape == (1, 10), "one image is a batch too"

# %% [markdown] tags=["lang-en"]
# ## Task 4: Keras
#
# **Hint.** x

# %% [markdown] tags=["lang-ja"]
# ## 課題 4
#
# **ヒント。** x

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_build_cnn", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_cnn():
    """The same network in Keras, new each time, compiled.

    Returns
    -------
    keras.Model : float32 (n, 28, 28, 1) -> float32 (n, 10), for any n; 21,840 parameters, all trainable.
        Sequential or functional, any names, ReLU as an argument or as a layer, before or after the maximum: your
        choice. Its outputs are logits or probabilities, as you like; it is compiled with the cross-entropy for
        integer labels (n,) that fits them, averaged over samples, and with an optimizer of your choice.
    """
    ### BEGIN SOLUTION
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(10, 5, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Conv2D(20, 5, activation="relu"),
            keras.layers.MaxPooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(50, activation="relu"),
            keras.layers.Dense(10),
        ]
    )
    model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "build_cnn", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# model = build_cnn()
# assert model.count_params() == 21_840, "the same parameters as in PyTorch"
# answer = model(for_keras(train_images[:3]))
# assert answer.shape == (3, 10), "3 images in, 3 rows of 10 numbers out"
# right = train_labels[:3]
# assert 1 < float(model.compute_loss(y=right, y_pred=answer)) < 4, "a new network knows nothing: about log(10)"

# %% [markdown] tags=["lang-en"]
# ## Task 5: report
#
# **Hint.** x

# %% [markdown] tags=["lang-ja"]
# ## 課題 5
#
# **ヒント。** x

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_layer_report", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_report(model, shape=(1, 28, 28)):
    """What the layers of a PyTorch model make of one input, in the order in which they run.

    Parameters
    ----------
    model : nn.Module, any. Its layers are the modules in it that have no modules inside.
    shape : tuple of ints, the shape of one sample; float32

    Returns
    -------
    list of (kind, shape, parameters), one for each time a layer is called:
        kind : str, the name of the layer's class
        shape : tuple of ints, the shape of its output for one sample, without the batch's axis
        parameters : int, how many numbers its parameters hold, frozen ones too. Parameters that an earlier row has
            counted already are not counted again, so that the column adds up to the model's number.

    Must leave the model as it was: no hooks stay behind, the modes of its modules, its statistics (a BatchNorm's running
    mean, say) and its gradients are those from before. Must work for models that take no batch of 1 in training mode.
    """
    ### BEGIN SOLUTION
    rows, counted = [], set()

    def note(layer, inputs, output):
        new = [p for p in layer.parameters() if p not in counted]
        counted.update(new)
        rows.append((type(layer).__name__, tuple(output.shape[1:]), sum(p.numel() for p in new)))

    modes = [(module, module.training) for module in model.modules()]
    hooks = [module.register_forward_hook(note) for module in model.modules() if not list(module.children())]
    try:
        model.eval()
        with torch.no_grad():
            model(torch.zeros(1, *shape))
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes:
            module.training = mode
    return rows
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "layer_report", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# small = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 26 * 26, 2))
# report = layer_report(small)
# assert report[0] == ("Conv2d", (4, 26, 26), 40), "4 kernels of 9 numbers, 4 biases"
# assert [kind for kind, _, _ in report] == ["Conv2d", "ReLU", "Flatten", "Linear"], "in the order in which they run"

# %% [markdown] tags=["lang-en"]
# ## Task 6: transfer
#
# **Hint.** x

# %% [markdown] tags=["lang-ja"]
# ## 課題 6
#
# **ヒント。** x

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_transfer_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def transfer_weights(torch_net, keras_model):
    """Copy the parameters of a PyTorch network into a Keras model, so that both compute the same.

    Parameters
    ----------
    torch_net : nn.Module built like a ConvNet: two nn.Conv2d and two nn.Linear with biases, registered in the order in
        which they run, and nothing else with parameters. The first nn.Linear takes the second convolution's output
        (n, 20, 4, 4) as it is flattened by PyTorch. It is not changed. Not only yours: names differ.
    keras_model : a Keras model built like build_cnn's: two Conv2D and two Dense with biases, in the same order. The first
        Dense takes (n, 4, 4, 20) as it is flattened by Keras. Its parameters are overwritten.

    For the same images, the outputs before any softmax then agree to 1e-5. Returns nothing.
    """
    ### BEGIN SOLUTION
    weights = []
    for parameter in torch_net.parameters():
        values = parameter.detach().numpy()
        if values.ndim == 4:  # out, in, height, width -> height, width, in, out
            values = values.transpose(2, 3, 1, 0)
        elif values.shape == (50, 320):  # its 320 inputs come as 20 x 4 x 4, Keras' as 4 x 4 x 20
            values = values.reshape(50, 20, 4, 4).transpose(2, 3, 1, 0).reshape(320, 50)
        elif values.ndim == 2:
            values = values.T
        weights.append(values)
    keras_model.set_weights(weights)
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "transfer_weights", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# transfer_weights(net, model)
# torch_kernel = next(p for p in net.parameters() if p.ndim == 4)
# keras_kernel = next(w for w in model.get_weights() if w.ndim == 4)
# assert np.all(keras_kernel[1, 3, 0, 7] == torch_kernel[7, 0, 1, 3].item()), "row 1, column 3 of kernel 7"
# with torch.no_grad():
#     ours = F.log_softmax(net(for_torch(test_images[:8])), dim=1).numpy()
# theirs = model(for_keras(test_images[:8])).numpy()
# if not np.allclose(theirs.sum(axis=1), 1):  # logits; else they are probabilities already
#     theirs = tf.nn.softmax(theirs).numpy()
# np.testing.assert_allclose(theirs, np.exp(ours), atol=1e-5, err_msg="both frameworks must give the same probabilities")

# %% [markdown] tags=["lang-en"]
# ## Task 7: train
#
# **Hint.** x

# %% [markdown] tags=["lang-ja"]
# ## 課題 7
#
# **ヒント。** x

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_train_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_epoch(model, batches, optimizer):
    """Train a PyTorch model for one epoch: one step for each batch, on the batch's mean cross-entropy.

    Parameters
    ----------
    model : nn.Module, gives logits (n, classes). In whatever mode it comes, it is trained, and left, in training mode.
    batches : iterable of (x, y), tensors; y is int64 (n,). It is gone through once. The last may be smaller.
    optimizer : a torch optimizer of the model's parameters. Gradients from before do not count.

    Returns
    -------
    float : the cross-entropy that each sample had when its batch came, before the step; the mean over all samples
    """
    ### BEGIN SOLUTION
    model.train()
    total, count = 0.0, 0
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "train_epoch", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# torch.manual_seed(0)
# net = ConvNet()
# optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
# few = batches_of(for_torch(train_images[:100]), torch.from_numpy(train_labels[:100]), 40)  # 40, 40 and 20
# losses = [train_epoch(net, few, optimizer) for _ in range(3)]
# assert 2 < losses[0] < 3, "a network that knows nothing has a loss of about log(10)"
# assert losses[-1] < losses[0], "the loss must fall"

# %% [markdown] tags=["lang-en"]
# ## Task 8: evaluate
#
# **Hint.** x

# %% [markdown] tags=["lang-ja"]
# ## 課題 8
#
# **ヒント。** x

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluate(model, batches):
    """How good a PyTorch model is: its loss and its accuracy, in evaluation mode.

    Parameters
    ----------
    model : nn.Module, gives logits (n, classes)
    batches : iterable of (x, y), tensors; y is int64 (n,). It is gone through once. The last may be smaller.

    Returns
    -------
    (loss, accuracy) : floats, the mean cross-entropy over all samples, and the share of samples whose largest logit is
        that of the right class

    Must leave everything as it was: afterwards each module in the model is in the mode in which it was before; gradients
    and statistics are unchanged. No graph is recorded meanwhile; afterwards graphs are recorded as before.
    """
    ### BEGIN SOLUTION
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    loss, right, count = 0.0, 0, 0
    try:
        with torch.no_grad():
            for x, y in batches:
                logits = model(x)
                loss += F.cross_entropy(logits, y, reduction="sum").item()
                right += (logits.argmax(dim=1) == y).sum().item()
                count += len(y)
    finally:
        for module, mode in modes:
            module.training = mode
    return loss / count, right / count
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "evaluate", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# net.train()
# loss, accuracy = evaluate(net, few)
# assert 0 <= accuracy <= 1, "a share"
# assert accuracy * 100 == round(accuracy * 100), "of 100 samples, a whole number is right"
# assert net.training, "the model must be in the mode it was in"
# assert evaluate(net, few) == (loss, accuracy), "evaluating changes nothing"

# %% [markdown] tags=["lang-en"]
# ## Task 9: tape
#
# **Hint.** x

# %% [markdown] tags=["lang-ja"]
# ## 課題 9
#
# **ヒント。** x

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_tape_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tape_epoch(model, batches, loss_fn, optimizer):
    """Train a Keras model for one epoch with a GradientTape: one step for each batch.

    Parameters
    ----------
    model : keras.Model, whatever its layers. It is called as in training: a Dropout drops, a BatchNormalization normalizes
        by the batch.
    batches : iterable of (x, y), tensors. It is gone through once. The last may be smaller.
    loss_fn : a function loss_fn(y, outputs), the mean loss of a batch, a scalar tensor
    optimizer : a Keras optimizer

    Returns
    -------
    float : the loss that each sample had when its batch came, before the step; the mean over all samples

    Only trainable variables are changed by the optimizer. Eager or in a tf.function, your choice.
    """
    ### BEGIN SOLUTION
    total, count = 0.0, 0
    for x, y in batches:
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        total += float(loss) * len(y)
        count += len(y)
    return total / count
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "tape_epoch", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# few = batches_of(for_keras(train_images[:100]), tf.constant(train_labels[:100]), 40)
# model = build_cnn()
# optimizer = keras.optimizers.Adam(0.003)
# losses = [tape_epoch(model, few, lambda y, p: model.compute_loss(y=y, y_pred=p), optimizer) for _ in range(3)]
# assert 2 < losses[0] < 3, "a network that knows nothing has a loss of about log(10)"
# assert losses[-1] < losses[0], "the loss must fall"

# %% [markdown] tags=["lang-en"]
# ## Task 10: fit
#
# **Hint.** x

# %% [markdown] tags=["lang-ja"]
# ## 課題 10
#
# **ヒント。** x

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit(net, images, labels, epochs=6, seed=0):
    """Train a PyTorch network on images, shuffled anew in each epoch.

    Parameters
    ----------
    net : nn.Module, float32 (n, 1, 28, 28) -> logits (n, 10); a ConvNet, or another network like it. It is changed.
    images : float32 ndarray (n, 28, 28), between 0 and 1; labels : int64 ndarray (n,). They are not changed.
    epochs : int
    seed : int, decides the order of the samples. The same network with the same seed ends with the same parameters,
        whatever random numbers were drawn before; with another seed the order is another one.

    Returns
    -------
    list of epochs floats, the mean loss of each epoch

    Optimizer, learning rate and batch size are your choice. A new ConvNet must, in 6 epochs on 600 digits, learn to
    name at least 85 % of digits that it has not seen, and in 60 epochs on 32 digits name all of these.
    """
    ### BEGIN SOLUTION
    x, y = for_torch(images), torch.from_numpy(labels)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    generator = torch.Generator().manual_seed(seed)
    losses = []
    for _ in range(epochs):
        order = torch.randperm(len(y), generator=generator)
        losses.append(train_epoch(net, batches_of(x[order], y[order], 25), optimizer))
    return losses
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "fit", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# torch.manual_seed(0)
# net = ConvNet()
# history = fit(net, train_images, train_labels)
# assert len(history) == 6, "one loss for each epoch"
# assert history[-1] < history[0] / 2, "the loss must fall"
# print(f"accuracy on {len(test_labels)} other digits:", end=" ")
# print(evaluate(net, batches_of(for_torch(test_images), torch.from_numpy(test_labels), 100))[1])

# %% [markdown] tags=["lang-en"]
# ## Look

# %% [markdown] tags=["lang-ja"]
# ## 眺める

# %% tags=["active-ipynb"]
# model = build_cnn()
# optimizer = keras.optimizers.Adam(0.003)
# keras_history = []
# for epoch in range(6):
#     order = np.random.default_rng(epoch).permutation(len(train_labels))
#     batches = batches_of(for_keras(train_images[order]), tf.constant(train_labels[order]), 25)
#     keras_history.append(tape_epoch(model, batches, lambda y, p: model.compute_loss(y=y, y_pred=p), optimizer))
#
# figure, axes = plt.subplots(figsize=(5, 2.5))
# axes.plot(range(1, 7), history, "o-", label="PyTorch")
# axes.plot(range(1, 7), keras_history, "s-", label="Keras")
# axes.set(xlabel="epoch", ylabel="mean loss")
# axes.legend()
# plt.show()
