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
# # Layers: one network in PyTorch and in Keras
#
# In sprint 1 you built what records a computation and differentiates it; in sprints 2 and 3 you turned it into
# graphs. On top of that, every framework offers **layers**: a rule for computing, together with the parameters
# that the rule needs. Stack a few, and you have a network.
#
# In this sprint you build one network twice, in PyTorch and in Keras, and teach it to read digits. The two
# frameworks name things differently, call them differently, and keep the same numbers in different order.
# Underneath is the same mathematics. How do you know? You carry the parameters over from one to the other, and
# look whether the answers agree.
#
# > **The mathematics is the same everywhere. The order of the axes is not.**
#
# Most mistakes in such networks raise no exception. A softmax too many, a kernel lying on its side, a forgotten
# `eval()`: the program runs, the loss even falls, and the network is merely worse than it should be. So this
# sprint is also about how to notice.
#
# **When you are done you can**
#
# - say how large the output of a convolution is and how many parameters it has, before you run it;
# - write the same network in PyTorch and in Keras, and prove that it is the same;
# - say what logits, probabilities and log-probabilities are, and which loss wants which;
# - train and evaluate without leaving traces: modes, gradients, statistics;
# - write a training loop by hand in both frameworks, with a right mean loss;
# - look at feature maps, learning curves and a confusion matrix, and say what they tell.
#
# **Out of scope:** BatchNorm and Dropout beyond their two modes, data augmentation, Keras' `fit`, pretrained
# networks, GPUs (the next sprint), TensorFlow 1's form of this network (sprint 2 showed how such graphs are
# written).
#
# **How to work.** Each task has one cell for your code and one cell of checks below it. The checks show the shape
# of the task. They are not all that is graded: the docstrings are the specification. Where a docstring says that
# something is your choice, every choice is accepted. Names of layers are always your choice.

# %% [markdown] tags=["lang-ja"]
# # 層：一つのネットワークを PyTorch と Keras で
#
# スプリント 1 では、計算を記録して微分する仕組みを作りました。スプリント 2 と 3 では、それをグラフにしました。
# その上に、どのフレームワークも**層**（layer）を用意しています。層とは、計算の規則と、その規則が使うパラメータを
# ひとまとめにしたものです。層をいくつか積み重ねると、ネットワークになります。
#
# このスプリントでは、同じネットワークを PyTorch と Keras で一つずつ作り、数字を読めるように学習させます。二つの
# フレームワークは、名前の付け方も、呼び出し方も、同じ数値を並べる順序も違います。しかし、その下にある数学は同じです。
# どうすればそれが分かるでしょうか。一方のパラメータをもう一方へ移して、答えが一致するかどうかを見ればよいのです。
#
# > **数学はどこでも同じ。軸の順序は同じではない。**
#
# こうしたネットワークの間違いは、ほとんどの場合、例外を起こしません。softmax が一つ多い、カーネルの縦と横が入れ替わって
# いる、`eval()` を忘れている。それでもプログラムは動き、損失も下がります。ただ、本来よりも性能が悪いだけです。ですから、
# このスプリントでは、間違いに気づく方法も学びます。
#
# **このスプリントを終えると、次のことができるようになります**
#
# - 畳み込みの出力の大きさとパラメータの数を、実行する前に計算する
# - 同じネットワークを PyTorch と Keras で書き、同じであることを確かめる
# - ロジット、確率、対数確率の違いと、どの損失にどれを渡すのかを説明する
# - モード、勾配、統計量に跡を残さずに学習と評価を行う
# - 学習ループを両方のフレームワークで自分で書き、平均損失を正しく求める
# - 特徴マップ、学習曲線、混同行列を見て、何が分かるかを説明する
#
# **扱わないこと：** BatchNorm と Dropout（二つのモードの違いだけは扱います）、データ拡張、Keras の `fit`、学習済みの
# ネットワーク、GPU（次のスプリント）、TensorFlow 1 での同じネットワーク（そのようなグラフの書き方はスプリント 2 で学びました）。
#
# **進め方。** 課題ごとに、コードを書くセルが一つあり、そのすぐ下に確認用のセルがあります。確認用のセルは課題の形を示すための
# もので、採点で調べるのはそれだけではありません。仕様は docstring に書いてあります。docstring に「your choice」と書いて
# あるところは、どの選び方をしてもかまいません。層の名前はいつでも自由です。

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
# ## The digits
#
# scikit-learn brings 1,797 handwritten digits along, of 8 × 8 pixels each. We draw them larger, 28 × 28, the size
# of the famous MNIST. There is nothing to learn from the code of the next cells but this: PyTorch wants images as
# (n, **channels**, height, width), Keras as (n, height, width, **channels**). Our images are grey and have one
# channel, so here the two forms hold the same numbers in the same order. It will not stay that way.

# %% [markdown] tags=["lang-ja"]
# ## 数字の画像
#
# scikit-learn には、8 × 8 画素の手書き数字が 1,797 枚付いています。これを、有名な MNIST と同じ 28 × 28 に拡大して使います。
# 次のセルのコードから学ぶことは一つだけです。PyTorch は画像を（n, **チャネル**, 高さ, 幅）の順で、Keras は（n, 高さ, 幅,
# **チャネル**）の順で受け取ります。ここで使う画像は白黒でチャネルが一つなので、どちらの形でも数値の並びは同じです。しかし、
# この先もずっと同じというわけではありません。

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


def show(pictures, titles):
    """Draw pictures in a row, dark where their numbers are large."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(1, len(pictures), figsize=(len(pictures), 1.4), squeeze=False)
    for axis, picture, title in zip(axes[0], pictures, titles, strict=True):
        axis.imshow(picture, cmap="gray_r")
        axis.set_title(title, fontsize=8)
        axis.set(xticks=[], yticks=[])
    plt.show()


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
# show(train_images[:9], train_labels[:9])

# %% [markdown] tags=["lang-en"]
# ## Task 1: how large, and how many parameters
#
# Why convolutions? A fully connected layer from 784 pixels to 784 numbers has 614,656 weights. It would have to
# learn what a stroke is anew at each place of the image. Two facts about images help. What belongs together lies
# **close together**. And a stroke is a stroke **wherever it is**. So a small window, the **kernel**, is moved
# over the image, the same one everywhere. At each place its numbers are multiplied with the pixels beneath and
# added up. The results, arranged as the places were, are a **feature map**: it says where in the image the
# kernel's pattern is. Here are two kernels made by hand:

# %% [markdown] tags=["lang-ja"]
# ## 課題 1：出力の大きさとパラメータの数
#
# なぜ畳み込みを使うのでしょうか。784 画素から 784 個の数への全結合層には、重みが 614,656 個あります。しかも、線とは何かを、
# 画像の場所ごとに別々に学ばなければなりません。画像については、助けになる事実が二つあります。関係のあるものは**近くにある**。
# そして、線は**どこにあっても**線です。そこで、**カーネル**と呼ばれる小さな窓を、同じもののまま画像の上で動かしていきます。
# それぞれの位置で、カーネルの数値と、その下にある画素を掛けて足し合わせます。その結果を位置の順に並べたものが
# **特徴マップ**です。カーネルの表すパターンが画像のどこにあるかを示します。手作りのカーネルを二つ試してみましょう。

# %% tags=["active-ipynb"]
# down = np.repeat([[1.0], [1.0], [0.0], [-1.0], [-1.0]], 5, axis=1).astype("float32")  # ink above, paper below
# aside = down.T  # the same, turned: height and width swapped
# maps = F.conv2d(for_torch(train_images[:1]), torch.from_numpy(np.stack([down, aside]))[:, None])[0].numpy()
# show([train_images[0], down, maps[0], aside, maps[1]], ["28 × 28", "kernel", "24 × 24", "turned", "24 × 24"])

# %% [markdown] tags=["lang-en"]
# The two kernels hold the same 25 numbers, with height and width swapped, and they see different things. Remember
# this for task 6.
#
# Two numbers can be had before anything is computed. **How large** is the map? Count the places where the window
# fits. A stride *s* lets it jump, a padding *p* puts zeros around the image. **How many parameters** are there?
# If the input has several channels, a kernel has a layer of numbers for each of them, and their products are
# added up. And each output channel has a kernel of its own, and one bias.
#
# Whoever can do this arithmetic in their head finds most mistakes before running anything.
#
# **Hint.** Take n = 5 and k = 3, draw five boxes, and count: three places. With s = 2 it is two. When a step
# would lead out of the image, there is no such place: round down.

# %% [markdown] tags=["lang-ja"]
# 二つのカーネルは、同じ 25 個の数の縦と横を入れ替えただけのものですが、見つけるものは違います。課題 6 で思い出してください。
#
# 計算を実行する前に分かる数が二つあります。まず、マップの**大きさ**です。窓が収まる位置を数えれば求まります。ストライド *s*
# を指定すると窓は飛び飛びに動き、パディング *p* を指定すると画像の周りに 0 が付け足されます。次に、**パラメータの数**です。
# 入力に複数のチャネルがあるときは、カーネルもチャネルごとに数値を持っていて、それぞれの積をすべて足し合わせます。そして、
# 出力チャネルごとに別のカーネルが一つと、バイアスが一つあります。
#
# この計算が暗算でできる人は、たいていの間違いを実行する前に見つけられます。
#
# **ヒント。** n = 5、k = 3 として、箱を五つ描いて数えてみましょう。位置は三つです。s = 2 なら二つです。次の一歩で画像から
# はみ出すなら、そこに位置はありません。つまり切り捨てです。

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
# At its end the network has ten numbers for each image, one for each digit: the larger, the more it believes in
# it. They are called **logits**, and may be any numbers. The **softmax** makes probabilities of them,
# $p_c = e^{z_c} / \sum_j e^{z_j}$. The loss is the **negative log-likelihood**, $-\log p_y$, where $y$ is the
# right digit: 0 when the network was sure and right, large when it was sure and wrong. Both together are the
# **cross-entropy**.
#
# There are three kinds of numbers about, logits, probabilities and log-probabilities, and all three have the
# shape (n, 10). From the numbers alone a loss cannot tell which kind it has been given. If you give probabilities
# to a loss that expects logits, it takes another softmax of them: everything still runs, but the network can
# never be sure of anything, and learns slowly.
#
# And there is a numerical trap. $e^{1000}$ is more than any float can hold, and $e^{-1000}$ is zero, whose
# logarithm is minus infinity. Mathematically $\log(\mathrm{softmax})$ is harmless; computed in two steps it is
# not. That is why frameworks compute the loss from logits in one go, and why it is best to let a network end in
# logits.
#
# **Hint.** If you subtract the same number from all logits of a sample, the softmax stays the same. Subtract the
# largest: then the largest is 0, no exponential overflows, and their sum is at least 1.

# %% [markdown] tags=["lang-ja"]
# ## 課題 2：スコアから損失へ
#
# ネットワークの最後には、画像一枚ごとに、数字 0〜9 に対応する十個の数が出てきます。大きいほど、その数字だと強く考えている
# ことを表します。これを**ロジット**（logit）と呼び、どんな値もとれます。**softmax** はこれを確率に変えます：
# $p_c = e^{z_c} / \sum_j e^{z_j}$。損失は**負の対数尤度** $-\log p_y$（$y$ は正解の数字）です。
# 自信をもって正解すれば 0 に近く、自信をもって間違えれば大きくなります。この二つを合わせたものが
# **交差エントロピー**です。
#
# ロジット、確率、対数確率という三種類の数が出てきましたが、shape はどれも (n, 10) です。数値を見ただけでは、
# どれを渡されたのか、損失には見分けられません。ロジットを受け取る損失に確率を渡すと、もう一度 softmax がかかります。それでも動きますが、
# ネットワークは何に対しても自信を持てず、学習はなかなか進みません。
#
# 数値計算の罠もあります。$e^{1000}$ は浮動小数点数では表せないほど大きく、$e^{-1000}$ は 0 になり、その対数はマイナス無限大
# です。$\log(\mathrm{softmax})$ は数学的には何の問題もありませんが、二段階に分けて計算すると問題が起こります。ですから、
# フレームワークはロジットから一気に損失を計算します。ネットワークの出力をロジットのままにしておくのがよいのも、そのためです。
#
# **ヒント。** 一つのサンプルのロジットすべてから同じ数を引いても、softmax は変わりません。最大値を引きましょう。すると最大値は
# 0 になり、指数関数はオーバーフローせず、その和は 1 以上になります。

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
    log_p : float ndarray (n, classes), logarithms of probabilities; -inf where another class has the probability 0
    y : int64 ndarray (n,), the right classes

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
# ## Task 3: the network in PyTorch
#
# Here is the network. It is small, and of a kind that is older than both frameworks: convolutions that look for
# patterns, each followed by a **pooling** that keeps the largest of 2 × 2 numbers, so that it no longer matters
# exactly where the pattern was; then two fully connected layers that decide.
#
# | step | output | parameters |
# |---|---|---|
# | image | 1 × 28 × 28 | |
# | convolution, 10 kernels of 5 × 5 | 10 × 24 × 24 | 260 |
# | ReLU, maximum over 2 × 2 | 10 × 12 × 12 | |
# | convolution, 20 kernels of 5 × 5 | 20 × 8 × 8 | 5,020 |
# | ReLU, maximum over 2 × 2 | 20 × 4 × 4 | |
# | flatten | 320 | |
# | linear, ReLU | 50 | 16,050 |
# | linear | 10 logits | 510 |
#
# Check the table with your functions from task 1: altogether 21,840 parameters.
#
# In PyTorch a network is a class. In `__init__` you make the layers, and in `forward` you say how they are used;
# PyTorch records the graph while `forward` runs, as your own framework did in sprint 1. How does
# `net.parameters()` find the parameters? An `nn.Module` notices when another module is assigned to one of its
# **attributes**. A module inside a Python list it does not notice: then the network computes, and neither the
# optimizer nor `state_dict()` knows that there is anything to learn or to save.
#
# `net.parameters()` gives them in the order in which you made the layers. Make them in the order in which they run,
# then you can go through both networks side by side in task 6.
#
# **Hint.** Five lines in `__init__`, three in `forward`. `F.relu` and `F.max_pool2d` have no parameters and need
# not be attributes. `x.flatten(1)` keeps axis 0, the batch. After the last layer there is nothing more.

# %% [markdown] tags=["lang-ja"]
# ## 課題 3：PyTorch でのネットワーク
#
# 作るのは次のネットワークです。小さなもので、こうした形はどちらのフレームワークよりも古くからあります。畳み込みがパターンを探し、そのあとの
# **プーリング**が 2 × 2 個の数のうち最大のものだけを残します。これで、パターンの正確な位置はあまり関係なくなります。最後に二つの
# 全結合層が判断します。
#
# | 段階 | 出力 | パラメータ |
# |---|---|---|
# | 画像 | 1 × 28 × 28 | |
# | 畳み込み、5 × 5 のカーネル 10 個 | 10 × 24 × 24 | 260 |
# | ReLU、2 × 2 の最大値 | 10 × 12 × 12 | |
# | 畳み込み、5 × 5 のカーネル 20 個 | 20 × 8 × 8 | 5,020 |
# | ReLU、2 × 2 の最大値 | 20 × 4 × 4 | |
# | flatten（一列に並べる） | 320 | |
# | 全結合、ReLU | 50 | 16,050 |
# | 全結合 | ロジット 10 個 | 510 |
#
# 課題 1 の関数でこの表を確かめてみてください。パラメータは全部で 21,840 個です。
#
# PyTorch では、ネットワークはクラスです。`__init__` で層を作り、`forward` でその使い方を書きます。スプリント 1 で作った自分の
# フレームワークと同じように、`forward` が実行されている間にグラフが記録されます。では、`net.parameters()` はどうやって
# パラメータを見つけるのでしょうか。`nn.Module` は、ほかのモジュールが**属性**に代入されると、それに気づきます。Python の
# リストの中に入れたモジュールには気づきません。すると、ネットワークとしては計算できるのに、オプティマイザも `state_dict()` も、
# 学習するものや保存するものがあることを知らない、ということになります。
#
# `net.parameters()` は、層を作った順にパラメータを返します。実行される順に層を作っておけば、課題 6 で二つのネットワークを同じ順に
# たどることができます。
#
# **ヒント。** `__init__` は五行、`forward` は三行で書けます。`F.relu` と `F.max_pool2d` にはパラメータがないので、属性にする
# 必要はありません。`x.flatten(1)` は軸 0（バッチ）を残します。最後の層のあとには何も付けません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_conv_net", "locked": false, "schema_version": 3, "solution": true, "task": false}
class ConvNet(nn.Module):
    """The network of the table above: float (n, 1, 28, 28) -> logits (n, 10), for any n from 1 on.

    convolution to 10 channels, kernel 5 -> ReLU, maximum over 2 x 2 -> convolution to 20 channels, kernel 5 -> ReLU,
    maximum over 2 x 2 -> 320 numbers -> linear to 50 -> ReLU -> linear to 10

    Its parameters are those of two nn.Conv2d and two nn.Linear, with biases, 21,840 numbers; they are there once it
    is made, and its own. A copy.deepcopy of it computes with the copy's parameters. Names, nn.Sequential or methods of
    your own, ReLU before or after the maximum: your choice. It computes the same in training and in evaluation, in
    float32 and, after .double(), in float64.
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
# ## Task 4: the same network in Keras
#
# In Keras you do not write a class, you describe a stack: a list of layers for `keras.Sequential`, or layers
# called on one another, beginning with a `keras.Input`, which is the functional form. What PyTorch asks you to
# say about the input, Keras finds out: a `Dense(50)` looks at what comes in and makes as many weights as it
# needs.
#
# Three things are different, and each of them is a place where mistakes happen:
#
# - The activation may be an argument of the layer, `Dense(50, activation="relu")`. Without it there is none.
# - A model is **compiled** with its loss. Whether the outputs are logits or probabilities must be said to the
#   loss: `from_logits=True`. The default is False. (A softmax layer of its own Keras notices, and takes the
#   logits from before it. Do not build on that: a softmax that you compute yourself it does not see.)
# - Channels come last, so `Flatten` goes through the maps in another order than PyTorch does.
#
# **Hint.** `SparseCategoricalCrossentropy` is the cross-entropy for labels that are whole numbers. If you end in
# a softmax, it stays as it is; if you end in logits, tell it.

# %% [markdown] tags=["lang-ja"]
# ## 課題 4：Keras での同じネットワーク
#
# Keras では、クラスを書く代わりに、層の積み重ねを記述します。`keras.Sequential` に層のリストを渡すか、`keras.Input` から始めて
# 層を次々に呼び出していきます（後者を functional 形式と呼びます）。PyTorch では入力の大きさを自分で書きますが、Keras は
# 自分で調べます。`Dense(50)` は、入ってくるものを見て、必要な数の重みを作ります。
#
# 違いは三つあり、どれも間違いの起こりやすいところです。
#
# - 活性化関数は、`Dense(50, activation="relu")` のように層の引数にできます。書かなければ、何も付きません。
# - モデルは損失といっしょに**コンパイル**します。出力がロジットなのか確率なのかを、`from_logits=True` で損失に伝えなければ
#   なりません。デフォルトは False です。（Keras 自身の softmax 層であれば、Keras はそれに気づいて、その手前のロジットを使って
#   くれます。しかし、これに頼ってはいけません。自分で計算した softmax には気づかないからです。）
# - チャネルが最後に来るので、`Flatten` は PyTorch とは違う順序でマップを並べます。
#
# **ヒント。** `SparseCategoricalCrossentropy` は、ラベルが整数のときの交差エントロピーです。最後が softmax ならそのままで、
# 最後がロジットならそのことを伝えます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_build_cnn", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_cnn():
    """The same network in Keras, new each time, compiled.

    Returns
    -------
    keras.Model : float32 (n, 28, 28, 1) -> float32 (n, 10), for any n; 21,840 parameters, all trainable, and nothing else
        with weights. What is flattened has its channels last.
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
# ## Task 5: what happens inside
#
# Keras has `model.summary()`, a table of layers, shapes and parameters. PyTorch has nothing like it, and cannot
# have it: what a network does is decided while `forward` runs, as in sprint 1. So you have to run it and watch.
# For this there are **hooks**: `layer.register_forward_hook(f)` has `f(layer, inputs, output)` called whenever
# the layer has run.
#
# Whoever watches must not disturb. Hooks that stay behind fill up memory at every call. A BatchNorm that is run
# in training mode changes its running mean. So take care that the model is afterwards what it was before,
# whatever happens in between.
#
# **Hint.** `register_forward_hook` returns a handle with a `remove()`. Set it into a `try: … finally:`.
# `model.eval()` changes the mode of all modules inside, and they may have had different ones: remember each,
# `[(m, m.training) for m in model.modules()]`.

# %% [markdown] tags=["lang-ja"]
# ## 課題 5：中で何が起きているか
#
# Keras には `model.summary()` があり、層と shape とパラメータの表を見せてくれます。PyTorch にはありません。作れないのです。
# スプリント 1 と同じように、ネットワークが何をするかは `forward` を実行している間に決まるからです。ですから、実行して観察する
# しかありません。そのためにあるのが**フック**（hook）です。`layer.register_forward_hook(f)` とすると、その層が実行されるたびに
# `f(layer, inputs, output)` が呼ばれます。
#
# 観察する人は、邪魔をしてはいけません。フックを残しておくと、呼び出しのたびにメモリが増えていきます。BatchNorm を学習モードで
# 実行すると、移動平均が変わります。途中で何が起きても、モデルが最後には元どおりになっているようにしてください。
#
# **ヒント。** `register_forward_hook` は、`remove()` を持つハンドルを返します。`try: … finally:` を使いましょう。`model.eval()`
# は中のすべてのモジュールのモードを変えますが、もとのモードは同じとは限りません。`[(m, m.training) for m in model.modules()]`
# のように、一つずつ覚えておきます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_layer_report", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_report(model, shape=(1, 28, 28)):
    """What the layers of a PyTorch model make of one input, in the order in which they run.

    Parameters
    ----------
    model : nn.Module, any in which each layer gives one tensor; it may be a single layer itself. Its layers are the
        modules in it that have no modules inside.
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
    An exception in the model goes on to the caller.
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
# The report of your own network: do you recognize the table of task 3? Layers that are called as functions, such
# as `F.relu`, are no modules, and no hook sees them.

# %% [markdown] tags=["lang-ja"]
# 自分のネットワークのレポートです。課題 3 の表と同じになっているでしょうか。`F.relu` のように関数として呼び出した層は
# モジュールではないので、フックからは見えません。

# %% tags=["active-ipynb"]
# for kind, shape, parameters in layer_report(net):
#     print(f"{kind:10} {shape!s:14} {parameters:7,}")
# model.summary()  # and Keras' own report

# %% [markdown] tags=["lang-en"]
# ## Task 6: the same numbers in both
#
# Now the proof that both networks are the same: carry the parameters over and compare the answers. It is also how
# trained networks move from one framework to another. Each framework keeps its numbers in the order in which it
# likes to compute:
#
# | | PyTorch | Keras |
# |---|---|---|
# | images | (n, channels, height, width) | (n, height, width, channels) |
# | a convolution's kernels | (out, in, height, width) | (height, width, in, out) |
# | a linear layer's weights | (out, in) | (in, out) |
# | biases | (out,) | (out,) |
#
# There are two traps, and the shapes do not warn you of either. Kernels are square: a wrong order of axes that
# swaps **height and width** fits just as well, and the network sees everything turned over, as with the two
# kernels above. And the first linear layer gets 320 numbers that were 20 maps of 4 × 4. PyTorch **flattens** map
# by map, Keras place by place. The numbers are the same, their order is not, so its weights must be put into
# another order too.
#
# **Hint.** `transpose(2, 3, 1, 0)` says, for each new axis, which old one it is. For the first linear layer: take
# the axis of 320 apart, `reshape(50, 20, 4, 4)`; bring the axes into Keras' order; put them together again.
# `get_weights` and `set_weights` of a Keras model take and give a list of arrays.

# %% [markdown] tags=["lang-ja"]
# ## 課題 6：両方に同じ数値を
#
# いよいよ、二つのネットワークが同じであることを確かめます。パラメータを移して、答えを比べるのです。学習済みのネットワークを別の
# フレームワークへ移すときにも、同じことをします。どちらのフレームワークも、自分が計算しやすい順序で数値を持っています。
#
# | | PyTorch | Keras |
# |---|---|---|
# | 画像 | (n, チャネル, 高さ, 幅) | (n, 高さ, 幅, チャネル) |
# | 畳み込みのカーネル | (出力, 入力, 高さ, 幅) | (高さ, 幅, 入力, 出力) |
# | 全結合層の重み | (出力, 入力) | (入力, 出力) |
# | バイアス | (出力,) | (出力,) |
#
# 罠が二つあり、どちらも shape を見ただけでは気づけません。まず、カーネルは正方形です。軸の順序を間違えて**高さと幅**が
# 入れ替わっても、shape は合ってしまいます。すると、上で見た二つのカーネルのように、ネットワークには何もかもが転置されて見えます。
# 次に、最初の全結合層には、4 × 4 のマップ 20 枚分、320 個の数が入ります。PyTorch の **flatten** はマップごとに、Keras は位置ごとに
# 並べます。数値は同じでも順序が違うので、重みのほうも並べ替えなければなりません。
#
# **ヒント。** `transpose(2, 3, 1, 0)` は、新しい軸のそれぞれが、もとのどの軸なのかを表します。最初の全結合層では、まず 320 の軸を
# `reshape(50, 20, 4, 4)` で分け、軸を Keras の順序に並べ替えて、またまとめます。Keras のモデルの `get_weights` と `set_weights`
# は、配列のリストを返したり受け取ったりします。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_transfer_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def transfer_weights(torch_net, keras_model):
    """Copy the parameters of a PyTorch network into a Keras model, so that both compute the same.

    Parameters
    ----------
    torch_net : nn.Module built like a ConvNet: two nn.Conv2d and two nn.Linear with biases, registered in the order in
        which they run, and nothing else with parameters or buffers. The first nn.Linear takes the second convolution's
        output (n, 20, 4, 4) as it is flattened by PyTorch. It is not changed. Not only yours: names differ.
    keras_model : a Keras model built like build_cnn's: two Conv2D and two Dense with biases, in the same order. The first
        Dense takes (n, 4, 4, 20) as it is flattened by Keras. Its parameters are overwritten, frozen ones too; nothing
        else of it is changed.

    For the same images, the outputs before any softmax then agree to 1e-5. What it returns does not matter.
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
# torch_kernel = next(p for p in net.parameters() if p.shape == (10, 1, 5, 5))
# keras_kernel = next(w for w in model.get_weights() if w.shape == (5, 5, 1, 10))
# assert keras_kernel[1, 3, 0, 7] == torch_kernel[7, 0, 1, 3].item(), "row 1, column 3 of kernel 7"
# with torch.no_grad():
#     ours = F.log_softmax(net(for_torch(test_images[:8])), dim=1).numpy()
# theirs = model(for_keras(test_images[:8])).numpy()
# if not np.allclose(theirs.sum(axis=1), 1):  # logits; else they are probabilities already
#     theirs = tf.nn.softmax(theirs).numpy()
# np.testing.assert_allclose(theirs, np.exp(ours), atol=1e-5, err_msg="both frameworks must give the same probabilities")

# %% [markdown] tags=["lang-en"]
# ## Task 7: an epoch in PyTorch
#
# PyTorch gives you no training loop, you write it: for each batch compute the loss, go backward, take a step.
# Four things are easily forgotten, and none of them raises an exception:
#
# - Gradients **accumulate**, as in sprint 1: without `zero_grad` each step goes along the sum of all gradients so
#   far.
# - `F.cross_entropy` takes **logits**. You know from task 2 what happens to probabilities.
# - `model.train()`: somebody may have evaluated the model in between and left it in evaluation mode.
# - The **mean**. The loss of a batch is a mean over the batch. If the last batch is smaller, the mean of these
#   means is not the mean over the samples: with batches of 40, 40 and 20 the last 20 samples would count twice as
#   much as the others.
#
# **Hint.** `loss.item()` is the number without its graph. Multiply it by the size of the batch, and divide by the
# number of samples at the end.

# %% [markdown] tags=["lang-ja"]
# ## 課題 7：PyTorch での一エポック
#
# PyTorch には学習ループが用意されていないので、自分で書きます。バッチごとに損失を計算し、逆伝播し、一歩進みます。忘れやすいことが
# 四つあり、忘れても例外は起こりません。
#
# - 勾配はスプリント 1 と同じように**足し合わされて**いきます。`zero_grad` がないと、それまでの勾配すべての和に沿って進んで
#   しまいます。
# - `F.cross_entropy` に渡すのは**ロジット**です。確率を渡すとどうなるかは、課題 2 で見ました。
# - `model.train()`：その前に誰かがモデルを評価して、評価モードのままにしているかもしれません。
# - **平均**。バッチの損失は、バッチの中での平均です。最後のバッチが小さいとき、その平均をさらに平均しても、サンプル全体の平均には
#   なりません。バッチが 40、40、20 なら、最後の 20 個はほかの二倍の重みで数えられてしまいます。
#
# **ヒント。** `loss.item()` は、グラフの付いていない数です。これにバッチの大きさを掛けて足していき、最後にサンプルの数で割ります。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_train_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_epoch(model, batches, optimizer):
    """Train a PyTorch model for one epoch: one step for each batch, on the batch's mean cross-entropy.

    Parameters
    ----------
    model : nn.Module, gives logits (n, classes). In whatever mode it comes, it is trained, and left, in training mode.
    batches : iterable of (x, y), tensors; x is float32 or float64, as the model, y is int64 (n,). It is gone through
        once. The last may be smaller.
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
# ## Task 8: evaluate, and leave no trace
#
# Some layers behave differently in training and in use: a Dropout drops numbers only in training, a BatchNorm
# normalizes by the batch in training, and by its running statistics afterwards. In PyTorch the **mode** is a
# state of each module. So evaluating is: switch to evaluation mode, do not record graphs, measure, and put
# everything back. A model may have been in training mode; or it was in evaluation mode already; or only a part of
# it was, as when somebody trains the end of a network and keeps the rest frozen.
#
# The accuracy says how many were right, the loss how sure the network was. You need both: a network may go on
# naming the same digits while it becomes ever more sure of its mistakes.
#
# **Hint.** The classes are axis 1. `(logits.argmax(dim=1) == y).sum().item()` is a number of samples; add these
# up.

# %% [markdown] tags=["lang-ja"]
# ## 課題 8：跡を残さずに評価する
#
# 学習のときと使うときで、動作の変わる層があります。Dropout が数を落とすのは学習のときだけです。BatchNorm は、学習のときは
# バッチで、そのあとは移動平均で正規化します。PyTorch では、この**モード**はモジュールの一つひとつが持つ状態です。ですから、
# 評価するときは、評価モードに切り替え、グラフを記録せずに測り、すべてを元に戻します。モデルは学習モードだったかもしれませんし、
# はじめから評価モードだったかもしれません。一部だけが評価モードだったということもあります。ネットワークの終わりのほうだけを学習させ、
# 残りを凍結しておくような場合です。
#
# 正解率（accuracy）はいくつ正解したかを、損失はどれくらい自信があったかを表します。両方が必要です。答えは同じままで、間違いに
# 対する自信だけが増していく、ということもあるからです。
#
# **ヒント。** クラスは軸 1 です。`(logits.argmax(dim=1) == y).sum().item()` は正解したサンプルの数です。これを足していきます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluate(model, batches):
    """How good a PyTorch model is: its loss and its accuracy, in evaluation mode.

    Parameters
    ----------
    model : nn.Module, gives logits (n, classes)
    batches : iterable of (x, y), tensors; x is float32 or float64, as the model, y is int64 (n,). It is gone through
        once. The last may be smaller.

    Returns
    -------
    (loss, accuracy) : floats, the mean cross-entropy over all samples, and the share of samples whose largest logit is
        that of the right class

    Must leave everything as it was: when it returns, each module in the model is in the mode in which it was before;
    gradients and statistics are unchanged. No graph is recorded meanwhile; afterwards graphs are recorded as before, or
    not, if they were not.
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
# assert abs(accuracy * 100 - round(accuracy * 100)) < 1e-3, "of 100 samples, a whole number is right"
# assert net.training, "the model must be in the mode it was in"
# assert evaluate(net, few) == (loss, accuracy), "evaluating changes nothing"

# %% [markdown] tags=["lang-en"]
# ## Task 9: an epoch in Keras
#
# Keras has `fit`, which does all this for you. But whoever wants something that `fit` does not foresee writes the
# loop, and then it helps to know how the two frameworks differ:
#
# | | PyTorch | TensorFlow with Keras |
# |---|---|---|
# | what is recorded | everything, unless `no_grad` | only what happens inside the `GradientTape` |
# | where gradients go | into `.grad`, added up | into what `tape.gradient` returns, new each time |
# | training or evaluation | a state of the model | an argument of each call, `training=True` |
# | what is trained | what the optimizer was given | what you give to the optimizer, step by step |
#
# So there is nothing to set to zero here, and no mode to restore. Other things can be forgotten instead.
#
# **Hint.** `model.trainable_variables` leaves out what is frozen. The call of the model and the loss belong
# inside the tape, the gradient and the step outside.

# %% [markdown] tags=["lang-ja"]
# ## 課題 9：Keras での一エポック
#
# Keras には `fit` があり、これを全部やってくれます。しかし、`fit` が想定していないことをしたければ、ループを自分で書くことに
# なります。そのとき、二つのフレームワークの違いを知っていると役に立ちます。
#
# | | PyTorch | TensorFlow と Keras |
# |---|---|---|
# | 記録されるもの | すべて（`no_grad` の中を除く） | `GradientTape` の中で起きたことだけ |
# | 勾配の行き先 | `.grad` に足し合わされる | `tape.gradient` の戻り値。毎回新しい |
# | 学習か評価か | モデルの状態 | 呼び出しごとの引数 `training=True` |
# | 学習されるもの | オプティマイザに最初に渡したもの | ステップごとにオプティマイザに渡したもの |
#
# ですから、ここでは 0 に戻すものも、元に戻すモードもありません。その代わり、別のことを忘れる可能性があります。
#
# **ヒント。** `model.trainable_variables` には、凍結されたものは入っていません。モデルの呼び出しと損失はテープの中に、勾配の計算と
# 更新は外に書きます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_tape_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tape_epoch(model, batches, loss_fn, optimizer):
    """Train a Keras model for one epoch with a GradientTape: one step for each batch.

    Parameters
    ----------
    model : a built keras.Model, whatever its layers. It is called as in training: a Dropout drops, a BatchNormalization
        normalizes by the batch.
    batches : iterable of (x, y), tensors. It is gone through once. The last may be smaller.
    loss_fn : a function loss_fn(y, outputs), the mean loss of a batch, a scalar tensor. Nothing is added to it, no
        penalty of a layer either.
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
# ## Task 10: learn to read
#
# Now train. Optimizer, learning rate and batch size are yours to choose. Two things help to find them.
#
# **Learn a few by heart.** A network with 21,840 parameters must be able to learn 32 images without a mistake. If
# it cannot, something is wrong with the training, and no amount of data will mend it. This is the quickest test
# there is; do it first.
#
# **Make it repeatable.** If the result changes from run to run you cannot tell an improvement from luck. Shuffle
# with a random generator of your own, begun with the seed: then nobody who draws random numbers elsewhere changes
# your order.
#
# And shuffle anew in each epoch: otherwise the same images always share a batch, and the last ones always come
# last.
#
# **Hint.** `torch.randperm(n, generator=torch.Generator().manual_seed(seed))` is an order. Adam with a learning
# rate of a few thousandths and batches of about 25 are a good beginning. If the loss does not fall, or jumps,
# change the rate by a factor of three.

# %% [markdown] tags=["lang-ja"]
# ## 課題 10：数字を読めるようにする
#
# いよいよ学習です。オプティマイザも、学習率も、バッチサイズも、自分で選びます。選ぶときに役立つことが二つあります。
#
# **少しのデータを丸暗記させてみる。** パラメータが 21,840 個もあるネットワークなら、32 枚の画像は一つも間違えずに覚えられるはず
# です。覚えられないなら、学習のどこかが間違っていて、データを増やしても直りません。これはいちばん手早い確認方法です。最初に
# やってみてください。
#
# **再現できるようにする。** 実行するたびに結果が変わると、良くなったのか、運が良かっただけなのか、区別できません。シードから始めた
# 自分専用の乱数生成器でシャッフルしましょう。そうすれば、ほかの場所で乱数が使われても、順序は変わりません。
#
# また、エポックごとにシャッフルし直してください。そうしないと、いつも同じ画像が同じバッチに入り、最後の画像はいつも最後になります。
#
# **ヒント。** `torch.randperm(n, generator=torch.Generator().manual_seed(seed))` で一つの並び順が得られます。学習率が千分の数ほどの
# Adam と、25 程度のバッチサイズから始めるとよいでしょう。損失が下がらなかったり、大きく上下したりするときは、学習率を三倍か三分の一に
# してみてください。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit(net, images, labels, epochs=6, seed=0):
    """Train a PyTorch network on images, shuffled anew in each epoch.

    Parameters
    ----------
    net : nn.Module, float32 (n, 1, 28, 28) -> logits (n, 10); a ConvNet, or another network like it, which draws no
        random numbers itself: it has no Dropout. It is changed.
    images : float32 ndarray (n, 28, 28), n from 1 on, between 0 and 1; labels : int64 ndarray (n,). They are not changed.
    epochs : int
    seed : int, from 0 to 2**32 - 1, decides the order of the samples. The same network with the same seed ends with the same
        parameters, whatever random numbers were drawn before; with another seed the order is another one.

    Returns
    -------
    list of epochs floats, the mean cross-entropy of each epoch over all its samples

    Optimizer, learning rate and batch size are your choice. A new ConvNet must, in 6 epochs on 600 digits, learn to
    name at least 80 % of digits that it has not seen, and in 60 epochs on 32 digits name all of these; of three
    attempts, with other initial parameters and other seeds, the best one counts.
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
# ## Look at what you have built
#
# First both frameworks side by side. They begin with the same parameters, thanks to `transfer_weights`, see the
# same images in the same order, and take the same steps. So the two **learning curves** should lie on top of one
# another, and they do: what differs is rounding. If your curves part, one of the two loops does something that
# the other does not. (The steps here are SGD's, with momentum. Adam's formula has a tiny constant in it, against
# a division by zero, and the two frameworks put it in different places: the curves of Adam part slowly.) Both
# curves stay near log(10) for a while: as long as the first kernels are random, the layers behind them have little
# to go by, and the gradients are small.
#
# On the right is the curve of your `fit`, with three times as many images: a steep fall, then a slow one. If a curve is flat from the beginning,
# the learning rate is too small, or no gradient arrives; if it jumps up and down, the rate is too large.

# %% [markdown] tags=["lang-ja"]
# ## 作ったものを眺める
#
# まず、二つのフレームワークを並べてみましょう。`transfer_weights` のおかげで、どちらも同じパラメータから始め、同じ画像を同じ順序で
# 見て、同じように進みます。ですから、二つの**学習曲線**は重なるはずで、実際に重なります。違いは丸め誤差だけです。もし曲線が離れていく
# なら、二つのループのどちらかが、もう一方のしていないことをしています。（ここではモーメンタム付きの SGD を使っています。Adam の式には
# 0 で割るのを防ぐための小さな定数があり、それを置く場所が二つのフレームワークで違うので、Adam の曲線は少しずつ離れていきます。）
# どちらの曲線も、しばらくは log(10) の近くにとどまります。最初のカーネルがでたらめなうちは、あとの層に手がかりがほとんどなく、
# 勾配も小さいからです。
#
# 右は、三倍の枚数の画像を使った `fit` の曲線です。はじめは急に、やがてゆっくりと下がります。はじめから平らなら、学習率が小さすぎるか、勾配が届いていません。
# 上下に飛び跳ねるなら、学習率が大きすぎます。

# %% tags=["active-ipynb"]
# torch.manual_seed(0)
# twin, model = ConvNet(), build_cnn()
# transfer_weights(twin, model)
# torch_optimizer = torch.optim.SGD(twin.parameters(), lr=0.05, momentum=0.9)
# keras_optimizer = keras.optimizers.SGD(0.05, momentum=0.9)
# torch_curve, keras_curve = [], []
# for epoch in range(5):
#     order = np.random.default_rng(epoch).permutation(200)
#     x, y = train_images[order], train_labels[order]
#     torch_batches = batches_of(for_torch(x), torch.from_numpy(y), 25)
#     keras_batches = batches_of(for_keras(x), tf.constant(y), 25)
#     torch_curve.append(train_epoch(twin, torch_batches, torch_optimizer))
#     loss_fn = lambda y, outputs: model.compute_loss(y=y, y_pred=outputs)
#     keras_curve.append(tape_epoch(model, keras_batches, loss_fn, keras_optimizer))
#
# figure, axes = plt.subplots(1, 2, figsize=(8, 2.5))
# axes[0].plot(range(1, 6), torch_curve, "o-", label="PyTorch")
# axes[0].plot(range(1, 6), keras_curve, "s--", label="Keras")
# axes[0].set(title="the same 200 images", xlabel="epoch", ylabel="mean loss", ylim=(0, 2.5))
# axes[0].legend(loc="lower left")
# axes[1].plot(range(1, 7), history, "o-")
# axes[1].set(title="fit, 600 images", xlabel="epoch", ylim=(0, 2.5))
# plt.show()

# %% [markdown] tags=["lang-en"]
# What has the network learned to look for? Here are the ten kernels of the first convolution, and below each its
# feature map for one digit. Dark is large, and each picture has a scale of its own. Learned kernels look less tidy than those made by hand, all the more after so few
# images. Their maps tell more. Some answer wherever there is ink. Others answer at one edge of the stroke only,
# or where there is none. And a map that is empty belongs to a kernel whose answers to this digit are all
# negative: its ReLU lets nothing through. The layers behind see nothing but these maps.

# %% [markdown] tags=["lang-ja"]
# ネットワークは何を探すようになったのでしょうか。上の段は最初の畳み込みの十個のカーネル、下の段は、ある数字に対するそれぞれの
# 特徴マップです。値が大きいほど濃く、濃さの尺度は絵ごとに違います。学習で得られたカーネルは、手作りのものほど整っては見えません。
# 画像が少なければなおさらです。マップを見るほうがよく分かります。線があればどこでも反応するもの、線の片側の縁だけに反応するもの、線のないところに反応するものがあります。何も写って
# いないマップは、この数字に対する値がすべて負で、ReLU を一つも通らなかったカーネルのものです。このあとの層が見ているのは、
# これらのマップだけです。

# %% tags=["active-ipynb"]
# first = next(layer for layer in net.modules() if isinstance(layer, nn.Conv2d) and layer.in_channels == 1)
# maps = F.relu(first(for_torch(test_images[:1])))[0].detach().numpy()
# show([test_images[0], *first.weight.detach().numpy()[:, 0]], ["input", *(f"kernel {n}" for n in range(10))])
# show([test_images[0], *maps], ["input", *(f"map {n}" for n in range(10))])

# %% [markdown] tags=["lang-en"]
# The accuracy is one number for all digits. The **confusion matrix** says more: a row for each right digit, a
# column for each answer. What is off the diagonal are the mistakes, and they are seldom spread evenly: which
# digits are taken for one another? Look at a few of these images, and ask whether you would have been sure.

# %% [markdown] tags=["lang-ja"]
# 正解率は、すべての数字をまとめた一つの数です。**混同行列**からはもっと多くのことが分かります。行は正解の数字、列はネットワークの答え
# です。対角線から外れたところが間違いで、均等に散らばっていることはめったにありません。どの数字がどの数字と間違えられやすいで
# しょうか。間違えた画像をいくつか見て、自分なら自信をもって答えられたかどうか、考えてみてください。

# %% tags=["active-ipynb"]
# with torch.no_grad():
#     said = net(for_torch(test_images)).argmax(dim=1).numpy()
# confusion = np.zeros((10, 10), dtype=int)
# np.add.at(confusion, (test_labels, said), 1)
#
# figure, axes = plt.subplots(figsize=(4, 4))
# axes.imshow(np.sqrt(confusion), cmap="Blues")  # the root makes single mistakes visible
# for right, row in enumerate(confusion):
#     for answer, count in enumerate(row):
#         if count:
#             axes.text(answer, right, count, ha="center", va="center", fontsize=7, color="white" if count > 20 else "black")
# axes.set(xlabel="answer", ylabel="right digit", xticks=range(10), yticks=range(10))
# plt.show()
#
# wrong = np.flatnonzero(said != test_labels)[:8]
# if len(wrong) > 1:
#     show(test_images[wrong], [f"{test_labels[n]}, not {said[n]}" for n in wrong])

# %% [markdown] tags=["lang-en"]
# And last: the trained PyTorch network, carried over into Keras, reads all digits as before. The two are one
# network.

# %% [markdown] tags=["lang-ja"]
# 最後に、学習済みの PyTorch のネットワークを Keras へ移してみます。どの数字に対しても、答えは同じままです。二つは同じ一つの
# ネットワークなのです。

# %% tags=["active-ipynb"]
# transfer_weights(net, model)
# keras_said = model(for_keras(test_images)).numpy().argmax(axis=1)
# print(f"{np.sum(keras_said != said)} of {len(said)} answers differ")

# %% [markdown] tags=["lang-en"]
# ## Where else the same ideas are at work
#
# | here | elsewhere |
# |---|---|
# | `nn.Module`, `forward` | `chainer.Chain`, its elder relative; `flax.linen.Module`; a subclass of `keras.Model` |
# | `Sequential`, functional | `nn.Sequential`; ONNX and Core ML describe a network in the same way |
# | (n, channels, height, width) | Chainer, Caffe, ONNX |
# | (n, height, width, channels) | TensorFlow, JAX, mobile processors; `memory_format=torch.channels_last` |
# | `from_logits=True` | `BCEWithLogitsLoss` in PyTorch, `optax.softmax_cross_entropy` |
# | weights carried over by hand | what ONNX, `safetensors` and every converter have to do |
#
# In the next sprint the same network moves to other devices. Until then: the mathematics is the same everywhere,
# the order of the axes is not.

# %% [markdown] tags=["lang-ja"]
# ## 同じ考え方はほかにも
#
# | ここでは | ほかでは |
# |---|---|
# | `nn.Module` と `forward` | 古くからの親戚である `chainer.Chain`、`flax.linen.Module`、`keras.Model` のサブクラス |
# | `Sequential` と functional 形式 | `nn.Sequential`。ONNX や Core ML も同じようにネットワークを記述する |
# | (n, チャネル, 高さ, 幅) | Chainer、Caffe、ONNX |
# | (n, 高さ, 幅, チャネル) | TensorFlow、JAX、モバイル向けプロセッサ。PyTorch では `memory_format=torch.channels_last` |
# | `from_logits=True` | PyTorch の `BCEWithLogitsLoss`、`optax.softmax_cross_entropy` |
# | 手作業での重みの移し替え | ONNX や `safetensors`、どの変換ツールも行っていること |
#
# 次のスプリントでは、同じネットワークを別のデバイスへ移します。それまでは、この一文を覚えておいてください。数学はどこでも同じ、軸の
# 順序は同じではない。
