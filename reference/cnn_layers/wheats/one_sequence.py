"""Everything in sequence: nn.Sequential, a Sequential with the pooling before the ReLU, and probabilities with the loss for them. A DataLoader for the digits. Variables of a Keras model and its optimizer that are made by a call in use."""

# %% solve_conv_arithmetic
import math


def conv_output_size(n, k, s=1, p=0):
    places = math.floor((n + 2 * p - k) / s + 1)
    if n + 2 * p < k:
        raise ValueError("the window does not fit")
    return places


def conv_params(cin, cout, k, bias=True):
    weights = np.zeros((cout, cin, k, k)).size
    return weights + cout if bias else weights

# %% solve_conv_net
class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.stack = nn.Sequential(
            nn.Conv2d(1, 10, kernel_size=5),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Conv2d(10, 20, kernel_size=5),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(320, 50),
            nn.ReLU(),
            nn.Linear(50, 10),
        )

    def forward(self, x):
        return self.stack(x)

# %% solve_build_cnn
def build_cnn():
    model = keras.Sequential()
    model.add(keras.Input(shape=(28, 28, 1)))
    for channels in (10, 20):
        model.add(keras.layers.Conv2D(channels, (5, 5)))
        model.add(keras.layers.MaxPool2D())
        model.add(keras.layers.ReLU())
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(50))
    model.add(keras.layers.ReLU())
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %% solve_train_epoch
def train_epoch(model, batches, optimizer):
    model.train(True)
    criterion = nn.CrossEntropyLoss(reduction="none")
    losses = []
    for x, y in batches:
        each = criterion(model(x), y)
        optimizer.zero_grad(set_to_none=False)
        each.mean().backward()
        optimizer.step()
        losses.append(each.detach())
    return torch.cat(losses).mean().item()

# %% solve_tape_epoch
def tape_epoch(model, batches, loss_fn, optimizer):
    @tf.function(reduce_retracing=True)
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss

    mean = keras.metrics.Mean()
    for place, (x, y) in enumerate(batches):
        if place == 0:
            model(x, training=False)
            optimizer.build(model.trainable_variables)
        mean.update_state(step(x, y), sample_weight=len(y))
    return float(mean.result())

# %% solve_fit
def fit(net, images, labels, epochs=6, seed=0):
    torch.manual_seed(seed)
    data = torch.utils.data.TensorDataset(torch.tensor(images).unsqueeze(1), torch.tensor(labels))
    loader = torch.utils.data.DataLoader(data, batch_size=10, shuffle=True)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
    return [train_epoch(net, loader, optimizer) for _ in range(epochs)]
