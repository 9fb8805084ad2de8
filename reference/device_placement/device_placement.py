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
# # Device placement: where a computation happens
#
# So far it did not matter *where* a number was. There was one memory, and one processor that computed on it. A machine
# that trains networks has several **devices**: the CPU with the machine's main memory, and accelerators – GPUs, most of
# the time – each with a memory of its own.
#
# Everything in this sprint follows from three facts:
#
# > 1. **A tensor lives on one device.** An operation needs all its operands there; it does not fetch them.
# > 2. **Moving is copying**, and a copy takes longer than most computations.
# > 3. **An accelerator works on its own.** A call hands over work and returns before the work is done.
#
# From the first follows the most frequent error message of this trade, from the second where to place what, from the
# third why so many published timings are wrong.
#
# **When you are done you can**
#
# - choose a device without writing a program that runs on one machine only;
# - move nested data, modules with their state, and a training step, and leave nothing behind;
# - split a network over two devices, and average gradients that were computed on several;
# - write a CNN down as a graph, with its placement, read a placement from one, and tell what was requested from what
#   happened;
# - measure the time of work that happens elsewhere.
#
# **You need no GPU.** PyTorch has a device that everybody can use: `meta`. A tensor there has a shape and a dtype, but
# no numbers. It obeys the first fact almost as strictly as a GPU does: nothing can be read back from it, and it cannot be
# mixed with tensors that are elsewhere, except in a few operations, such as a product of two matrices, that look at shapes
# only. TensorFlow, in turn, can treat one CPU as two devices, and writes `GPU:0` into a
# graph on a machine that has none. Two cells at the end are graded on a machine with a GPU. Without one they say so and
# pass on.
#
# **Out of scope:** training in several processes or on several machines (`DistributedDataParallel`, `tf.distribute`),
# half precision, streams and pinned memory, writing GPU kernels, TPUs.
#
# **How to work.** Each task has one cell for your code and one cell of checks below it. The checks show the shape of
# the task. They are not all that is graded: the docstrings are the specification. Where a docstring says that something
# is your choice, every choice is accepted.

# %% [markdown] tags=["lang-ja"]
# # デバイス配置：計算はどこで行われるか
#
# これまでは、数が*どこに*あるかを気にする必要がありませんでした。メモリは一つ、それを使って計算するプロセッサも一つ
# だったからです。ニューラルネットワークを学習させるマシンには、複数の**デバイス**があります。メインメモリを持つ CPU
# と、それぞれ自分のメモリを持つアクセラレータ（たいていは GPU）です。
#
# このスプリントの内容は、すべて次の三つの事実から導かれます。
#
# > 1. **テンソルは一つのデバイスの上にある。** 演算には、すべての被演算子が同じデバイスにある必要がある。演算のほうから
# >    取りに行ってはくれない。
# > 2. **移動とはコピーである。** コピーには、たいていの計算より長い時間がかかる。
# > 3. **アクセラレータは独立に動く。** 呼び出しは仕事を渡すだけで、仕事が終わる前に戻ってくる。
#
# 一つ目からは、この分野でいちばんよく見るエラーメッセージが、二つ目からは、何をどこに置くべきかが、三つ目からは、
# 世に出ている計測値の多くがなぜ間違っているかが分かります。
#
# **このスプリントを終えると、次のことができるようになります**
#
# - 一台のマシンでしか動かないプログラムを書かずに、デバイスを選ぶ
# - 入れ子のデータ、状態を持つモジュール、学習の一ステップを、置き忘れなく移す
# - ネットワークを二つのデバイスに分け、複数のデバイスで計算した勾配を平均する
# - CNN を配置とともにグラフとして書き下し、配置を読み出し、要求された配置と実際の配置を区別する
# - よそで行われる仕事の時間を正しく測る
#
# **GPU は必要ありません。** PyTorch には、だれでも使える `meta` というデバイスがあります。そこに置かれたテンソルには
# shape と dtype がありますが、数値がありません。一つ目の事実には GPU とほぼ同じくらい厳密に従います。値を読み戻すことは
# できず、ほかのデバイスのテンソルとも混ぜられません。ただし、行列の積など、shape だけを見るいくつかの演算は例外です。
# 一方 TensorFlow は、一つの CPU を二つのデバイスとして扱うことが
# でき、GPU のないマシンでもグラフに `GPU:0` と書き込みます。最後の二つのセルは、GPU のあるマシンで採点されます。GPU
# がなければ、その旨を表示して先へ進みます。
#
# **扱わないこと：** 複数のプロセスや複数のマシンでの学習（`DistributedDataParallel`、`tf.distribute`）、半精度、
# ストリームとピン留めメモリ、GPU カーネルの作成、TPU。
#
# **進め方。** 課題ごとに、コードを書くセルが一つあり、そのすぐ下に確認用のセルがあります。確認用のセルは課題の形を
# 示すためのもので、採点で調べるのはそれだけではありません。仕様は docstring に書いてあります。docstring に「your
# choice」と書いてあるところは、どの選び方をしてもかまいません。

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "quiet", "locked": true, "schema_version": 3, "solution": false, "task": false}
# import os
#
# # TensorFlow greets on stderr, unless it is told before its import not to
# os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# import tensorflow as tf
#
# tf.get_logger().setLevel("WARNING")
# # the graphs of this notebook are small: to optimize one takes longer than to run it
# tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import time

import numpy as np
import tensorflow as tf
import torch
from torch import nn

tf1 = tf.compat.v1

# %% [markdown] tags=["lang-en"]
# The next cell makes two devices of one CPU, for TensorFlow. That is possible only before TensorFlow has computed
# anything, so it stands here, at the top. On a machine with a GPU it also asks TensorFlow to take the GPU's memory bit
# by bit; it would take all of it otherwise, and leave none for PyTorch.

# %% [markdown] tags=["lang-ja"]
# 次のセルは、TensorFlow に対して一つの CPU を二つのデバイスに見せます。TensorFlow が何か計算したあとではもう変更できない
# ので、先頭に置いてあります。GPU のあるマシンでは、GPU のメモリを少しずつ確保するようにも指示します。そうしないと
# TensorFlow がすべて確保してしまい、PyTorch の分が残りません。

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "two_cpus", "locked": true, "schema_version": 3, "solution": false, "task": false}
# cpu = tf.config.list_physical_devices("CPU")[0]
# if tf.config.get_logical_device_configuration(cpu) is None:  # this cell may be run twice
#     tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
#     for gpu in tf.config.list_physical_devices("GPU"):
#         tf.config.experimental.set_memory_growth(gpu, True)
# print(*[device.name for device in tf.config.list_logical_devices()], sep="\n")

# %% [markdown] tags=["lang-en"]
# And this is a drawing tool for placements. There is nothing to learn from its code; run it and go on.

# %% [markdown] tags=["lang-ja"]
# 次は、配置を目で見るための作図ツールです。コードの中身を読む必要はありません。実行して先へ進んでください。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "drawing", "locked": true, "schema_version": 3, "solution": false, "task": false}
COLORS = {"": "white", "CPU:0": "#cfe3f5", "CPU:1": "#8fbbe0", "GPU:0": "#f7c59f", "GPU:1": "#e98a5b"}


def label(device):
    """What stands last in a device's name, "GPU:0" say; "" for none."""
    return device.rpartition("/")[2].removeprefix("device:").upper()


def draw_placement(axes, graph, devices, title, columns=6):
    """Draw the operations of a graph as boxes in the colours of their devices, row by row; constants are left out."""
    shown = [op for op in graph.get_operations() if op.type not in ("Const", "NoOp", "Identity")]
    for place, op in enumerate(shown):
        row, column = divmod(place, columns)
        device = label(devices.get(op.name, ""))
        style = {"boxstyle": "round", "facecolor": COLORS.get(device, "lightgray")}
        text = f"{op.name}\n{device or 'anywhere'}"
        axes.text(column, -row, text, ha="center", va="center", fontsize=8, bbox=style)
        if place:
            arrow = {"arrowstyle": "->", "color": "gray"}
            axes.annotate("", (column - 0.35, -row), (column - 0.65, -row), arrowprops=arrow)
    axes.set(xlim=(-0.7, min(len(shown), columns) - 0.5), ylim=(-0.5 - (len(shown) - 1) // columns, 0.5))
    axes.set_title(title, fontsize=9)
    axes.axis("off")

# %% [markdown] tags=["lang-en"]
# ## Task 1: choose a device
#
# A program that begins with `device = "cuda"` runs on its author's machine. One that catches every exception and takes
# the CPU then runs everywhere, also where it should not: a typing error, and the training that should have taken an hour
# takes a week, without a word.
#
# The way between: the user names what they would like, in order, and gets the first device that is there. If none is,
# or if a name is none at all, they are told.
#
# A name in PyTorch is a kind of device and, if there are several, a number: `cpu`, `cuda`, `cuda:1`. `torch.device`
# takes a name apart: it has a `type` and an `index`. Look at these before you compare names:

# %% [markdown] tags=["lang-ja"]
# ## 課題 1：デバイスを選ぶ
#
# `device = "cuda"` で始まるプログラムは、作者のマシンで動きます。例外をすべて捕まえて CPU
# に切り替えるプログラムはどこでも動きますが、動いてほしくないところでも動きます。名前を打ち間違えただけで、一時間で
# 終わるはずの学習が、何も言わずに一週間かかることになります。
#
# その間を取りましょう。利用者は使いたいデバイスを順に挙げ、その中で最初に使えるものを受け取ります。一つも使えない
# とき、あるいは名前がデバイスの名前ですらないときには、そう知らせます。
#
# PyTorch の名前は、デバイスの種類と、複数あるときはその番号からなります：`cpu`、`cuda`、`cuda:1`。`torch.device`
# は名前を分解し、`type` と `index` を持ちます。名前どうしを比べる前に、次を見てください。

# %% tags=["active-ipynb"]
# for name in ("cuda", "cuda:0", "cuda:1"):
#     device = torch.device(name)
#     print(f"{name:7} type {device.type!r}, index {device.index}, equal to 'cuda': {device == torch.device('cuda')}")

# %% [markdown] tags=["lang-en"]
# `cuda` is the same device as `cuda:0`, unless you have chosen another current device, and yet the two are not equal.
# `str(device) == "cuda"` is a question you should never ask; `device.type == "cuda"` is the right one.
#
# **Hint.** `torch.device(name)` only reads a name: it is content with `cuda:7` on any machine. What there is says
# `torch.cuda.device_count()`; or try to make an empty tensor there, and catch what that raises – that, and no more.

# %% [markdown] tags=["lang-ja"]
# 現在のデバイスを変えていなければ、`cuda` と `cuda:0` は同じデバイスです。それなのに、等しいとは判定されません。
# `str(device) == "cuda"` という比較はしてはいけません。正しい問いは `device.type == "cuda"` です。
#
# **ヒント。** `torch.device(name)` は名前を読むだけなので、どのマシンでも `cuda:7` を受け付けます。実際に何台あるかは
# `torch.cuda.device_count()` で分かります。あるいは、そこに空のテンソルを作ってみて、そのときの例外だけを捕まえます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_pick_device", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pick_device(prefer):
    """The first device of a list that this machine has.

    Parameters
    ----------
    prefer : list of str, names of PyTorch's, of the kinds "cpu", "meta" and "cuda", such as "cuda:1"; the best first. It
        is not changed.

    Returns
    -------
    torch.device. "cpu" and "meta" are always there, "cuda:i" if this machine has more than i GPUs.
        For "cuda", cuda or cuda:0: your choice.

    Raises
    ------
    RuntimeError or ValueError, when none of them is there: a device that is not in the list is never the answer
    RuntimeError or ValueError, when a name comes up, before one was found, that PyTorch does not know, such as "gpu"
    """
    ### BEGIN SOLUTION
    for name in prefer:
        device = torch.device(name)
        try:
            torch.empty(0, device=device)
        except (AssertionError, RuntimeError):  # the first without CUDA in PyTorch, the second without the GPU
            continue
        return device
    raise RuntimeError(f"this machine has none of {', '.join(prefer)}")
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "pick_device", "locked": true, "points": 3.5, "schema_version": 3, "solution": false, "task": false}
# assert pick_device(["cpu"]) == torch.device("cpu"), "the CPU is always there"
# assert pick_device(["cuda:63", "cpu"]).type == "cpu", "nobody has 64 GPUs"
# print("a program of yours would run on:", pick_device(["cuda", "cpu"]))

# %% [markdown] tags=["lang-en"]
# ## Task 2: move nested data
#
# A data loader seldom gives one tensor. It gives tuples of tensors, dicts of tensors, dicts with lists of tensors and the
# name of a file beside them. All tensors in there have to go to the device, and nothing must happen to the rest.
#
# One thing to know first. `tensor.to(device)` does not move anything: it **returns** a tensor over there.

# %% [markdown] tags=["lang-ja"]
# ## 課題 2：入れ子のデータを移す
#
# データローダがテンソルを一つだけ返すことはあまりありません。テンソルのタプル、テンソルの辞書、テンソルのリストと
# ファイル名が並んだ辞書などを返します。その中のテンソルはすべてデバイスへ移し、ほかのものには手を付けないように
# します。
#
# 先に一つ確認しておきます。`tensor.to(device)` はテンソルを動かしません。移動先にあるテンソルを**返す**のです。

# %% tags=["active-ipynb"]
# x = torch.ones(2)
# x.to("meta")
# print(x.device, "– the result was dropped")
# x = x.to("meta")
# print(x.device)
# try:
#     x + torch.ones(2)
# except RuntimeError as error:
#     print("and mixed with another:", error)

# %% [markdown] tags=["lang-en"]
# **Hint.** Recursion: a tensor, a dict, a list, a tuple, anything else. `type(tree)(parts)` makes a list of a list and a
# tuple of a tuple.

# %% [markdown] tags=["lang-ja"]
# **ヒント。** 再帰を使います。場合分けは、テンソル、辞書、リスト、タプル、それ以外です。`type(tree)(parts)` とすれば、
# リストからはリスト、タプルからはタプルができます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_to_device", "locked": false, "schema_version": 3, "solution": true, "task": false}
def to_device(tree, device):
    """A copy of nested data, with every tensor on the device.

    Parameters
    ----------
    tree : a torch.Tensor, or a list, tuple or dict of trees, to any depth; or anything else
    device : str or torch.device

    Returns
    -------
    The same nesting of lists, tuples and dicts (same keys, same order), in which each tensor is on the device, with
    its dtype and shape. Subclasses of these, such as named tuples, do not come up. Anything else is
    passed on as it is, not as a copy. A tensor that is there already may be passed on or copied: your choice.

    The lists, dicts and tensors of `tree` are not changed.
    """
    ### BEGIN SOLUTION
    if isinstance(tree, torch.Tensor):
        return tree.to(device)
    if isinstance(tree, dict):
        return {key: to_device(value, device) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        parts = [to_device(value, device) for value in tree]
        return type(tree)(parts)
    return tree
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "to_device", "locked": true, "points": 3.5, "schema_version": 3, "solution": false, "task": false}
# sample = {"image": torch.ones(2, 3), "boxes": [(torch.zeros(4), "cat")]}
# moved = to_device(sample, "meta")
# assert moved["image"].device.type == "meta", "a tensor in a dict"
# assert moved["boxes"][0][0].device.type == "meta", "a tensor in a tuple in a list in a dict"
# assert moved["boxes"][0][1] == "cat", "what is no tensor stays"
# assert sample["image"].device.type == "cpu", "the data that came in is as it was"

# %% [markdown] tags=["lang-en"]
# ## Task 3: a module that moves as a whole
#
# `module.to(device)` goes through the module's **parameters** and **buffers** and moves each. It cannot know what else
# you keep in attributes: a tensor in `self.mean` stays behind, and the first forward pass on the GPU fails.
#
# What is to be trained is a parameter. What belongs to the state but is not trained – the mean and the deviation of
# the data, running averages – is a **buffer**: it moves along, changes its dtype along, and is saved in the
# `state_dict`, but no optimizer sees it.
#
# The second trap is in `forward`: a tensor that you make there, with `torch.ones` say, is born on the CPU as float32
# unless you say otherwise.
#
# **Hint.** `self.register_buffer("mean", mean)`. And `torch.ones(…, dtype=x.dtype, device=x.device)`, or
# `x.new_ones(…)`.

# %% [markdown] tags=["lang-ja"]
# ## 課題 3：まるごと移るモジュール
#
# `module.to(device)` は、モジュールの**パラメータ**と**バッファ**を順に移します。それ以外の属性に何が入っているかは
# 知りようがありません。`self.mean` に代入しただけのテンソルは取り残され、GPU での最初の順伝播でエラーになります。
#
# 学習されるものはパラメータです。状態の一部ではあるが学習されないもの（データの平均と標準偏差、移動平均など）は
# **バッファ**です。バッファは一緒に移り、dtype も一緒に変わり、`state_dict` に保存されますが、オプティマイザからは
# 見えません。
#
# もう一つの罠は `forward` の中にあります。`torch.ones` などで新しく作ったテンソルは、指定しないかぎり CPU 上の float32
# になります。
#
# **ヒント。** `self.register_buffer("mean", mean)`。そして `torch.ones(…, dtype=x.dtype, device=x.device)`、または
# `x.new_ones(…)`。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_standardize", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Standardize(nn.Module):
    """Standardizes columns, and appends a column of ones.

    Parameters
    ----------
    mean, std : float tensors, (d,), of the data

    Both belong to the module's state, as `mean` and `std` in its state_dict, and neither is trained.
    """

    def __init__(self, mean, std):
        super().__init__()
        ### BEGIN SOLUTION
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        ### END SOLUTION

    def forward(self, x):
        """(x - mean) / std and a last column of ones: (n, d) to (n, d + 1), on the device of x and with its dtype.

        The module has been moved to that device, and to that dtype, before. x is not changed, and gradients flow back to
        it.
        """
        ### BEGIN SOLUTION
        ones = torch.ones(len(x), 1, dtype=x.dtype, device=x.device)
        return torch.cat([(x - self.mean) / self.std, ones], dim=1)
        ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "standardize", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# scaler = Standardize(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 4.0]))
# got = scaler(torch.tensor([[3.0, 6.0]]))
# assert got.tolist() == [[2.0, 1.0, 1.0]], "standardized columns, then a one"
# assert scaler.to("meta")(torch.ones(5, 2, device="meta")).shape == (5, 3), "the module moves as a whole"

# %% [markdown] tags=["lang-en"]
# ## Task 4: a training step on a device
#
# Now a step of training. Model and optimizer are on the device already; that is the caller's part, because an optimizer
# must be made *after* its model has been moved. The batch comes from a loader, and so from the CPU.
#
# What makes such steps slow is seldom the mathematics. It is numbers that are read back: `loss.item()`, `print(loss)`,
# `if loss > 10`. Each of these makes the CPU wait for everything that it has handed over before, and the accelerator
# then waits for the CPU. So the step returns the loss as a **tensor**, over there; whoever wants to print it reads it
# every hundredth step.
#
# On `meta`, a read is no wait but an error. That makes it a good detector.
#
# **Hint.** `part.to(device)` for each part of the batch. The loss without its graph is `loss.detach()`: one that keeps
# its graph keeps every activation of the step.

# %% [markdown] tags=["lang-ja"]
# ## 課題 4：デバイス上での学習の一ステップ
#
# 次は学習の一ステップです。モデルとオプティマイザはすでにデバイスの上にあるものとします。オプティマイザはモデルを
# 移した*あと*に作らなければならないので、それは呼び出す側の仕事です。バッチはデータローダから来るので、CPU
# にあります。
#
# こうしたステップが遅くなる原因は、たいてい計算そのものではありません。値の読み戻しです。`loss.item()`、
# `print(loss)`、`if loss > 10`。どれも、それまでに渡した仕事が全部終わるまで CPU を待たせ、そのあとアクセラレータが
# CPU を待つことになります。そこで、このステップは損失をデバイス上の**テンソル**として返します。表示したい人が、
# 百ステップに一度だけ読めばよいのです。
#
# `meta` では、読み戻しは待ち時間ではなくエラーになります。よい検出器として使えます。
#
# **ヒント。** バッチの各部分に `part.to(device)`。グラフを切り離した損失は `loss.detach()` です。グラフが付いたままだと、
# そのステップの活性がすべて残ってしまいます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_train_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_step(model, batch, device, optimizer):
    """One step of training on the mean squared error, with one call of the model.

    Parameters
    ----------
    model : nn.Module on the device, x to predictions
    batch : (x, y), tensors on any device; y has the shape of the predictions. They are not changed.
    device : str or torch.device
    optimizer : of the model's parameters

    Returns
    -------
    torch.Tensor, (): the loss before the step, on the device, without a graph (requires_grad is False)

    Model, gradients and the optimizer's state stay on the device, the gradients of earlier steps do not count, and no
    number is read back from the device.
    """
    ### BEGIN SOLUTION
    x, y = (part.to(device) for part in batch)
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach()
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "train_step", "locked": true, "points": 3.5, "schema_version": 3, "solution": false, "task": false}
# line = nn.Linear(1, 1)
# descent = torch.optim.SGD(line.parameters(), lr=0.1)
# batch = torch.tensor([[0.0], [1.0]]), torch.tensor([[1.0], [3.0]])
# losses = [float(train_step(line, batch, "cpu", descent)) for _ in range(100)]
# assert losses[-1] < 0.01 * losses[0] + 0.01, "100 steps must find the line through two points"
# with torch.device("meta"):
#     there = nn.Linear(1, 1)
# descent = torch.optim.SGD(there.parameters(), lr=0.1)
# assert train_step(there, batch, "meta", descent).device.type == "meta", "the loss stays on the device"

# %% [markdown] tags=["lang-en"]
# ## Task 5: one network on two devices
#
# A network that does not fit into one memory is cut in two. The first layers are on one device, the rest on another,
# and between them the activations have to be moved. Autograd records that copy like any operation: the gradient goes
# back the same way by itself.
#
# **Hint.** A slice of an `nn.Sequential` is an `nn.Sequential` with the same layers in it: `net[:2]`.

# %% [markdown] tags=["lang-ja"]
# ## 課題 5：一つのネットワークを二つのデバイスに
#
# 一つのメモリに入りきらないネットワークは、二つに切り分けます。前半の層を一方のデバイスに、残りをもう一方に置き、
# その間で活性を移します。autograd はこのコピーもほかの演算と同じように記録するので、勾配はひとりでに同じ道を
# 戻ります。
#
# **ヒント。** `nn.Sequential` のスライスは、同じ層が入った `nn.Sequential` です：`net[:2]`。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_split_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def split_forward(net, d0, d1):
    """Split a network over two devices.

    Parameters
    ----------
    net : nn.Sequential of k layers, none of which comes twice. Afterwards its first k // 2 layers are on d0, the others
        on d1 (net itself is changed; the layers of what you return are those of net)
    d0, d1 : str or torch.device

    Returns
    -------
    a function (or module) of x, a tensor on any device, that returns the same as net would, on d1. Gradients flow
        from there to all parameters that are trained, and to x.
    """
    ### BEGIN SOLUTION
    first, second = net[: len(net) // 2].to(d0), net[len(net) // 2 :].to(d1)

    def forward(x):
        return second(first(x.to(d0)).to(d1))

    return forward
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "split_forward", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
# forward = split_forward(net, "cpu", "meta")
# assert [layer.weight.device.type for layer in (net[0], net[2])] == ["cpu", "meta"], "one of three layers on the first"
# assert forward(torch.ones(5, 3)).device.type == "meta", "the result is on the second device"

# %% [markdown] tags=["lang-en"]
# ## Task 6: write a placement into a graph
#
# Now TensorFlow. A graph is written down before it runs, and with it where each operation shall run. `with
# tf.device("/GPU:0"):` puts this wish onto every operation made in the block. Three rules:
#
# - A block inside another wins.
# - What is made outside of all blocks has no device, and TensorFlow chooses.
# - It counts where an operation is **made**. A `tf.device` around `session.run` does nothing: all is made by then.
#
# The wish is a text in a field of the node. Nobody asks whether there is a GPU until a session is to run it. So you can
# plan for two GPUs on a laptop:

# %% [markdown] tags=["lang-ja"]
# ## 課題 6：グラフに配置を書き込む
#
# ここからは TensorFlow です。グラフは実行の前に書き下され、それぞれの演算をどこで実行してほしいかも一緒に書かれます。
# `with tf.device("/GPU:0"):` は、ブロックの中で作られたすべての演算にこの希望を付けます。規則は三つです。
#
# - ブロックの中にブロックがあれば、内側が優先される。
# - どのブロックにも入っていない演算にはデバイスがなく、TensorFlow が選ぶ。
# - 大事なのは、演算が**作られた**場所である。`session.run` を `tf.device` で囲んでも何も起きない。そのときにはもう、
#   すべて作られているからである。
#
# 希望は、ノードのフィールドに書かれた文字列です。セッションが実行しようとするまで、GPU があるかどうかはだれも
# 調べません。ですから、ノート PC の上でも GPU 二台分の計画を立てられます。

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# with tf.Graph().as_default() as plan:
#     a = tf1.placeholder(tf.float32, [None], "a")
#     with tf.device("/GPU:0"):
#         b = tf.exp(a, name="b")
#         with tf.device("/CPU:0"):
#             c = tf.square(b, name="c")
#         d = tf.sin(c, name="d")
# figure, axes = plt.subplots(figsize=(6, 1))
# draw_placement(axes, plan, {op.name: op.device for op in plan.get_operations()}, "a plan: what was requested")
# plt.show()

# %% [markdown] tags=["lang-en"]
# The network to be placed is the one that sprint 4 builds in PyTorch and in Keras. Here it is a graph of TensorFlow 1:
# there are no layers that keep weights, only operations. Kernels and biases are operands of theirs, and as they are given
# to you as arrays, they become constants of the graph. The two convolutions are one half, the two dense layers the other,
# and only the 320 numbers in between have to travel:
#
# | step | output | parameters | device |
# |---|---|---|---|
# | images `x` | 28 × 28 × 1 | | |
# | convolution, 10 kernels of 5 × 5 | 24 × 24 × 10 | 260 | GPU 0 |
# | ReLU, maximum over 2 × 2 | 12 × 12 × 10 | | GPU 0 |
# | convolution, 20 kernels of 5 × 5 | 8 × 8 × 20 | 5,020 | GPU 0 |
# | ReLU, maximum over 2 × 2: `h` | 4 × 4 × 20 | | GPU 0 |
# | flatten | 320 | | either |
# | dense, ReLU | 50 | 16,050 | GPU 1 |
# | dense, the logits: `y` | 10 | 510 | GPU 1 |
# | softmax: `p` | 10 | | CPU 0 |
#
# The 21,840 parameters come in a list, kernels or weights and biases in turn. The next cell draws some.

# %% [markdown] tags=["lang-ja"]
# 配置するのは、スプリント 4 で PyTorch と Keras で作るのと同じネットワークです。ここでは TensorFlow 1 のグラフとして
# 作ります。重みを持つ層というものはなく、あるのは演算だけです。カーネルとバイアスは演算の被演算子であり、配列として渡される
# ので、グラフの定数になります。二つの畳み込みが前半、二つの全結合層が後半で、その間を移動するのは 320 個の数だけです。
#
# | 段階 | 出力 | パラメータ | デバイス |
# |---|---|---|---|
# | 画像 `x` | 28 × 28 × 1 | | |
# | 畳み込み、5 × 5 のカーネル 10 個 | 24 × 24 × 10 | 260 | GPU 0 |
# | ReLU、2 × 2 の最大値 | 12 × 12 × 10 | | GPU 0 |
# | 畳み込み、5 × 5 のカーネル 20 個 | 8 × 8 × 20 | 5,020 | GPU 0 |
# | ReLU、2 × 2 の最大値：`h` | 4 × 4 × 20 | | GPU 0 |
# | flatten（一列に並べる） | 320 | | どちらでもよい |
# | 全結合、ReLU | 50 | 16,050 | GPU 1 |
# | 全結合、ロジット：`y` | 10 | 510 | GPU 1 |
# | softmax：`p` | 10 | | CPU 0 |
#
# 21,840 個のパラメータは、カーネル（または重み）とバイアスが交互に並んだリストで渡されます。次のセルは、試しに使う
# パラメータを乱数で作ります。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "random_weights", "locked": true, "schema_version": 3, "solution": false, "task": false}
SHAPES = [(5, 5, 1, 10), (10,), (5, 5, 10, 20), (20,), (320, 50), (50,), (50, 10), (10,)]


def random_weights(seed):
    """Kernels, biases, kernels, biases, weights, biases, weights, biases for the network: small numbers, float32."""
    rng = np.random.default_rng(seed)
    return [rng.normal(scale=0.1, size=shape).astype("float32") for shape in SHAPES]

# %% [markdown] tags=["lang-en"]
# **Hint.** `tf1.placeholder(tf.float32, [None, 28, 28, 1], "x")`, then `tf.nn.conv2d(x, kernels, 1, "VALID") + biases`,
# `tf.nn.relu`, `tf.nn.max_pool2d(maps, 2, 2, "VALID")`, `tf.reshape(h, [-1, 320])` and `tf.matmul`. Most functions take
# `name=`; `+` does not, but `tf.add` does. `tf.device` needs to enclose all of the work, not only the operation that
# bears the name.

# %% [markdown] tags=["lang-ja"]
# **ヒント。** `tf1.placeholder(tf.float32, [None, 28, 28, 1], "x")`、そして `tf.nn.conv2d(x, kernels, 1, "VALID") + biases`、
# `tf.nn.relu`、`tf.nn.max_pool2d(maps, 2, 2, "VALID")`、`tf.reshape(h, [-1, 320])`、`tf.matmul`。ほとんどの関数は `name=` を
# 受け取ります。`+` には名前を付けられませんが、`tf.add` なら付けられます。`tf.device` は、名前の付いた演算だけでなく、
# そこに至る計算もすべて囲む必要があります。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_build_placed_graph", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_placed_graph(weights):
    """A new graph of the network in the table, spread over a CPU and two GPUs.

    Parameters
    ----------
    weights : list of eight float32 ndarrays: kernels (5, 5, 1, 10) and biases (10,), kernels (5, 5, 10, 20) and biases
        (20,), weights (320, 50) and biases (50,), weights (50, 10) and biases (10,). Each becomes one constant of the
        graph, as it is. The list is not changed.

    Returns
    -------
    tf.Graph with these operations, by name:

    | name | what | requested device |
    |---|---|---|
    | x | placeholder, float32 (None, 28, 28, 1) | none |
    | h | the second convolution's maps after ReLU and maximum, (None, 4, 4, 20) | GPU 0 |
    | y | logits of the dense layers, (None, 10), computed from h, flattened as it is | GPU 1 |
    | p | softmax of y, over each row | CPU 0 |
    | best | the place of the largest of p in each row, int64 | none |

    Convolutions and maxima are without padding. ReLU before or after the maximum, whether best is found in p or in y, how
    a device is spelt ("/GPU:0", "/gpu:0", the full name with job and task), and where constants and reshapes are: your
    choice. So is what else is in the graph, as long as what these need is placed with them. Nothing is run.
    """
    ### BEGIN SOLUTION
    w1, b1, w2, b2, w3, b3, w4, b4 = weights
    with tf.Graph().as_default() as graph:
        x = tf1.placeholder(tf.float32, [None, 28, 28, 1], "x")
        with tf.device("/GPU:0"):
            maps = tf.nn.relu(tf.nn.conv2d(x, w1, 1, "VALID") + b1)
            maps = tf.nn.max_pool2d(maps, 2, 2, "VALID")
            maps = tf.nn.relu(tf.nn.conv2d(maps, w2, 1, "VALID") + b2)
            h = tf.nn.max_pool2d(maps, 2, 2, "VALID", name="h")
        with tf.device("/GPU:1"):
            hidden = tf.nn.relu(tf.matmul(tf.reshape(h, [-1, 320]), w3) + b3)
            y = tf.add(tf.matmul(hidden, w4), b4, name="y")
            with tf.device("/CPU:0"):
                p = tf.nn.softmax(y, name="p")
        tf.argmax(p, axis=1, name="best")
    return graph
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "build_placed_graph", "locked": true, "points": 3.5, "schema_version": 3, "solution": false, "task": false}
# graph = build_placed_graph(random_weights(0))
# for name, device in (("h", "GPU:0"), ("y", "GPU:1"), ("p", "CPU:0"), ("best", "")):
#     assert label(graph.get_operation_by_name(name).device) == device, f"{name} belongs on {device or 'no device'}"

# %% tags=["active-ipynb"]
# figure, axes = plt.subplots(figsize=(8, 2))
# draw_placement(axes, graph, {op.name: op.device for op in graph.get_operations()}, "your plan")
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 7: read a placement from a graph
#
# Before a graph of somebody else's runs, one wants to know what it asks for. The names in it have many spellings. All
# of these are one device:
#
# | in the code | in the node |
# |---|---|
# | `/GPU:0`, `/gpu:0`, `/device:GPU:0` | `/device:GPU:0` |
# | `/job:localhost/replica:0/task:0/device:GPU:0` | the same, in full |
#
# `/device:GPU:*` is another thing: any GPU. And `/job:worker/task:1` names a machine but no device of it.
#
# **Hint.** `tf.DeviceSpec.from_string(op.device)` takes every spelling and has the parts: `device_type`, `device_index`.

# %% [markdown] tags=["lang-ja"]
# ## 課題 7：グラフから配置を読み出す
#
# だれかが作ったグラフを実行する前に、それが何を要求しているかを知りたいことがあります。名前にはいろいろな書き方が
# あります。次はどれも同じデバイスです。
#
# | コードの中 | ノードの中 |
# |---|---|
# | `/GPU:0`、`/gpu:0`、`/device:GPU:0` | `/device:GPU:0` |
# | `/job:localhost/replica:0/task:0/device:GPU:0` | 同じものの完全な形 |
#
# `/device:GPU:*` は別で、「どれでもよいから GPU」という意味です。また `/job:worker/task:1` はマシンを指していますが、
# そのデバイスは指していません。
#
# **ヒント。** `tf.DeviceSpec.from_string(op.device)` はどの書き方も読み取り、部分に分けてくれます：`device_type` と
# `device_index`。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_device_map", "locked": false, "schema_version": 3, "solution": true, "task": false}
def device_map(graph):
    """Which operations a graph requests on which device.

    Parameters
    ----------
    graph : tf.Graph

    Returns
    -------
    dict, device -> list of the names of its operations, in any order; each operation of the graph is in it once.
        A device is written "GPU:0", type and number, whatever its spelling in the graph; job, replica and task are left
        out. "GPU" is any GPU, "CPU" any CPU; "" is for operations that request no device of any type.
    """
    ### BEGIN SOLUTION
    found = {}
    for op in graph.get_operations():
        spec = tf.DeviceSpec.from_string(op.device)
        parts = [str(part) for part in (spec.device_type, spec.device_index) if part is not None]
        found.setdefault(":".join(parts), []).append(op.name)
    return found
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "device_map", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# with tf.Graph().as_default() as spelt:
#     for name, device in (("one", "/GPU:0"), ("two", "/job:localhost/replica:0/task:0/device:GPU:0"), ("three", None)):
#         with tf.device(device):
#             tf1.placeholder(tf.float32, [], name)
# found = device_map(spelt)
# assert sorted(found["GPU:0"]) == ["one", "two"], "two spellings of one device"
# assert found[""] == ["three"], "no device at all"

# %% [markdown] tags=["lang-en"]
# ## Task 8: requested and actual
#
# When a session first runs a graph, its **placer** decides. It takes the requests if it can. If the device is not
# there, or has no kernel for the operation, it depends on one bit: with **soft placement** the operation quietly goes
# to the CPU; without, the session refuses. Soft is convenient and may hide that nothing is running on the GPU; hard
# tells you, and fails on machines that lack one.
#
# `log_device_placement` prints every decision. What a program can use is the **run metadata**: a record of what ran
# where.
#
# **Hint.** `session.run(…, options=tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE), run_metadata=metadata)` fills
# a `tf1.RunMetadata()`. In it, `step_stats.dev_stats` has one entry a device, each with `node_stats`, whose `node_name`
# is the operation's. There are nodes of TensorFlow's own among them.

# %% [markdown] tags=["lang-ja"]
# ## 課題 8：要求と実際
#
# セッションが初めてグラフを実行するとき、**placer** が配置を決めます。要求には、できるかぎり従います。デバイスがない
# とき、またはその演算のカーネルがないときにどうなるかは、一ビットで決まります。**soft placement** が有効なら、演算は
# 黙って CPU に回され、無効なら、セッションが実行を拒みます。soft は便利ですが、GPU で何も動いていないことを隠して
# しまうかもしれません。hard なら教えてくれますが、GPU のないマシンでは失敗します。
#
# `log_device_placement` は決定をすべて表示します。プログラムから使えるのは **run metadata**、つまり何がどこで実行
# されたかの記録です。
#
# **ヒント。** `session.run(…, options=tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE), run_metadata=metadata)`
# とすると、`tf1.RunMetadata()` に記録されます。その `step_stats.dev_stats` にはデバイスごとに一つの要素があり、それぞれ
# `node_stats` を持ちます。`node_name` が演算の名前です。TensorFlow 自身のノードも混ざっています。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_session_config", "locked": false, "schema_version": 3, "solution": true, "task": false}
def session_config(soft, log):
    """A session's configuration.

    Parameters
    ----------
    soft : bool, whether operations go to the CPU that cannot be where they were requested
    log : bool, whether each decision is printed

    Returns
    -------
    tf.compat.v1.ConfigProto; everything else in it is your choice. TensorFlow's own settings stay as they are.
    """
    ### BEGIN SOLUTION
    return tf1.ConfigProto(allow_soft_placement=soft, log_device_placement=log)
    ### END SOLUTION


def ran_on(graph, fetch, feed_dict, config):
    """Run a graph once and tell where its operations ran.

    Parameters
    ----------
    graph : tf.Graph
    fetch : str, the name of a tensor
    feed_dict : dict, name of a tensor -> value
    config : ConfigProto for the session

    Returns
    -------
    dict, name of an operation -> name of the device that it ran on, in any spelling of TensorFlow's. Operations of
        the graph that ran, and no others; constants and what was fed may be there or not.

    The session is a new one and is closed again, also when the run fails. What a run raises is passed on. Graph,
    feed_dict and config are not changed.
    """
    ### BEGIN SOLUTION
    metadata = tf1.RunMetadata()
    options = tf1.RunOptions(trace_level=tf1.RunOptions.FULL_TRACE)
    with tf1.Session(graph=graph, config=config) as session:
        session.run(fetch, feed_dict, options=options, run_metadata=metadata)
    names = {op.name for op in graph.get_operations()}
    return {
        node.node_name: device.device
        for device in metadata.step_stats.dev_stats
        for node in device.node_stats
        if node.node_name in names
    }
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "session_config", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# with tf.Graph().as_default() as wish:
#     start = tf1.placeholder(tf.float32, [None], "start")
#     with tf.device("/GPU:63"):
#         end = tf.exp(start, name="end")
# where = ran_on(wish, "end:0", {"start:0": [1.0]}, session_config(soft=True, log=False))
# assert "CPU" in label(where["end"]) or "GPU" in label(where["end"]), "the operation ran somewhere"
# assert label(where["end"]) != "GPU:63", "nobody has 64 GPUs, so it ran elsewhere"
# try:
#     ran_on(wish, "end:0", {"start:0": [1.0]}, session_config(soft=False, log=False))
# except tf.errors.InvalidArgumentError:
#     pass
# else:
#     raise AssertionError("without soft placement, the session must refuse")

# %% tags=["active-ipynb"]
# config = session_config(soft=True, log=False)
# config.graph_options.rewrite_options.disable_meta_optimizer = True  # TensorFlow would merge some operations
# wishes = {op.name: op.device for op in graph.get_operations()}
# actual = ran_on(graph, "best:0", {"x:0": np.ones((2, 28, 28, 1))}, config)
# figure, axes = plt.subplots(2, 1, figsize=(8, 4.2))
# draw_placement(axes[0], graph, wishes, "your plan from task 6: requested")
# draw_placement(axes[1], graph, actual, "and actual, on this machine")
# figure.tight_layout()
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 9: the same network on several devices
#
# The other way to use several devices: each has a whole copy of the network, a **tower**, and gets a part of the batch.
# Each computes gradients of its own; their mean is the gradient of the whole batch, if the parts are of equal size.
# The mean is taken on one device, that of the variables, and there the step is made.
#
# `tf.device` works in eager mode as well, and every eager tensor says where it is. Here are two towers on the two CPUs:

# %% [markdown] tags=["lang-ja"]
# ## 課題 9：同じネットワークを複数のデバイスに
#
# 複数のデバイスを使うもう一つの方法では、それぞれがネットワーク全体のコピー（**タワー**）を持ち、バッチの一部を
# 受け取ります。それぞれが自分の勾配を計算し、各部分の大きさが等しければ、その平均がバッチ全体の勾配になります。平均は
# 一つのデバイス、つまり変数のあるデバイスで計算し、そこでパラメータを更新します。
#
# `tf.device` は eager モードでも働き、eager テンソルはどれも自分の居場所を教えてくれます。二つの CPU に置いた二つの
# タワーです。

# %% tags=["active-ipynb"]
# def two_towers(slope, xs, ys):
#     """Gradients of slope's squared error for two halves of a batch, each computed on a CPU of its own."""
#     towers = []
#     for number, (x, y) in enumerate(zip(np.split(xs, 2), np.split(ys, 2), strict=True)):
#         with tf.device(f"/CPU:{number}"), tf.GradientTape() as tape:
#             loss = tf.reduce_mean((slope * x - y) ** 2)
#         with tf.device(f"/CPU:{number}"):
#             towers.append([(tape.gradient(loss, slope), slope)])
#     return towers
#
#
# slope = tf.Variable(0.0)
# xs = np.linspace(0, 1, 8, dtype="float32")
# towers = two_towers(slope, xs, 3 * xs)
# for ((gradient, _),) in towers:
#     print(f"{gradient.numpy():8.4f} on {label(gradient.device)}")

# %% [markdown] tags=["lang-en"]
# **Hint.** `zip(*towers)` gives, for each variable, its pairs from all towers. A variable that a tower did not use has
# the gradient `None` there; in a mean that is a zero.

# %% [markdown] tags=["lang-ja"]
# **ヒント。** `zip(*towers)` は、変数ごとに、すべてのタワーからの組をまとめて返します。あるタワーで使われなかった変数の
# 勾配は、そこでは `None` です。平均の中では 0 として数えます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_average_tower_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_tower_gradients(towers, device):
    """The mean of the towers' gradients, for each variable.

    Parameters
    ----------
    towers : list, one entry a tower, of lists of pairs (gradient, variable): the same variables in the same order in
        every tower. A gradient is an eager tensor on any device, or None: then it counts as zeros.
    device : str, where the means are computed and stay

    Returns
    -------
    list of pairs (mean, variable), in the same order, with the variables that came in; the mean is None where no tower
    has a gradient

    Towers and variables are not changed.
    """
    ### BEGIN SOLUTION
    averaged = []
    with tf.device(device):
        for pairs in zip(*towers, strict=True):
            gradients = [gradient for gradient, _ in pairs if gradient is not None]
            mean = tf.add_n(gradients) / len(towers) if gradients else None
            averaged.append((mean, pairs[0][1]))
    return averaged
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "average_tower_gradients", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# slope = tf.Variable(0.0)
# pairs = [[(tf.constant(-1.0), slope)], [(tf.constant(-3.0), slope)]]
# ((mean, variable),) = average_tower_gradients(pairs, "/CPU:1")
# assert variable is slope, "the variable comes back with its mean"
# assert mean.numpy() == -2.0, "the mean of -1 and -3"
# assert label(mean.device) == "CPU:1", "the mean is computed where it was asked for"

# %% [markdown] tags=["lang-en"]
# ## Task 10: measure what happens elsewhere
#
# The third fact: a call hands over work and returns. A clock that is read then has measured the handing over. It takes
# a few microseconds, whatever the size of the matrices, and looks splendid in a talk.
#
# Below is a device for everybody that works like that: one thread, with a queue before it.

# %% [markdown] tags=["lang-ja"]
# ## 課題 10：よそで行われる仕事を測る
#
# 三つ目の事実は、呼び出しは仕事を渡して戻ってくる、ということでした。そこで時計を読むと、測れるのは仕事を渡すのに
# かかった時間です。行列の大きさにかかわらず数マイクロ秒で、発表資料ではとても見栄えがします。
#
# 次は、そのように働く、だれでも使えるデバイスです。一本のスレッドと、その前の待ち行列からなります。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "worker", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Worker:
    """A device that works on its own: `launch` hands over work and returns, `synchronize` waits until all is done."""

    def __init__(self):
        from concurrent.futures import ThreadPoolExecutor

        self._thread = ThreadPoolExecutor(1)
        self._last = None

    def launch(self, work):
        """Put work, a function, into the queue."""
        self._last = self._thread.submit(work)

    def synchronize(self):
        """Wait for whatever is in the queue."""
        if self._last is not None:
            self._last.result()

# %% [markdown] tags=["lang-en"]
# Two more traps. The **first** call is not like the others: kernels are loaded, memory is fetched, graphs are traced. So
# it is made once without the clock. And work that was handed over **before** must be finished when the clock starts,
# that of the first call included.
#
# So that one can check a measurement without waiting for it, the clock is an argument, too. A test can bring its own.
#
# **Hint.** `sync()` in two places: before the clock is read the first time, and before it is read the second time.

# %% [markdown] tags=["lang-ja"]
# 罠はあと二つあります。**最初**の呼び出しは、ほかの呼び出しとは違います。カーネルが読み込まれ、メモリが確保され、
# グラフがトレースされます。ですから、時計なしで一度呼んでおきます。また、時計をスタートさせるときには、それより**前**に
# 渡した仕事（最初の呼び出しの分も含みます）が終わっていなければなりません。
#
# 待たなくても計測の正しさを確かめられるように、時計も引数にしてあります。テストは自分の時計を渡せます。
#
# **ヒント。** `sync()` は二か所で呼びます。一度目に時計を読む前と、二度目に時計を読む前です。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_benchmark", "locked": false, "schema_version": 3, "solution": true, "task": false}
def benchmark(fn, sync, clock=time.perf_counter, repeats=5):
    """How long fn's work takes, on a device that works on its own.

    Parameters
    ----------
    fn : function without arguments that hands over work
    sync : function without arguments that waits until all work handed over is done
    clock : function without arguments that tells the time in seconds
    repeats : int, from 1 on, how many calls to measure

    Returns
    -------
    list of `repeats` floats: the seconds from before a call of fn until its work is done, call by call

    fn is called repeats + 1 times: the first call, which is not like the others, is not measured. No work of an earlier
    call, or from before, is in a measurement.
    """
    ### BEGIN SOLUTION
    fn()
    sync()
    seconds = []
    for _ in range(repeats):
        start = clock()
        fn()
        sync()
        seconds.append(clock() - start)
    return seconds
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "benchmark", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# worker = Worker()
# seconds = benchmark(lambda: worker.launch(lambda: time.sleep(0.02)), worker.synchronize)
# assert len(seconds) == 5, "one number for each of five calls"
# assert min(seconds) > 0.019, "the work itself takes 20 ms; less means that nobody waited for it"

# %% tags=["active-ipynb"]
# milliseconds = [2, 5, 10, 20, 40]
# waited, not_waited = [], []
# for ms in milliseconds:
#     work = lambda ms=ms: worker.launch(lambda: time.sleep(ms / 1000))
#     waited.append(1000 * np.median(benchmark(work, worker.synchronize)))
#     not_waited.append(1000 * np.median(benchmark(work, lambda: None)))
#     worker.synchronize()
# figure, axes = plt.subplots(figsize=(6, 2.5))
# places = np.arange(len(milliseconds))
# axes.bar(places - 0.2, waited, 0.4, label="synchronized")
# axes.bar(places + 0.2, not_waited, 0.4, label="not synchronized")
# axes.set(xticks=places, xticklabels=milliseconds, xlabel="work, ms", ylabel="measured, ms", title="A clock read too early")
# axes.legend()
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## On a GPU: PyTorch
#
# What you have written is graded once more, on a machine with a GPU: whether tensors, parameters, gradients and the
# optimizer's state are really there, whether the results are those of the CPU, and whether a step reads anything back.
# There is nothing to write. If you have a GPU, this cell tries it; if not, go on.
#
# **Hint.** What passed on `meta` and fails here has most often a `"cuda"` or a `"cpu"` written out somewhere, or compares
# names of devices as text.

# %% [markdown] tags=["lang-ja"]
# ## GPU の上で：PyTorch
#
# ここまでに書いたものは、GPU のあるマシンでもう一度採点されます。テンソル、パラメータ、勾配、オプティマイザの状態が
# 本当に GPU にあるか、結果が CPU と同じか、ステップが何かを読み戻していないかを調べます。新しく書くものはありません。
# GPU があればこのセルで試せます。なければ先へ進んでください。
#
# **ヒント。** `meta` では通ったのにここで失敗するときは、たいていどこかに `"cuda"` や `"cpu"` が直接書かれているか、
# デバイスの名前を文字列として比べています。

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "torch_on_gpu", "locked": true, "points": 3.5, "schema_version": 3, "solution": false, "task": false}
# if torch.cuda.is_available():
#     device = pick_device(["cuda", "cpu"])
#     assert device.type == "cuda", "the GPU is there and comes first"
#     torch.manual_seed(0)
#     x, y = torch.randn(64, 3), torch.randn(64, 2)
#     model = nn.Sequential(Standardize(x.mean(dim=0), x.std(dim=0)), nn.Linear(4, 2)).to(device)
#     loss = train_step(model, (x, y), device, torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9))
#     assert loss.device.type == "cuda", "the loss stays on the GPU"
#     print("GPU:", torch.cuda.get_device_name(), "loss", float(loss))
# else:
#     print("There is no GPU here for PyTorch: what this cell is graded for waits for a machine with one. Go on.")

# %% [markdown] tags=["lang-en"]
# ## On a GPU: TensorFlow
#
# The same for TensorFlow: whether operations run where the graph requests it, whether means are computed where they
# were asked for, and whether the memory of a session is free again once it is closed.
#
# **Hint.** `ran_on` must take the configuration as it is, and an open session holds its variables' memory.

# %% [markdown] tags=["lang-ja"]
# ## GPU の上で：TensorFlow
#
# TensorFlow についても同じです。演算がグラフの要求どおりの場所で実行されるか、平均が指定した場所で計算されるか、
# セッションを閉じたあとにそのメモリが解放されているかを調べます。
#
# **ヒント。** `ran_on` は渡された設定をそのまま使わなければなりません。また、閉じられていないセッションは変数のメモリを
# 持ち続けます。

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "tensorflow_on_gpu", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
# if tf.config.list_physical_devices("GPU"):
#     placed = build_placed_graph(random_weights(0))
#     where = ran_on(placed, "best:0", {"x:0": np.ones((2, 28, 28, 1))}, session_config(soft=True, log=False))
#     assert label(where["h"]) == "GPU:0", "the convolutions run on the GPU"
#     assert label(where["p"]) == "CPU:0", "the softmax runs on the CPU"
# else:
#     print("There is no GPU here for TensorFlow: what this cell is graded for waits for a machine with one. Go on.")

# %% [markdown] tags=["lang-en"]
# ## Where else the same idea is at work
#
# | here | elsewhere |
# |---|---|
# | `tensor.to(device)` | `jax.device_put`, `cupy.asarray`, `model.to_gpu()` in Chainer |
# | operands must be on one device | the same in JAX and CuPy; eager TensorFlow copies for you, which is convenient and may be slow |
# | buffers | `add_persistent` in Chainer; non-trainable variables in Keras |
# | `meta` | `jax.eval_shape`; `init_empty_weights` in Hugging Face's accelerate |
# | `split_forward` | pipeline parallelism: the same cut, and many small batches on their way at once |
# | towers | `DistributedDataParallel`, `tf.distribute.MirroredStrategy` |
# | `sync` | `torch.cuda.synchronize()`, `jax.block_until_ready`, `.numpy()` in TensorFlow |
#
# The names differ, the three facts stay: a tensor lives on one device, moving is copying, and an accelerator works on
# its own.

# %% [markdown] tags=["lang-ja"]
# ## 同じ考え方はほかにも
#
# | ここでは | ほかでは |
# |---|---|
# | `tensor.to(device)` | `jax.device_put`、`cupy.asarray`、Chainer の `model.to_gpu()` |
# | 被演算子は一つのデバイスに | JAX と CuPy も同じ。eager の TensorFlow は代わりにコピーしてくれる（便利だが、遅くなることがある） |
# | バッファ | Chainer の `add_persistent`、Keras の学習されない変数 |
# | `meta` | `jax.eval_shape`、Hugging Face accelerate の `init_empty_weights` |
# | `split_forward` | パイプライン並列。切り方は同じで、多くの小さなバッチを同時に流す |
# | タワー | `DistributedDataParallel`、`tf.distribute.MirroredStrategy` |
# | `sync` | `torch.cuda.synchronize()`、`jax.block_until_ready`、TensorFlow の `.numpy()` |
#
# 名前は違っても、三つの事実は変わりません。テンソルは一つのデバイスの上にある。移動とはコピーである。アクセラレータは
# 独立に動く。
