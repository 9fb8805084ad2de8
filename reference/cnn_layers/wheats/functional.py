"""Keras' functional form and odd names; layers registered out of order, and a loss written by hand."""

# %% solve_cross_entropy
def log_softmax(z):
    m = np.max(z, axis=-1)
    total = m + np.log(np.sum(np.exp(z - m[:, None]), axis=-1))
    return z - total[:, None]


def nll(log_p, y):
    return float(sum(-row[label] for row, label in zip(log_p, y)) / len(y))


def cross_entropy(z, y):
    m = z.max(axis=1)
    total = m + np.log(np.exp(z - m[:, None]).sum(axis=1))
    return float(np.mean(total - z[np.arange(len(y)), y]))

# %% solve_conv_net
class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.aardvark = nn.Linear(50, 10)
        self.relu = nn.ReLU()
        self.blocks = nn.ModuleDict({"second": nn.Conv2d(10, 20, 5), "first": nn.Conv2d(1, 10, 5)})
        self.zebra = nn.Linear(20 * 4 * 4, 50)

    def features(self, x):
        x = self.relu(nn.functional.max_pool2d(self.blocks["first"](x), kernel_size=2, stride=2))
        return self.relu(nn.functional.max_pool2d(self.blocks["second"](x), kernel_size=2, stride=2))

    def forward(self, x):
        maps = self.features(x)
        return self.aardvark(self.relu(self.zebra(maps.view(-1, 320))))

# %% solve_build_cnn
def build_cnn():
    def loss(y, logits):
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=tf.cast(tf.reshape(y, [-1]), tf.int32), logits=logits)

    x = image = keras.Input((28, 28, 1), name="cat")
    for channels, name in ((10, "dog"), (20, "cow")):
        x = keras.layers.Conv2D(channels, 5, name=name)(x)
        x = keras.layers.Activation("relu")(x)
        x = keras.layers.MaxPooling2D(pool_size=(2, 2))(x)
    x = keras.layers.Reshape((320,))(x)
    x = keras.layers.Dense(50, activation=tf.nn.relu)(x)
    model = keras.Model(image, keras.layers.Dense(10)(x))
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    return model

# %% solve_transfer_weights
def transfer_weights(torch_net, keras_model):
    layers = {m.weight.shape: m for m in torch_net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))}
    sources = [layers[shape] for shape in ((10, 1, 5, 5), (20, 10, 5, 5), (50, 320), (10, 50))]
    targets = [layer for layer in keras_model.layers if layer.weights]
    first_dense = True
    for source, target in zip(sources, targets):
        w = source.weight.detach().clone()
        if isinstance(source, nn.Conv2d):
            w = torch.einsum("oihw->hwio", w)
        else:
            if first_dense:
                w = w[:, torch.arange(320).reshape(20, 4, 4).permute(1, 2, 0).flatten()]
            w, first_dense = w.T, False
        target.kernel.assign(w.numpy())
        target.bias.assign(source.bias.detach().numpy())

# %% solve_evaluate
def evaluate(model, batches):
    training = {name: module.training for name, module in model.named_modules()}
    for module in model.modules():
        module.training = False
    with torch.inference_mode():
        answers = [(model(x), y) for x, y in batches]
        z, y = torch.cat([a for a, _ in answers]), torch.cat([b for _, b in answers])
        result = float(F.nll_loss(F.log_softmax(z, 1), y)), float((z.max(1).indices == y).float().mean())
    for name, module in model.named_modules():
        module.training = training[name]
    return result

# %% solve_tape_epoch
def tape_epoch(model, batches, loss_fn, optimizer):
    @tf.function(reduce_retracing=True)
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    optimizer.build(model.trainable_variables)
    losses = [(float(step(x, y)), int(tf.shape(y)[0])) for x, y in batches]
    return sum(loss * n for loss, n in losses) / sum(n for _, n in losses)
