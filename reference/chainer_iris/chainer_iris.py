# ---
# jupyter:
#   jupytext:
#     formats: source///ipynb,reference///py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3.11 (Chainer)
#     language: python
#     name: chainer
# ---

# %% [markdown] tags=["lang-en"]
# # Chainer: define-by-run where it began
#
# In 2015 most frameworks worked like a compiler: one wrote down the network first, as a whole, and ran it afterwards. In
# June of that year a company in Tokyo published another one, **Chainer**, and found a name for its idea:
# *define by run*. The program computes, with an ordinary `if` and an ordinary `for`, and the graph appears on the way.
# Two years later PyTorch took up the idea, and then everybody did. In 2019 Chainer's authors went over to PyTorch
# themselves; the last release is from 2022.
#
# You have written such a framework in sprint 1. Here you meet the original. It is small enough to look inside, it has
# all of what you built, and it has some things that you did not need: a graph that does not hold on to its values,
# gradients that are not a number until you clear them, arrays that two gradients share.
#
# **When you are done you can**
#
# - compute gradients with `Variable`, start a backward pass from any gradient, and look at gradients in the middle;
# - say what `cleargrads` and `zerograds` leave behind, and when the difference changes the result of training;
# - walk a graph backwards through `creator`, in an order that Chainer itself would accept;
# - write a function of your own, with a gradient of your own;
# - build a `Chain` of `Linear` links whose forward pass goes left or right at random, and say which parameters of it
#   get a gradient;
# - write an optimizer that can stand in for Chainer's, and train with either;
# - compare all this with the framework you wrote yourself.
#
# **Out of scope:** derivatives of derivatives, GPUs and ChainerX, convolutions, `Trainer` and its extensions,
# serializers.
#
# **An environment of its own.** Chainer was written for the numpy of its time. This notebook runs in a kernel with an
# old numpy, called *Python 3.11 (Chainer)*, beside the one that you use otherwise. There is no PyTorch and no TensorFlow
# in it.
#
# **How to work.** Each task has one cell for your code and one cell of checks below it. The checks show the shape of
# the task. They are not all that is graded: the docstrings are the specification. Where a docstring says that something
# is your choice, every choice is accepted.

# %% [markdown] tags=["lang-ja"]
# # Chainer：define-by-run はここから始まった
#
# 2015 年当時、たいていのフレームワークはコンパイラのように働いていました。まずネットワーク全体を書き下し、それから実行するのです。
# その年の 6 月、東京のある会社が違うやり方のフレームワーク **Chainer** を公開し、その考え方に *define by run* という名前を
# 付けました。プログラムは普通の `if` や `for` を使って計算し、グラフはその途中でできていきます。二年後に PyTorch が
# この考え方を取り入れ、やがてどのフレームワークもそうなりました。2019 年には Chainer の開発元自身が PyTorch へ移り、
# 最後のリリースは 2022 年です。
#
# 皆さんはスプリント 1 で、そのようなフレームワークを自分で書きました。ここでは本家に触れます。中をのぞけるくらい小さく、
# 皆さんが作ったものはすべてそろっています。さらに、スプリント 1 では必要なかったものもあります。値を抱え込まないグラフ、
# 消すまでは数ですらない勾配、二つの勾配が共有する配列などです。
#
# **このスプリントを終えると、次のことができるようになります**
#
# - `Variable` で勾配を計算し、好きな勾配から逆伝播を始め、途中の勾配をのぞく
# - `cleargrads` と `zerograds` のあとに何が残るか、その違いが学習の結果を変えるのはどんなときかを説明する
# - `creator` を通ってグラフを逆向きに、Chainer 自身にも通用する順番でたどる
# - 自分の関数を、自分の勾配とともに書く
# - 順伝播がランダムに左右どちらかへ進む、`Linear` リンクの `Chain` を作り、どのパラメータに勾配が届くかを説明する
# - Chainer のものの代わりに使えるオプティマイザを書き、どちらでも学習させる
# - これらを、自分で書いたフレームワークと比べる
#
# **扱わないこと：** 高階微分、GPU と ChainerX、畳み込み、`Trainer` とその拡張、シリアライザ。
#
# **専用の環境。** Chainer は当時の numpy のために書かれています。このノートブックは、ふだんの環境とは別の、古い numpy の入った
# カーネル *Python 3.11 (Chainer)* で動きます。そこには PyTorch も TensorFlow も入っていません。
#
# **進め方。** 課題ごとに、コードを書くセルが一つあり、そのすぐ下に確認用のセルがあります。確認用のセルは課題の形を
# 示すためのもので、採点で調べるのはそれだけではありません。仕様は docstring に書いてあります。docstring に「your
# choice」と書いてあるところは、どの選び方をしてもかまいません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import chainer
import chainer.functions as F
import chainer.links as L
import numpy as np
from chainer import Variable

# %% [markdown] tags=["lang-en"]
# Chainer makes weights of float32 unless it is told otherwise. Here it is told: with float64 a gradient can be compared
# with a finite difference, and a `Linear` link takes the data of scikit-learn as they are. (Chainer does not convert:
# float32 weights and float64 data are an error.)

# %% [markdown] tags=["lang-ja"]
# 何も言わなければ、Chainer は重みを float32 で作ります。ここでは float64 を指定します。そうすれば勾配を有限差分と比べられますし、
# `Linear` リンクは scikit-learn のデータをそのまま受け取れます（Chainer は型を変換しません。float32 の重みに float64 の
# データを渡すとエラーになります）。

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "precision", "locked": true, "schema_version": 3, "solution": false, "task": false}
# import matplotlib.pyplot as plt
#
# chainer.global_config.dtype = np.float64
# print("Chainer", chainer.__version__, "with numpy", np.__version__)

# %% [markdown] tags=["lang-en"]
# ## Task 1: from `Variable` to gradient
#
# A `Variable` is what you called `Tensor`: an array in `.array`, a gradient in `.grad`, and a note of where it came from.
# One that you make yourself is a **leaf**; it has no `creator`. Watch what happens when one is used:

# %% [markdown] tags=["lang-ja"]
# ## 課題 1：`Variable` から勾配へ
#
# `Variable` は、皆さんが `Tensor` と呼んでいたものです。`.array` に配列、`.grad` に勾配を持ち、どこから来たのかも
# 覚えています。自分で作ったものは**葉**で、`creator` がありません。使ってみると、次のようになります。

# %% tags=["active-ipynb"]
# x = Variable(np.array([1.0, 2.0]))
# c = Variable(np.array([3.0, 4.0]))
# y = x + c
# print("x was created by", x.creator, "and y by", y.creator.label)
#
# y.grad = np.array([0.5, 0.7])
# y.backward()
# print("gradients:", x.grad, c.grad)
# print("are they one array?", x.grad is c.grad)

# %% [markdown] tags=["lang-en"]
# `backward` has no argument for the gradient to start from. It is put into `y.grad` beforehand. Only for a single number,
# whatever its shape, may it be left out; then it is 1. For several numbers the error speaks of a `NoneType`.
#
# And look at the last line. The gradient of a sum is the same for both terms, so Chainer gives both **the same array**,
# the very one that you put into `y.grad`. That saves memory, and it is a trap: somebody who scales `x.grad` in place scales
# `c.grad` as well.
#
# A second trap: Chainer takes an array as it is. A `Variable` of integers has a gradient of integers, with everything
# behind the decimal point cut off.
#
# **Hint.** `np.array(a, dtype=np.float64)` makes an array that is yours. `grad` is `None` where no gradient has arrived.

# %% [markdown] tags=["lang-ja"]
# `backward` には、出発点となる勾配を渡す引数がありません。前もって `y.grad` に入れておきます。省けるのは、shape にかかわらず
# 数が一つだけのときに限られ、そのときは 1 になります。数がいくつもあるのに入れ忘れると、`NoneType` についてのエラーが出ます。
#
# 最後の行を見てください。和の勾配はどちらの項でも同じなので、Chainer は両方に**同じ配列**を渡します。しかも、`y.grad` に
# 入れた配列そのものです。メモリの節約になりますが、罠でもあります。`x.grad` をその場で（in-place で）定数倍すると、`c.grad`
# まで変わってしまいます。
#
# 罠はもう一つあります。Chainer は配列をそのまま受け取ります。整数の `Variable` の勾配は整数になり、小数点以下は切り捨て
# られます。
#
# **ヒント。** `np.array(a, dtype=np.float64)` とすれば、自分だけの配列ができます。勾配が届いていないところでは、`grad` は
# `None` です。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradients(f, arrays, upstream):
    """The gradients of f at one point.

    Parameters
    ----------
    f : takes one Variable (float64) for each of `arrays`, returns one Variable of any shape
    arrays : list of arrays or nested lists of numbers; integers count as real numbers
    upstream : array or nested list of numbers, integers as well, with the shape of f's result: where the backward pass
        starts

    Returns
    -------
    list of float64 ndarrays, one for each of `arrays` and of its shape: the gradient of sum(upstream * f(*arrays)).
        Zeros where f does not use the array.

    f is called once: it may toss a coin. No two of the arrays that come back share memory, nor do they with what was
    passed in.
    """
    ### BEGIN SOLUTION
    xs = [Variable(np.array(a, dtype=np.float64)) for a in arrays]
    y = f(*xs)
    y.grad = np.array(upstream, dtype=np.float64)
    y.backward()
    return [np.zeros(x.shape) if x.grad is None else x.grad.copy() for x in xs]
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "gradients", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# ga, gb = gradients(lambda a, b: a * b, [[1.0, 2.0], [3.0, 4.0]], [1.0, 10.0])
# assert isinstance(ga, np.ndarray), "gradients come back as numpy arrays"
# assert ga.tolist() == [3.0, 40.0], "the gradient of a * b with respect to a is b, weighted by upstream"
# assert gb.tolist() == [1.0, 20.0], "and with respect to b it is a"

# %% [markdown] tags=["lang-en"]
# ## Task 2: what each layer receives
#
# Gradients get smaller, or larger, layer by layer. To see it one has to look at the gradients in the middle, and Chainer
# forgets them: as soon as a gradient has been passed on, its memory is given back. `backward(retain_grad=True)` keeps
# them.
#
# There is more that Chainer forgets. The graph does not consist of `Variable`s but of small **nodes**, one for each, that
# know shape and dtype but not the values. A value in the middle that no backward pass will need is gone when your
# program lets go of its `Variable`, even though the graph goes on. So keep the variables whose gradients you want to see.
#
# **Hint.** A list that begins with the leaf, and gets `layer(values[-1])` for each layer.

# %% [markdown] tags=["lang-ja"]
# ## 課題 2：各層が受け取るもの
#
# 勾配は層を一つ通るたびに小さくなったり、大きくなったりします。それを見るには途中の勾配をのぞく必要がありますが、Chainer
# は途中の勾配を忘れます。先へ渡し終えた勾配は、すぐにメモリを返してしまうのです。`backward(retain_grad=True)` とすれば残ります。
#
# Chainer が忘れるものはほかにもあります。グラフは `Variable` そのものではなく、それぞれに対応する小さな**ノード**から
# できています。ノードは shape と dtype を知っていますが、値は知りません。逆伝播に必要のない途中の値は、プログラムが
# `Variable` を手放すと消えてしまいます。それでもグラフは残ります。ですから、勾配を見たい変数は手元に取っておきましょう。
#
# **ヒント。** 葉から始まるリストを作り、層ごとに `layer(values[-1])` を加えていきます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_layer_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def layer_gradients(layers, x, upstream):
    """The gradient of every value on the way through a stack of layers.

    Parameters
    ----------
    layers : list of functions, Variable -> Variable; possibly empty. Each uses its input and no other value on the way.
        Each passes a gradient on to its input.
    x : float64 array, the input of the first layer
    upstream : float64 array with the shape of the last layer's result

    Returns
    -------
    list of len(layers) + 1 ndarrays: the gradient of sum(upstream * result) with respect to x, to the result of the
        first layer, and so on. The last one is `upstream` itself, or equal to it.
    """
    ### BEGIN SOLUTION
    values = [Variable(np.array(x))]
    for layer in layers:
        values.append(layer(values[-1]))
    values[-1].grad = np.array(upstream)
    values[-1].backward(retain_grad=True)
    return [value.grad for value in values]
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "layer_gradients", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# three = layer_gradients([lambda v: 2 * v, lambda v: v * v], np.array([3.0]), np.array([1.0]))
# assert len(three) == 3, "one gradient for the input and one for each layer's result"
# assert three[0].tolist() == [24.0], "(2 x)^2 has the derivative 8 x"
# assert three[1].tolist() == [12.0], "v^2 has the derivative 2 v, at v = 6"

# %% tags=["active-ipynb"]
# random = np.random.RandomState(0)
# widths = [L.Linear(20, 20, initialW=random.normal(scale=20**-0.5, size=(20, 20))) for _ in range(12)]
# start, end = random.normal(size=(30, 20)), random.normal(size=(30, 20))
# figure, axes = plt.subplots(figsize=(6, 3))
# for name, activation in (("sigmoid", F.sigmoid), ("tanh", F.tanh), ("no activation", lambda v: v)):
#     layers = [lambda v, link=link: activation(link(v)) for link in widths]
#     sizes = [np.linalg.norm(gradient) for gradient in layer_gradients(layers, start, end)]
#     axes.semilogy(sizes, "o-", label=name)
# axes.set(xlabel="layer", ylabel="size of the gradient", title="The backward pass goes from right to left")
# axes.legend()
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 3: clear, or zero?
#
# As in sprint 1, a leaf **adds up** what arrives in one backward pass after another. That is of use: the gradient of a
# large batch is the sum over small ones, which fit into memory one at a time. It also means that somebody has to forget
# the old gradients. Chainer has two words for it, and one surprise:

# %% [markdown] tags=["lang-ja"]
# ## 課題 3：clear か zero か
#
# スプリント 1 と同じように、葉は逆伝播のたびに届いたものを**足していきます**。これは便利です。大きなバッチの勾配は、一つずつなら
# メモリに収まる小さなバッチの勾配の和だからです。一方で、古い勾配をだれかが消さなければなりません。Chainer にはそのための
# 言葉が二つあり、驚くことも一つあります。

# %% tags=["active-ipynb"]
# link = L.Linear(2, 1)
# print("new:       ", link.b.grad)
# link.cleargrads()
# print("cleargrads:", link.b.grad)
# link.zerograds()
# print("zerograds: ", link.b.grad)

# %% [markdown] tags=["lang-en"]
# A new parameter has the gradient **NaN**. That is on purpose: forget to clear it, and the first step turns all weights
# to NaN, which nobody overlooks.
#
# `cleargrads` leaves `None`, "nothing has arrived"; `zerograds`, the older of the two, leaves zeros. For a parameter that
# is used afterwards it makes no difference. For one that is **not** used it does: `None` tells an optimizer that it may
# let the parameter rest, while zeros look like any other gradient, and with momentum or weight decay a step by a zero
# gradient is not zero. In a network that takes another path each time this is no rare case. Chainer has advised against
# `zerograds` since version 1.15; old programs are full of it.
#
# **Hint.** Both are methods of the link. `float(value.array)` is the number in a scalar Variable.

# %% [markdown] tags=["lang-ja"]
# 新しいパラメータの勾配は **NaN** です。わざとそうなっています。消し忘れると、最初の更新で重みがすべて NaN になるので、
# 見落としようがありません。
#
# `cleargrads` のあとは `None`、つまり「何も届いていない」になります。古いほうの `zerograds` は 0 を入れます。そのあとで使われる
# パラメータなら、違いはありません。**使われない**パラメータでは違いが出ます。`None` なら、オプティマイザはそのパラメータを
# 休ませてよいと分かります。0 はほかの勾配と見分けがつかず、モーメンタムや重み減衰があれば、勾配が 0 でも更新量は 0 に
# なりません。毎回違う道を通るネットワークでは、珍しいことではないのです。Chainer はバージョン 1.15 から `zerograds` を
# 非推奨にしていますが、古いプログラムにはたくさん残っています。
#
# **ヒント。** どちらもリンクのメソッドです。スカラーの Variable の数は `float(value.array)` で取り出せます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_accumulate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def accumulate(link, loss, batches, zeros=False):
    """Leave the gradient of a sum of losses in a link's parameters, batch by batch.

    Parameters
    ----------
    link : Link, whose parameters the losses depend on
    loss : called as loss(*batch), returns a scalar Variable; must be called once for each batch, in their order
    batches : list of one or more tuples of arrays
    zeros : what a parameter that no loss has used is to have as its gradient:
        None (False), or zeros of its dtype (True)

    Returns
    -------
    float, the sum of the losses

    What the gradients were before has no influence. One backward pass for each batch, or one for their sum: your choice.
    """
    ### BEGIN SOLUTION
    if zeros:
        link.zerograds()
    else:
        link.cleargrads()
    total = 0.0
    for batch in batches:
        value = loss(*batch)
        value.backward()
        total += float(value.array)
    return total
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "accumulate", "locked": true, "points": 3.5, "schema_version": 3, "solution": false, "task": false}
# line = L.Linear(1, 1, initialW=np.array([[2.0]]))
# batches = [(np.array([[1.0]]),), (np.array([[10.0]]),)]
# total = accumulate(line, lambda data: F.sum(line(data)), batches)
# assert total == 22.0, "2 * 1 + 2 * 10"
# assert line.W.grad.tolist() == [[11.0]], "1 from the first batch, 10 from the second"
# assert line.b.grad.tolist() == [2.0], "the bias takes part in both"

# %% [markdown] tags=["lang-en"]
# ## Task 4: walk through the graph
#
# In sprint 1 each tensor knew its parents. In Chainer the graph has two kinds of nodes that take turns: a variable's
# `creator` is a **function**, and a function's `inputs` are the nodes of variables, which have a `creator` again, or
# `None` if they are leaves. (`creator_node` is the same as `creator` for all functions in this sprint.)

# %% [markdown] tags=["lang-ja"]
# ## 課題 4：グラフを歩く
#
# スプリント 1 では、どのテンソルも自分の親を知っていました。Chainer のグラフでは、二種類のノードが交互に並びます。変数の
# `creator` は**関数**で、関数の `inputs` は変数のノードです。そのノードにもまた `creator` があり、葉なら `None` です
# （このスプリントの関数では、`creator_node` は `creator` と同じものです）。

# %% tags=["active-ipynb"]
# x = Variable(np.array([1.0, 2.0]))
# h = F.exp(x)
# y = h * h + x
# print("the last function:", y.creator.label, "of rank", y.creator.rank)
# for node in y.creator.inputs:
#     print("  has an input that was created by", node.creator and f"{node.creator.label} of rank {node.creator.rank}")
# print("a node finds its variable, as long as somebody holds it:", y.creator.inputs[1].get_variable() is x)

# %% [markdown] tags=["lang-en"]
# Which order is right for the way back? As in sprint 1: a function's turn comes only after everything that was computed
# from its result has had its turn. You wrote a depth-first search for that. Chainer goes another way. While it computes,
# it notes a **rank** on each function: larger than that of every function its inputs come from. Of the functions
# waiting for their turn, the one of the highest rank goes first.
#
# Then the question that matters for a network with branches: which of its parameters does the graph hold? A parameter's
# node is `p.node`.
#
# **Hint.** Collect every function once, by `id`, with a stack of your own; a recursion ends at about a thousand
# functions. Then sort by rank. `link.namedparams()` gives pairs of a name, such as `/trunk/W`, and a parameter.

# %% [markdown] tags=["lang-ja"]
# 帰り道では、どんな順番が正しいのでしょうか。スプリント 1 と同じです。ある関数の番が来るのは、その結果から計算されたものが
# すべて済んでからです。そのために皆さんは深さ優先探索を書きました。Chainer のやり方は違います。計算しながら、それぞれの関数に
# **ランク**を書き留めるのです。ランクは、入力を作ったどの関数のランクよりも大きくなります。そして、順番を待っている関数のうち、
# ランクのいちばん高いものから進めます。
#
# 次は、枝分かれのあるネットワークで大切な問いです。グラフには、どのパラメータが含まれているでしょうか。パラメータのノードは
# `p.node` です。
#
# **ヒント。** 自分でスタックを持ち、`id` で区別して、どの関数も一度だけ集めます。再帰では千個ほどで限界が来ます。集めたらランクで
# 並べ替えましょう。`link.namedparams()` は、`/trunk/W` のような名前とパラメータの組を返します。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_graph", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward_order(y):
    """The functions behind a Variable, in an order for the way back.

    Parameters
    ----------
    y : Variable

    Returns
    -------
    list of FunctionNode: every function that can be reached from y through `creator` and `inputs`, once; each one
        before the functions that its inputs come from. Any such order is accepted. For a leaf: [].

    Must cope with a chain of 5,000 functions.
    """
    ### BEGIN SOLUTION
    found, waiting = {}, [y.node]
    while waiting:
        function = waiting.pop().creator
        if function is not None and id(function) not in found:
            found[id(function)] = function
            waiting.extend(function.inputs)
    return sorted(found.values(), key=lambda function: function.rank, reverse=True)
    ### END SOLUTION


def used_parameters(y, link):
    """The names of those parameters of a link that went into y.

    Parameters
    ----------
    y : Variable, not itself a parameter
    link : Link

    Returns
    -------
    list of str, sorted: the names that link.namedparams() gives, each at most once
    """
    ### BEGIN SOLUTION
    used = {id(node) for function in backward_order(y) for node in function.inputs}
    return sorted(name for name, p in link.namedparams() if id(p.node) in used)
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "graph", "locked": true, "points": 5.5, "schema_version": 3, "solution": false, "task": false}
# x = Variable(np.array([1.0, 2.0]))
# assert [function.label for function in backward_order(F.exp(F.sin(x)))] == ["exp", "sin"], "the last function comes first"
# pair = chainer.Chain(one=L.Linear(2, 2), other=L.Linear(2, 2))
# assert used_parameters(pair.one(np.ones((1, 2))), pair) == ["/one/W", "/one/b"], "the other link was not used"

# %% [markdown] tags=["lang-en"]
# The next cell is a drawing tool that uses what you have written. There is nothing to learn from its code.

# %% [markdown] tags=["lang-ja"]
# 次は、いま書いた関数を使う作図ツールです。コードの中身を読む必要はありません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "drawing", "locked": true, "schema_version": 3, "solution": false, "task": false}
def draw_graph(axes, y, names, title):
    """Draw the functions behind y from left to right by rank, and the leaves that have a name, as {id(node): name}."""
    functions = backward_order(y)
    places, taken = {}, {}
    for function in sorted(functions, key=lambda function: function.rank):
        row = taken[function.rank] = taken.get(function.rank, -1) + 1
        places[id(function)] = (function.rank, -1.5 * row)
    for function in functions:
        x, height = places[id(function)]
        box = {"boxstyle": "round", "facecolor": "#cfe3f5"}
        axes.text(x, height, function.label, ha="center", va="center", fontsize=8, bbox=box)
        leaves = [names[id(node)] for node in function.inputs if id(node) in names]
        axes.text(x, height - 0.55, "\n".join(leaves), ha="center", va="top", fontsize=7, color="#b5541c")
        for node in function.inputs:
            if node.creator is not None:
                start = places[id(node.creator)]
                skips = x - start[0] > 1 and height == start[1]  # an arrow past other boxes goes above them
                bend = f"arc3,rad={-0.25 if skips else 0}"
                arrow = {"arrowstyle": "->", "color": "gray", "shrinkA": 36, "shrinkB": 36, "connectionstyle": bend}
                axes.annotate("", (x, height), start, arrowprops=arrow)
    axes.set(xlim=(-0.6, max(f.rank for f in functions) + 0.6), ylim=(min(p[1] for p in places.values()) - 1.6, 1))
    axes.set_title(title, fontsize=9)
    axes.axis("off")

# %% tags=["active-ipynb"]
# x = Variable(np.array([1.0, 2.0]))
# h = F.exp(x)
# figure, axes = plt.subplots(figsize=(8, 2))
# draw_graph(axes, F.sin(h * h) + h, {id(x.node): "x"}, "sin(h * h) + h, with h = exp(x)")
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 5: a function of your own
#
# What you called `Function` is a `FunctionNode` here. `forward` gets a **tuple** of arrays and returns a tuple of arrays.
# It says by `retain_inputs` which inputs the backward pass will need; the others may go. `backward` gets the gradients of the
# results, and returns those of the inputs. These are `Variable`s, not arrays: the backward pass is written in Chainer's own
# functions, so that it could be differentiated once more.
#
# The function is *Swish*, with a steepness for each column:
#
# $$\mathrm{swish}(x, \beta)_{ij} = x_{ij}\,\sigma(\beta_j x_{ij}), \qquad \sigma(t) = \frac{1}{1 + e^{-t}}$$
#
# With $t = \beta_j x_{ij}$ the slope with respect to $x_{ij}$ is $\sigma(t) + t\,\sigma(t)(1 - \sigma(t))$, with respect
# to $\beta_j$ it is $x_{ij}^2\,\sigma(t)(1 - \sigma(t))$. And since each $\beta_j$ was used in every row, its gradient is a
# sum over the rows.
#
# **Hint.** $e^{1000}$ is infinite. $\sigma(t) = (1 + \tanh(t/2))/2$ has no such trouble, and `F.sigmoid` does it so.

# %% [markdown] tags=["lang-ja"]
# ## 課題 5：自分の関数
#
# 皆さんが `Function` と呼んだものは、ここでは `FunctionNode` です。`forward` は配列の**タプル**を受け取り、配列のタプルを返します。
# 逆伝播にどの入力が必要かは `retain_inputs` で伝えます。それ以外は手放してかまいません。`backward` は結果の勾配を受け取り、
# 入力の勾配を返します。こちらは配列ではなく `Variable` です。逆伝播も Chainer の関数で書くので、もう一度微分することも
# できるのです。
#
# 作る関数は、列ごとに傾きの鋭さを持つ *Swish* です。
#
# $$\mathrm{swish}(x, \beta)_{ij} = x_{ij}\,\sigma(\beta_j x_{ij}), \qquad \sigma(t) = \frac{1}{1 + e^{-t}}$$
#
# $t = \beta_j x_{ij}$ とおくと、$x_{ij}$ についての傾きは $\sigma(t) + t\,\sigma(t)(1 - \sigma(t))$、$\beta_j$ についての傾きは
# $x_{ij}^2\,\sigma(t)(1 - \sigma(t))$ です。そして $\beta_j$ はすべての行で使われたので、その勾配は行についての和になります。
#
# **ヒント。** $e^{1000}$ は無限大になってしまいます。$\sigma(t) = (1 + \tanh(t/2))/2$ ならその心配がなく、`F.sigmoid` もそうして
# います。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_swish", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Swish(chainer.FunctionNode):
    """x * sigmoid(beta * x), one beta for each column. To derive from the older chainer.Function instead is your choice."""

    def forward(self, inputs):
        """Two arrays, x of shape (n, d) and beta of shape (d,), of one dtype -> a tuple of one array, shape (n, d).

        Must not change its inputs, and must be right for large ones, too.
        """
        ### BEGIN SOLUTION
        x, beta = inputs
        self.retain_inputs((0, 1))
        return (x * (1 + np.tanh(beta * x / 2)) / 2,)
        ### END SOLUTION

    def backward(self, target_input_indexes, grad_outputs):
        """A tuple of one Variable (n, d), the gradient of the result -> the gradients of x and beta as Variables.

        `target_input_indexes` says which of the two are asked for. Giving both anyway, or only those, is your choice.
        """
        ### BEGIN SOLUTION
        x, beta = self.get_retained_inputs()
        (g,) = grad_outputs
        steepness = F.broadcast_to(beta, x.shape)
        s = F.sigmoid(steepness * x)
        slope = s * (1 - s)
        return g * (s + steepness * x * slope), F.sum(g * x * x * slope, axis=0)
        ### END SOLUTION


def swish(x, beta):
    """Swish of x (n, d) and beta (d,), Variables or arrays of one dtype -> Variable (n, d) whose creator is a Swish."""
    ### BEGIN SOLUTION
    return Swish().apply((x, beta))[0]
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "swish", "locked": true, "points": 5.5, "schema_version": 3, "solution": false, "task": false}
# x, beta = Variable(np.array([[0.0, 2.0]])), Variable(np.array([1.0, 0.0]))
# y = swish(x, beta)
# assert isinstance(y, Variable) and y.shape == (1, 2), "a Variable of the shape of x"
# assert y.array.tolist() == [[0.0, 1.0]], "with beta = 0, sigmoid is one half"
# y.grad = np.array([[1.0, 3.0]])
# y.backward()
# assert x.grad.tolist() == [[0.5, 1.5]], "the slope is one half in both places"
# assert beta.grad.tolist() == [0.0, 3.0], "x^2 / 4, weighted by the gradient that came in"

# %% tags=["active-ipynb"]
# wide = np.linspace(-4, 4, 81)[:, None]
# figure, axes = plt.subplots(1, 2, figsize=(8, 2.6), sharex=True)
# for steepness in (0.0, 0.5, 1.0, 4.0):
#     x = Variable(wide)
#     y = swish(x, np.array([steepness]))
#     y.grad = np.ones_like(wide)
#     y.backward()
#     axes[0].plot(wide, y.array, label=f"beta = {steepness:g}")
#     axes[1].plot(wide, x.grad)
# axes[0].set(xlabel="x", title="swish: from a line to relu")
# axes[1].set(xlabel="x", title="its slope, from your backward")
# axes[0].legend()
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 6: a chain that tosses a coin
#
# A **link** is a function with parameters. `L.Linear(n_in, n_out)` is one, with `W` of shape (n_out, n_in) and `b`. A
# **chain** is a link made of links: those that are assigned inside `with self.init_scope():` become its **children**.
# From then on the chain finds all their parameters, clears their gradients, hands them to an optimizer. A link that is
# assigned elsewhere, or put into a Python list, is an ordinary attribute: it computes, and nobody trains it.
#
# Our network has a trunk, then two branches with weights of their own, then a head:
#
# $$h = \tanh(\mathrm{trunk}(x)), \qquad h' = \begin{cases} \mathrm{relu}(\mathrm{left}(h)) & \text{heads} \\
# \tanh(\mathrm{right}(h)) & \text{tails} \end{cases}, \qquad \text{logits} = \mathrm{head}(h')$$
#
# Which branch is taken is decided anew in every call, by a coin. Where the graph comes first, that takes a special node
# of the graph; here it is an `if`. (To train parts of a network at random became a method of its own a year later:
# *stochastic depth*, which leaves out layers as dropout leaves out units.)
#
# Chance and tests do not go together well. So the coin is an **argument**: whoever calls brings one, and a test brings
# one that it knows.
#
# **Hint.** `chainer.initializers.LeCunNormal(rng=np.random.RandomState(seed))` makes initial weights, to be passed as
# `initialW=`. Or draw arrays yourself.

# %% [markdown] tags=["lang-ja"]
# ## 課題 6：コインを投げるチェイン
#
# **リンク**とは、パラメータを持つ関数です。`L.Linear(n_in, n_out)` もその一つで、shape が (n_out, n_in) の `W` と、`b` を持ちます。
# **チェイン**は、リンクを組み合わせたリンクです。`with self.init_scope():` の中で代入したリンクは、チェインの**子**になります。
# それからは、チェインが子のパラメータをすべて見つけ、勾配を消し、オプティマイザに渡してくれます。それ以外の場所で代入した
# リンクや、Python のリストに入れたリンクは、ただの属性です。計算はしますが、だれも学習させてくれません。
#
# 作るネットワークには、幹があり、それぞれ自分の重みを持つ二本の枝があり、頭があります。
#
# $$h = \tanh(\mathrm{trunk}(x)), \qquad h' = \begin{cases} \mathrm{relu}(\mathrm{left}(h)) & \text{表} \\
# \tanh(\mathrm{right}(h)) & \text{裏} \end{cases}, \qquad \text{logits} = \mathrm{head}(h')$$
#
# どちらの枝を通るかは、呼び出すたびにコインで決め直します。グラフを先に作るやり方なら、そのための特別なノードがグラフに
# 必要です。ここではただの `if` です（ネットワークの一部をランダムに選んで学習させることは、一年後に一つの手法になりました。
# ドロップアウトがユニットを抜くように層を抜く、*stochastic depth* です）。
#
# 偶然とテストは相性がよくありません。そこで、コインは**引数**にします。呼び出す側がコインを用意し、テストは結果の分かっている
# コインを用意します。
#
# **ヒント。** `chainer.initializers.LeCunNormal(rng=np.random.RandomState(seed))` で初期値を作り、`initialW=` に渡します。
# 自分で配列を作ってもかまいません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_branching_net", "locked": false, "schema_version": 3, "solution": true, "task": false}
class BranchingNet(chainer.Chain):
    """Classifies iris flowers by one of two branches, which a coin decides.

    Parameters
    ----------
    hidden : int, the size of the inner layers
    seed : int, for the initial weights: the same seed gives the same network, another one another. How they are drawn is
        your choice; they are float64 and not all equal.

    Has exactly four children, Linear links with biases, under the names trunk (4 -> hidden), left and right
    (hidden -> hidden), head (hidden -> 3).
    """

    def __init__(self, hidden=12, seed=0):
        ### BEGIN SOLUTION
        super().__init__()
        normal = chainer.initializers.LeCunNormal(rng=np.random.RandomState(seed))
        with self.init_scope():
            self.trunk = L.Linear(4, hidden, initialW=normal)
            self.left = L.Linear(hidden, hidden, initialW=normal)
            self.right = L.Linear(hidden, hidden, initialW=normal)
            self.head = L.Linear(hidden, 3, initialW=normal)
        ### END SOLUTION

    def forward(self, x, coin):
        """Flowers (n, 4), a float64 array or Variable -> logits, a Variable (n, 3). net(x, coin) calls this.

        `coin` is a function without arguments; each call of it is a toss, a Python bool: True for heads or False for tails.
        It is tossed once for all n flowers. Then the left branch (relu) is computed for heads, the right one (tanh) for
        tails, and never both. Gradients reach the parameters on the way, and x if it is a Variable.
        """
        ### BEGIN SOLUTION
        h = F.tanh(self.trunk(x))
        h = F.relu(self.left(h)) if coin() else F.tanh(self.right(h))
        return self.head(h)
        ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "branching_net", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# net = BranchingNet(hidden=5, seed=1)
# assert net.left.W.shape == (5, 5), "left is a Linear link from 5 to 5"
# assert len(list(net.params())) == 8, "four links with two parameters each"
# flowers = np.ones((2, 4))
# for heads in (True, False):
#     assert net(flowers, lambda: heads).shape == (2, 3), "three logits for each flower"
# net.cleargrads()
# F.sum(net(flowers, lambda: True)).backward()
# assert net.left.W.grad is not None, "heads: left was used"
# assert net.right.W.grad is None, "and right was not"

# %% tags=["active-ipynb"]
# net = BranchingNet(hidden=5)
# names = {id(p.node): name for name, p in net.namedparams()}
# figure, axes = plt.subplots(2, 1, figsize=(8, 3.2))
# for axis, heads in zip(axes, (True, False)):
#     draw_graph(axis, net(np.ones((1, 4)), lambda: heads), names, "heads" if heads else "tails")
# figure.tight_layout()
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 7: an optimizer by hand
#
# A Chainer optimizer is used in two steps. `setup(link)` tells it whose parameters it is to move. `update()` makes one
# step with the gradients that are there; `update(lossfun, *args)` does the whole of it: clear the gradients, compute the
# loss, go back, step.
#
# Yours is gradient descent with **momentum**: each parameter has a velocity, which begins at zero.
#
# $$v \leftarrow \mu v - \eta g, \qquad p \leftarrow p + v$$
#
# Here the difference of task 3 shows. With $g = 0$ the parameter rolls on. With no gradient at all it rests, and its
# velocity stays what it was.
#
# **Hint.** A dict of velocities by name. Write `p.array = …`. Do not keep `p.grad` itself anywhere, nor change it in
# place: it may be another parameter's gradient as well.

# %% [markdown] tags=["lang-ja"]
# ## 課題 7：オプティマイザを手で書く
#
# Chainer のオプティマイザは二段階で使います。まず `setup(link)` で、どのリンクのパラメータを動かすのかを教えます。`update()` は、
# いま入っている勾配で一回更新します。`update(lossfun, *args)` は全部まとめて行います。勾配を消し、損失を計算し、逆伝播し、更新する
# のです。
#
# 皆さんが書くのは、**モーメンタム**付きの勾配降下法です。パラメータごとに速度があり、0 から始まります。
#
# $$v \leftarrow \mu v - \eta g, \qquad p \leftarrow p + v$$
#
# 課題 3 の違いがここで現れます。$g = 0$ なら、パラメータは惰性で動き続けます。勾配がまったくなければパラメータは止まったままで、
# 速度も変わりません。
#
# **ヒント。** 速度は、名前をキーとする辞書に入れます。更新は `p.array = …` と書きます。`p.grad` そのものを取っておいたり、その場で
# 書き換えたりしてはいけません。別のパラメータの勾配でもあるかもしれないからです。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_momentum", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Momentum:
    """Gradient descent with momentum, to be used like an optimizer of Chainer's.

    Parameters
    ----------
    lr : float, the learning rate
    momentum : float, how much of the velocity is kept from step to step
    """

    def __init__(self, lr, momentum=0.9):
        ### BEGIN SOLUTION
        self.lr, self.momentum = lr, momentum
        self.velocity = {}
        ### END SOLUTION

    def setup(self, link):
        """Take the parameters of this link, with velocities of zero; return self. Each parameter has at least one axis."""
        ### BEGIN SOLUTION
        self.target, self.velocity = link, {}
        return self
        ### END SOLUTION

    def update(self, lossfun=None, *args):
        """One step for each parameter that has a gradient.

        With a loss function: forget all gradients and call lossfun(*args) once, in either order; it returns a scalar
        Variable. Go back from it. Without: take the gradients as they are.

        v becomes momentum * v - lr * grad, and the parameter's array becomes array + v, of the same dtype; in place or a
        new one is your choice. Where grad is None, parameter and velocity stay. The gradients themselves are not changed.
        """
        ### BEGIN SOLUTION
        if lossfun is not None:
            self.target.cleargrads()
            lossfun(*args).backward()
        for name, p in self.target.namedparams():
            if p.grad is not None:
                self.velocity[name] = self.momentum * self.velocity.get(name, 0.0) - self.lr * p.grad
                p.array = p.array + self.velocity[name]
        ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "momentum", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# slope = L.Linear(1, 1, nobias=True, initialW=np.array([[3.0]]))
# optimizer = Momentum(lr=0.5, momentum=0.5).setup(slope)
# optimizer.update(lambda data: F.sum(slope(data)), np.array([[2.0]]))
# assert slope.W.array.tolist() == [[2.0]], "the gradient is 2: one step of 0.5 * 2"
# optimizer.update(lambda data: F.sum(slope(data)), np.array([[2.0]]))
# assert slope.W.array.tolist() == [[0.5]], "and a second, with half of the first still in it"

# %% tags=["active-ipynb"]
# # a long valley, down which both optimizers roll
# figure, axes = plt.subplots(figsize=(6, 3))
# a, b = np.meshgrid(np.linspace(-2.2, 2.2, 60), np.linspace(-1.2, 1.2, 60))
# axes.contour(a, b, a**2 + 20 * b**2, levels=[0.2, 1, 3, 6, 12, 20], colors="lightgray")
# by_hand, chainers = Momentum(lr=0.01, momentum=0.9), chainer.optimizers.MomentumSGD(lr=0.01, momentum=0.9)
# for optimizer, style, name in ((by_hand, "o-", "by hand"), (chainers, "k.:", "chainer.optimizers.MomentumSGD")):
#     ball = chainer.Link()
#     with ball.init_scope():
#         ball.p = chainer.Parameter(np.array([-2.0, 1.0]))
#     optimizer.setup(ball)
#     path = [ball.p.array.copy()]
#     for _ in range(40):
#         optimizer.update(lambda: F.sum(np.array([1.0, 20.0]) * ball.p * ball.p))
#         path.append(ball.p.array.copy())
#     axes.plot(*np.transpose(path), style, label=name)
# axes.legend(loc="lower right", fontsize=8)
# axes.set_title("the same path twice")
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 8: iris
#
# Now everything together. `train` is the loop, for any network that is called with flowers and a coin, and any optimizer
# with an `update`: Chainer's, or yours. `fit` chooses: with which optimizer, at which rate and for how long *your*
# network is trained.
#
# Each **branch** is judged for itself. A branch that the coin never chose has learned nothing.
#
# `F.softmax_cross_entropy(logits, species)` is the mean over a batch. If the last batch of an epoch is smaller, the mean
# of such means is not the mean over the flowers.
#
# **Hint.** `chainer.optimizers.Adam(alpha=0.01).setup(net)` is a good start. Watch the loss: it must fall for both
# branches.

# %% [markdown] tags=["lang-ja"]
# ## 課題 8：iris
#
# いよいよ全部を組み合わせます。`train` は学習ループです。花とコインを渡して呼び出せるネットワークなら何でも、`update` を持つ
# オプティマイザなら Chainer のものでも自分のものでも使えるようにします。`fit` では、*自分の*ネットワークをどのオプティマイザで、
# どの学習率で、どれだけ学習させるかを決めます。
#
# 評価は**枝ごと**に行います。コインに一度も選ばれなかった枝は、何も学んでいません。
#
# `F.softmax_cross_entropy(logits, species)` はバッチの平均です。エポックの最後のバッチが小さいとき、平均の平均は花全体の平均には
# なりません。
#
# **ヒント。** `chainer.optimizers.Adam(alpha=0.01).setup(net)` から始めるとよいでしょう。損失を見てください。どちらの枝でも
# 下がらなければなりません。

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "iris", "locked": true, "schema_version": 3, "solution": false, "task": false}
# from sklearn.datasets import load_iris
#
# # 100 flowers to learn from, 50 to look at. Columns in cm: sepal length, sepal width, petal length, petal width.
# shuffled = np.random.default_rng(20).permutation(150)
# X_train, y_train = load_iris().data[shuffled[:100]], load_iris().target[shuffled[:100]]
# X_valid, y_valid = load_iris().data[shuffled[100:]], load_iris().target[shuffled[100:]]

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(net, optimizer, X, y, coin, epochs, batch_size=10):
    """Minimise softmax_cross_entropy, batch by batch.

    Parameters
    ----------
    net : Link, called as net(flowers, coin), gives logits (n, 3). Not only a BranchingNet.
    optimizer : already set up on net; has update(), and update(lossfun, *args), as in task 7
    X, y : arrays of shapes (n, 4) and (n,), the species as ints 0, 1, 2. Both stay as they are, and so does
        chainer.config.
    coin : passed on to net, call by call; train itself does not toss it
    epochs : int. In each epoch every flower is used once.
    batch_size : int, flowers in one step; the last batch of an epoch may be smaller. Which flowers go together, and in
        which order, is your choice.

    Returns
    -------
    list of float: for each epoch the mean, over its flowers, of the loss before the step that they took part in
    """
    ### BEGIN SOLUTION
    rng = np.random.RandomState(0)
    losses = []
    for _ in range(epochs):
        total = 0.0
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            net.cleargrads()
            loss = F.softmax_cross_entropy(net(X[batch], coin), y[batch])
            loss.backward()
            optimizer.update()
            total += float(loss.array) * len(batch)
        losses.append(total / len(X))
    return losses
    ### END SOLUTION


def fit(X, y, seed=0):
    """A BranchingNet, trained on these flowers.

    Parameters
    ----------
    X, y : as for train
    seed : int, decides everything that is random: the same seed gives the same network

    Returns
    -------
    BranchingNet. On new flowers each of its branches, alone, names at least 80 % of the species; of three seeds the best
        one counts. Optimizer, rate, size and epochs are your choice; it may take a few seconds.
    """
    ### BEGIN SOLUTION
    net = BranchingNet(seed=seed)
    optimizer = chainer.optimizers.Adam(alpha=0.01).setup(net)
    rng = np.random.RandomState(seed)
    train(net, optimizer, X, y, coin=lambda: rng.rand() < 0.5, epochs=60)
    return net
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "train", "locked": true, "points": 5.5, "schema_version": 3, "solution": false, "task": false}
# small = BranchingNet(seed=1)
# sgd = chainer.optimizers.SGD(lr=0.05).setup(small)
# tosses = np.random.RandomState(0)
# losses = train(small, sgd, X_train[:30], y_train[:30], lambda: tosses.rand() < 0.5, epochs=8)
# assert len(losses) == 8, "one loss per epoch"
# assert losses[-1] < losses[0], "the loss must fall"

# %% [markdown] tags=["lang-en"]
# ## Look at what you have trained
#
# First the two branches apart, on flowers that they have not seen.
#
# Then three optimizers with one rule. Chainer's own `MomentumSGD` and yours part soon, though they went the same way
# through the valley. The coin is why: just before a step Chainer's optimizers put zeros where a gradient is `None`, so the
# branch that was not taken rolls on with its velocity, while yours lets it rest. The method that does it may be
# overridden, says Chainer's documentation; and then the two are one.

# %% [markdown] tags=["lang-ja"]
# ## 学習させたものを眺める
#
# まず、まだ見ていない花での正解率を枝ごとに見ます。
#
# 次に、同じ規則で動く三つのオプティマイザを比べます。谷では同じ道を通ったのに、Chainer の `MomentumSGD` と皆さんのものは、
# すぐに分かれてしまいます。原因はコインです。Chainer のオプティマイザは、更新の直前に、勾配が `None` のところへ 0 を入れます。
# ですから、通らなかった枝は自分の速度で動き続けます。皆さんのものでは休みます。0 を入れるメソッドは上書きしてよいと Chainer の
# ドキュメントにあり、そうすると二つは一致します。

# %% tags=["active-ipynb"]
# def accuracy(net, heads):
#     """The share of validation flowers that one branch names."""
#     with chainer.no_backprop_mode():  # nothing is recorded: what no_grad was in sprint 1
#         return np.mean(net(X_valid, lambda: heads).array.argmax(axis=1) == y_valid)
#
#
# net = fit(X_train, y_train)
# print(f"fit: left {accuracy(net, True):.2f}, right {accuracy(net, False):.2f}")
#
# class Resting(chainer.optimizers.MomentumSGD):
#     """Chainer's own, but for the zeros in place of None."""
#
#     def reallocate_cleared_grads(self):
#         pass
#
#
# figure, axes = plt.subplots(figsize=(6, 3))
# for make, style in ((Momentum, "o"), (Resting, "-"), (chainer.optimizers.MomentumSGD, ":")):
#     net, tosses = BranchingNet(), np.random.RandomState(0)
#     optimizer = make(lr=0.01, momentum=0.9).setup(net)
#     losses = train(net, optimizer, X_train, y_train, lambda: tosses.rand() < 0.5, epochs=30)
#     axes.plot(range(1, 31), losses, style, label=make.__name__)
# axes.set(xlabel="epoch", ylabel="mean loss", title="A branch that rests, and one that rolls on")
# axes.legend()
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Your Tensor and Chainer's Variable
#
# | sprint 1, yours | Chainer | PyTorch, later |
# |---|---|---|
# | `Tensor(data, requires_grad=True)` | `Variable(array)`; `requires_grad=True` unless you say otherwise | `torch.tensor(data, requires_grad=True)` |
# | `Function` with `forward(ctx, …)`, `backward(ctx, g)` | `FunctionNode` with `forward(inputs)`, `backward(indexes, gs)`; `self` is the context | `torch.autograd.Function` |
# | `parents` | `creator`, then `inputs` | `grad_fn`, then `next_functions` |
# | a topological order, by depth-first search | ranks, noted while computing, and a heap | sequence numbers, and a heap |
# | `y.backward(grad)` | `y.grad = grad; y.backward()` | `y.backward(grad)` |
# | `zero_grad` | `cleargrads`, formerly `zerograds` | `zero_grad(set_to_none=True)`, formerly with zeros |
# | `no_grad()`, `detach()` | `no_backprop_mode()`, `unchain_backward()` | `no_grad()`, `detach()` |
# | `net.parameters()`, a list that you write | a `Chain` that finds them, by `init_scope` | an `nn.Module` that finds them |
# | `SGD(parameters, lr).step()` | `SGD(lr).setup(link)`, `.update()` | `SGD(parameters, lr).step()` |
#
# **The idea is the same, to the letter.** Both record while they compute; both give every call a graph of its own; in both,
# leaves add up, and a branch that was not taken has no gradient because it is not in the graph – not because anybody looked.
# `used_parameters` would be the same function for your `Tensor`, with `parents` in place of `creator` and `inputs`.
#
# **Three things you did not need.** Your tensors *are* the graph: as long as the end is held, every value on the way
# is, too. Chainer takes the graph and the values apart; a node knows a shape, a function keeps what it asked for by
# `retain_inputs`, and the rest of the memory is free before the way back begins. On a GPU of 2015 that decided which network
# could be trained. Your `backward` sorts the graph afterwards; Chainer has noted the order beforehand, and needs no
# search. And your `backward` copies each gradient; Chainer hands on the same array, and expects you to know.
#
# **One thing it gave up.** Because each graph is seen only once, there is no time to improve it: nothing is fused, nothing
# is reordered, nothing is sent to another machine. That is what a graph that is defined first is good for, and it is
# why, some years later, everybody built a bridge back: `tf.function`, `torch.compile`. Which of the two to begin with was
# no longer a question. One writes the `if`.

# %% [markdown] tags=["lang-ja"]
# ## 皆さんの Tensor と Chainer の Variable
#
# | スプリント 1 で書いたもの | Chainer | のちの PyTorch |
# |---|---|---|
# | `Tensor(data, requires_grad=True)` | `Variable(array)`。何も言わなければ `requires_grad=True` | `torch.tensor(data, requires_grad=True)` |
# | `Function` の `forward(ctx, …)`、`backward(ctx, g)` | `FunctionNode` の `forward(inputs)`、`backward(indexes, gs)`。`self` が ctx にあたる | `torch.autograd.Function` |
# | `parents` | `creator`、そして `inputs` | `grad_fn`、そして `next_functions` |
# | 深さ優先探索によるトポロジカル順序 | 計算しながら書き留めたランクとヒープ | 通し番号とヒープ |
# | `y.backward(grad)` | `y.grad = grad; y.backward()` | `y.backward(grad)` |
# | `zero_grad` | `cleargrads`。以前は `zerograds` | `zero_grad(set_to_none=True)`。以前は 0 にしていた |
# | `no_grad()`、`detach()` | `no_backprop_mode()`、`unchain_backward()` | `no_grad()`、`detach()` |
# | 自分で書いたリストを返す `net.parameters()` | `init_scope` によってパラメータを見つける `Chain` | パラメータを見つける `nn.Module` |
# | `SGD(parameters, lr).step()` | `SGD(lr).setup(link)`、`.update()` | `SGD(parameters, lr).step()` |
#
# **考え方は、細部まで同じです。** どちらも計算しながら記録し、呼び出しごとに別のグラフを作ります。どちらでも葉の勾配は足されて
# いき、通らなかった枝には勾配がありません。だれかが調べたからではなく、グラフの中にないからです。皆さんの `Tensor` でも、
# `creator` と `inputs` を `parents` に置き換えるだけで、`used_parameters` は同じ関数になります。
#
# **スプリント 1 では必要なかったものが三つあります。** 皆さんのテンソルは、*それ自体が*グラフです。終点を持っているかぎり、途中の
# 値もすべて残ります。Chainer はグラフと値を切り離します。ノードは shape を知っているだけで、関数は `retain_inputs` で頼んだもの
# だけを残し、それ以外のメモリは帰り道が始まる前に空きます。2015 年の GPU では、どのネットワークを学習させられるかがこれで
# 決まりました。二つ目に、皆さんの `backward` はあとからグラフを並べ替えますが、Chainer は順番を前もって書き留めているので、
# 探索がいりません。三つ目に、皆さんの `backward` は勾配を一つずつコピーしますが、Chainer は同じ配列をそのまま渡し、使う側が
# それを知っているものと考えます。
#
# **代わりに手放したものが一つあります。** どのグラフも一度しか現れないので、改良する時間がありません。演算をまとめることも、
# 順番を入れ替えることも、ほかのマシンへ送ることもできません。先に定義するグラフの長所はそこにあります。だからこそ数年後には、
# どのフレームワークも `tf.function` や `torch.compile` という逆向きの橋を架けました。けれども、どちらから始めるかはもう問題に
# なりませんでした。`if` を書けばよいのです。
