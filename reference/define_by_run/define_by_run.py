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
# # Define by run: build the graph while computing
#
# Training a network means asking one question again and again: *if this weight grew a little, how much would the
# loss grow?* For one network you can work the answer out by hand. Change a layer and you do it all again. A
# deep-learning framework exists so that nobody has to: it remembers what you computed, and walks back through that
# memory with the chain rule.
#
# In this sprint you build such a framework from numpy alone. It is small, about 200 lines, but it is the same idea as
# Chainer, PyTorch and TensorFlow's eager mode: the graph is not declared beforehand. It appears **while** the
# program runs, so an ordinary `if` is enough to give every example a graph of its own.
#
# **When you are done you can**
#
# - explain what a framework records during the forward pass, and why that is enough for the backward pass;
# - write the gradient of an operation as a *vector-Jacobian product*, broadcasting included;
# - visit a graph in an order in which every gradient is complete before it is passed on;
# - check a gradient numerically, and say which mistakes a careless check lets through;
# - train a network whose forward pass takes different paths for different data.
#
# **Out of scope:** derivatives of derivatives, in-place operations on tensors, GPUs, threads, batched matrix products,
# dtypes other than float64, speed.
#
# **How to work.** Each task has one cell for your code and one cell of checks below it. The checks show the shape of the
# task. They are not all that is graded: the docstrings are the specification. Where a docstring says that
# something is your choice, every choice is accepted.

# %% [markdown] tags=["lang-ja"]
# # Define by run：計算しながらグラフを作る
#
# ネットワークの学習とは、「この重みを少し増やしたら、損失はどれだけ増えるか」という問いを何度も繰り返すことです。
# ネットワークが一つだけなら、答えは手計算でも求められます。しかし層を一つ変えれば、計算は最初からやり直しです。
# この手間をなくすために深層学習フレームワークがあります。フレームワークは、行われた計算を記録しておき、
# その記録を連鎖律に従って逆向きにたどります。
#
# このスプリントでは、そのようなフレームワークを numpy だけで作ります。200 行ほどの小さなものですが、考え方は
# Chainer、PyTorch、TensorFlow の eager モードと同じです。グラフを前もって宣言することはありません。プログラムを
# **実行している間に**グラフができていきます。だから、普通の `if` 文を書くだけで、データごとに違うグラフになります。
#
# **このスプリントを終えると、次のことができるようになります**
#
# - 順伝播の間にフレームワークが何を記録しているのか、なぜそれだけで逆伝播ができるのかを説明する
# - 演算の勾配を「ベクトルとヤコビ行列の積」として書く（ブロードキャストも含む）
# - どの勾配も、足し合わせが終わってから次へ渡されるような順番でグラフをたどる
# - 勾配を数値的に確かめ、雑な確かめ方ではどんな間違いを見逃すのかを説明する
# - データによって通る道が変わるネットワークを学習させる
#
# **扱わないこと：** 高階微分、テンソルの in-place 演算、GPU、スレッド、バッチ付きの行列積、float64 以外の dtype、実行速度。
#
# **進め方。** 課題ごとに、コードを書くセルが一つあり、そのすぐ下に確認用のセルがあります。確認用のセルは課題の形を
# 示すためのもので、採点で調べるのはそれだけではありません。仕様は docstring に書いてあります。
# docstring に「your choice」と書いてあるところは、どの選び方をしてもかまいません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
from contextlib import contextmanager

import numpy as np


def to_numpy(x):
    """Return the numpy array behind a Tensor; anything else becomes an array."""
    return x.data if isinstance(x, Tensor) else np.asarray(x)

# %% [markdown] tags=["lang-en"]
# ## Task 1: a tensor
#
# An array knows its numbers, but not where they came from. For the chain rule we need that second half, so we wrap the
# array in an object with room for it: which tensors it was computed from (`parents`), whether anybody wants its
# gradient (`requires_grad`), and the gradient itself once it is known (`grad`).
#
# A tensor that you make yourself, an input or a weight, has no parents. It is a **leaf** of the graph.
#
# The numbers are always kept as float64. Integers would be a trap: a gradient step of 0.1 on an integer array is lost.
#
# **Hint.** `np.asarray(data, dtype=np.float64)` handles numbers, nested lists and arrays alike.

# %% [markdown] tags=["lang-ja"]
# ## 課題 1：テンソル
#
# 配列は数値を持っていますが、その数値がどこから来たのかは知りません。連鎖律にはこの「どこから」が必要です。そこで
# 配列をオブジェクトで包み、どのテンソルから計算されたか（`parents`）、勾配が必要かどうか（`requires_grad`）、
# そして求まったあとの勾配（`grad`）を持たせます。
#
# 入力や重みのように自分で作ったテンソルには親がありません。これをグラフの**葉**（leaf）と呼びます。
#
# 数値は必ず float64 で持ちます。整数のままにしておくのは危険です。整数の配列に 0.1 だけの更新をしても、その更新は
# 消えてしまいます。
#
# **ヒント。** `np.asarray(data, dtype=np.float64)` なら、数値も、入れ子のリストも、配列も同じように扱えます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_tensor", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Tensor:
    """A float64 array that can remember where it came from.

    Parameters
    ----------
    data : number, nested list or array, of any shape
        Kept in `.data`. Whether `.data` is a copy or shares memory with the argument is your choice.
    requires_grad : bool
        Whether a backward pass shall leave a gradient here.

    Attributes (ordinary ones: others may assign them)
    ----------
    data : ndarray, dtype float64, the shape of the argument; shape () for a number
    requires_grad : bool
    parents : tuple of Tensor, the inputs of the operation that made this tensor; () for a leaf, so () at first
    grad : None until a backward pass has reached this leaf, then the gradient with the shape of `data`.
        Your choice: zeros instead of None at first; a Tensor instead of an ndarray later. Be consistent: zero_grad
        leaves what was there at first, and each pass leaves the same kind. A numpy scalar counts as an ndarray.

    Raises
    ------
    ValueError or TypeError : `data` does not convert to float64, such as a word, or rows that differ in length.
    """

    __array_ufunc__ = None  # numpy must leave `array * tensor` to the tensor's __rmul__

    def __init__(self, data, requires_grad=False):
        ### BEGIN SOLUTION
        self.data = np.asarray(data, dtype=np.float64)
        self.requires_grad = bool(requires_grad)
        self.parents = ()
        self.grad = None
        ### END SOLUTION

    @property
    def shape(self):
        """The shape of the data, a tuple of int."""
        return self.data.shape

    def __repr__(self):
        return f"Tensor({self.data!r}, requires_grad={self.requires_grad})"

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "tensor", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# x = Tensor([[1, 2, 3], [4, 5, 6]], requires_grad=True)
# assert isinstance(x.data, np.ndarray), "data must be a numpy array"
# assert x.data.dtype == np.float64, "data must be float64, also when integers come in"
# assert x.shape == (2, 3), "the shape must be kept"
# assert x.requires_grad, "requires_grad must be kept"
# assert Tensor(1.5).shape == (), "a number has the shape ()"

# %% [markdown] tags=["lang-en"]
# ## Task 2: an operation that leaves a record
#
# Every operation is a pair: `forward` computes the result, `backward` turns the gradient of the result into the gradients
# of the inputs. Neither has to know anything about graphs. They only see arrays, and a `ctx` on which `forward` leaves
# whatever `backward` will need.
#
# What makes the graph is the step in between, `apply`. It unwraps the tensors, calls `forward`, wraps the result, and,
# **only if somebody will need it**, notes down which tensors went in. That "only if" matters: without it, every number you
# ever computed would be kept in memory.
#
# How the way back is noted down is up to you: keep the class and its `ctx` on the new tensor, or a closure that calls
# `backward`, or an entry on a global tape. Task 4 reads what you write here.
#
# **Hint.** Four steps: make tensors of the inputs, call `cls.forward(ctx, *arrays, **options)`, wrap the result, and then
# decide whether to record.

# %% [markdown] tags=["lang-ja"]
# ## 課題 2：記録を残す演算
#
# 演算は二つの部分の組です。`forward` は結果を計算し、`backward` は結果の勾配を入力の勾配に変えます。どちらもグラフの
# ことを知る必要はありません。見えるのは配列と、`forward` が `backward` のためにメモを残す `ctx` だけです。
#
# グラフを作るのは、その間にある `apply` です。テンソルから配列を取り出し、`forward` を呼び、結果をテンソルで包みます。
# そして、**あとで必要になるときだけ**、どのテンソルが入力だったかを書き留めます。この「だけ」が大切です。いつでも
# 記録していると、それまでに計算した数値がすべてメモリに残ってしまいます。
#
# 帰り道の書き留め方は自由です。新しいテンソルにクラスと `ctx` を持たせても、`backward` を呼ぶクロージャを持たせても、
# 大域的なテープに一行加えてもかまいません。ここで書いたものを、課題 4 で読みます。
#
# **ヒント。** 手順は四つです。入力をテンソルにそろえる、`cls.forward(ctx, *arrays, **options)` を呼ぶ、結果を包む、
# 記録するかどうかを決める。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "context", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Context:
    """What one call of forward leaves for its backward: set any attribute you like on it."""


class GradMode:
    """The switch that task 8 will turn: nothing is recorded while `enabled` is False."""

    enabled = True

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_function", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Function:
    """One differentiable operation. A subclass has two static methods.

    forward(ctx, *xs, **options) -> ndarray
        `xs` are ndarrays, one per input. Must not change them.
    backward(ctx, g) -> ndarray, or a tuple with one entry per input
        `g` is an ndarray with the shape of forward's result: the gradient of the loss with respect to it.
        Each entry has the shape of its input; None means that this input gets nothing.
    """

    @classmethod
    def apply(cls, *inputs, **options):
        """Compute forward and record the step.

        Parameters
        ----------
        inputs : Tensor, or a number, list or array, which is taken as a Tensor that requires no gradient
        options : passed on to forward as they are (an axis, a shape)

        Returns
        -------
        Tensor, a new one, holding what forward returned.
            If some input requires a gradient and GradMode.enabled is True: `requires_grad` is True and `parents` has
            one entry per input, in the order of the inputs, the same one twice if it went in twice. What else you keep
            on it for the backward pass is your choice.
            Otherwise: `requires_grad` is False and `parents` is (). Neither the inputs nor ctx are kept.
        """
        ### BEGIN SOLUTION
        tensors = tuple(x if isinstance(x, Tensor) else Tensor(x) for x in inputs)
        ctx = Context()
        out = Tensor(cls.forward(ctx, *(t.data for t in tensors), **options))
        if GradMode.enabled and any(t.requires_grad for t in tensors):
            out.requires_grad = True
            out.parents = tensors
            out.creator = (cls, ctx)
        return out
        ### END SOLUTION

# %% [markdown] tags=["lang-en"]
# Two operations to play with until task 6. They know only operands of equal shape. Notice how little they say:
# `Plus` passes its gradient on to both inputs, `Times` passes it on multiplied by *the other* input.

# %% [markdown] tags=["lang-ja"]
# 課題 6 までの間に使う演算を二つ用意しました。形が同じ配列どうしにしか使えません。書いてあることの少なさに注目して
# ください。`Plus` は勾配をそのまま両方の入力へ渡し、`Times` は**相手の**入力を掛けて渡します。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "examples", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Plus(Function):
    """a + b for two arrays of the same shape."""

    @staticmethod
    def forward(ctx, a, b):
        return a + b

    @staticmethod
    def backward(ctx, g):
        return g, g


class Times(Function):
    """a * b for two arrays of the same shape."""

    @staticmethod
    def forward(ctx, a, b):
        ctx.a, ctx.b = a, b
        return a * b

    @staticmethod
    def backward(ctx, g):
        return g * ctx.b, g * ctx.a

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "function", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# x = Tensor([1.0, 2.0], requires_grad=True)
# y = Times.apply(x, [3.0, 4.0])
# assert isinstance(y, Tensor), "apply must return a Tensor"
# assert y.data.tolist() == [3.0, 8.0], "apply must compute forward"
# assert y.requires_grad, "the result depends on x, which requires a gradient"
# assert y.parents[0] is x, "the first parent must be the first input itself, not a copy"
# assert not Plus.apply([1.0], [2.0]).requires_grad, "nobody needs a gradient here"

# %% [markdown] tags=["lang-en"]
# ## Task 3: an order to walk back in
#
# Take $y = x \cdot x$ and $z = y + x$. The gradient of $x$ has two sources: one directly from $z$, one through $y$. If you
# passed $x$'s gradient on after only the first had arrived, the rest would be lost further down. So the rule is: **a tensor's turn
# comes only after everything that was computed from it has had its turn.** An order with this property is a
# topological order, read backwards.
#
# Two things go wrong in practice. Walking level by level from the end (first in, first out) looks right until two
# paths of different length meet. And a recursive walk is short and beautiful until a loop of a few thousand steps,
# an ordinary thing in a recurrent network, exceeds Python's recursion limit.
#
# **Hint.** Depth-first search with your own stack. Push every node twice: first as "to be opened", then, below its
# parents, as "finished". It enters the list when it is finished. Compare nodes by `id`.

# %% [markdown] tags=["lang-ja"]
# ## 課題 3：逆向きにたどる順番
#
# $y = x \cdot x$、$z = y + x$ を考えます。$x$ の勾配は二か所から来ます。一つは $z$ から直接、もう一つは $y$ を通って
# 来ます。片方が届いただけで $x$ の勾配を先へ渡してしまうと、残りはその先に伝わりません。そこで、次の規則を守ります。
# **あるテンソルの番が来るのは、そのテンソルから計算されたものがすべて済んでからです。** この性質を満たす順番は、
# トポロジカル順序を逆から読んだものです。
#
# よくある失敗は二つあります。一つは、終点から一段ずつ幅優先（先入れ先出し）でたどることです。正しそうに見えますが、
# 長さの違う二つの道が合流すると順番が崩れます。もう一つは再帰です。短くきれいに書けますが、再帰型ネットワークでは
# 当たり前の数千ステップのループになると、Python の再帰の上限を超えてしまいます。
#
# **ヒント。** 自分でスタックを持って深さ優先探索をします。各ノードは二回積みます。一回目は「これから開く」、二回目は
# 親たちの下に「完了」として積み、完了になったときにリストへ加えます。ノードどうしは `id` で比べましょう。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_topological_order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def topological_order(root):
    """List the graph behind `root`, every tensor after all of its parents.

    Parameters
    ----------
    root : Tensor

    Returns
    -------
    list of Tensor
        Everything that can be reached from `root` through `.parents`, each tensor exactly once, `root` itself last.
        For a leaf: [root]. Any order in which parents come before children is accepted. Whether tensors that
        require no gradient are listed is your choice.

    Must cope with a chain of 5,000 operations.
    """
    ### BEGIN SOLUTION
    order, seen, stack = [], set(), [(root, False)]
    while stack:
        node, finished = stack.pop()
        if finished:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "topological_order", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# x = Tensor([1.0, 2.0], requires_grad=True)
# y = Times.apply(x, x)
# z = Plus.apply(y, y)
# order = topological_order(z)
# assert [id(node) for node in order] == [id(x), id(y), id(z)], "here only one order is possible: x, y, z"

# %% [markdown] tags=["lang-en"]
# ## Task 4: the backward pass
#
# Now the pieces meet. Start with the gradient of the result, go through the graph in the order of task 3, let each operation
# turn the gradient of its output into the gradients of its inputs, and **add up** what arrives at the same tensor.
#
# The result of the whole is usually a loss, a single number, and its gradient with respect to itself is 1. If the result has more
# numbers, there is no such natural start: the caller has to say how much each of them counts. That is the argument `grad`, and it
# is why an operation's `backward` computes a *vector-Jacobian product* and never a whole Jacobian.
#
# Three details that have bitten every author of a framework:
#
# - **Leaves accumulate across passes.** Two losses on the same weights give the sum of both gradients, and this is wanted
#   (it is how large batches are split). Therefore there is `zero_grad`.
# - **Intermediate tensors must not.** What was passed on in the last pass must not be passed on again in the next.
# - **Every gradient is an array of its own.** `Plus.backward` returns the same array twice. If both inputs keep that array,
#   adding to one changes the other.
#
# **Hint.** Keep the gradients of the running pass in a dictionary by `id(tensor)`, and write only to leaves' `.grad`. Copy
# when you store, add with `a + b` and not with `a += b`.

# %% [markdown] tags=["lang-ja"]
# ## 課題 4：逆伝播
#
# いよいよ部品を組み合わせます。結果の勾配から始めて、課題 3 の順番の逆にグラフをたどります。それぞれの演算に出力の
# 勾配を入力の勾配へ変えてもらい、同じテンソルに届いたものは**足し合わせます**。
#
# 計算の最後はたいてい損失、つまり一つの数で、自分自身に対する勾配は 1 です。結果が複数の数からなるときには、このような
# 自然な出発点がありません。それぞれの数をどれだけ重く見るかを、呼び出す側が決める必要があります。それが引数 `grad` です。
# 演算の `backward` がヤコビ行列そのものではなく、「ベクトルとヤコビ行列の積」を計算するのもこのためです。
#
# フレームワークの作者なら誰もが一度は失敗する点が三つあります。
#
# - **葉の勾配は、逆伝播のたびに足されていきます。** 同じ重みに対して損失が二つあれば、勾配は両者の和になります。これは意図した
#   動作です（大きなバッチを分割するときに使います）。だから `zero_grad` があります。
# - **途中のテンソルの勾配は足し続けてはいけません。** 前回渡した分を、次の逆伝播でもう一度渡してはいけません。
# - **勾配の配列は一つずつ別のものにします。** `Plus.backward` は同じ配列を二回返します。両方の入力がその配列をそのまま
#   持つと、片方に足したつもりがもう片方も変わってしまいます。
#
# **ヒント。** 実行中の逆伝播の勾配は `id(tensor)` をキーにした辞書に入れ、`.grad` に書くのは葉だけにします。しまうときは
# コピーし、足すときは `a += b` ではなく `a + b` を使いましょう。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_backward", "locked": false, "schema_version": 3, "solution": true, "task": false}
def backward(self, grad=None):
    """Add to every leaf's `.grad` the gradient of sum(grad * self) with respect to that leaf.

    Parameters
    ----------
    grad : number, list or array with the shape of `self`; it must not be changed
        May be left out only if `self` has exactly one element; then it is 1.

    Afterwards
    ----------
    Leaves with `requires_grad`: `.grad` has the shape of `.data`, and is the old gradient plus the new one. No two
        tensors share the memory of their gradients, nor does one share it with the argument `grad`.
    Leaves without `requires_grad`, and leaves that are not behind `self`: as before.
    Tensors in between, and `self` if it is no leaf: whether they get a `.grad` is your choice.
    Each operation's backward is called exactly once, with the complete gradient of its output.
    The graph may be kept or freed, that is your choice. A second backward through a graph that was kept adds the same
        gradients once more; through a freed one it raises RuntimeError.

    Raises
    ------
    RuntimeError or ValueError : `grad` is left out and `self` has several elements; `grad` has another shape than
        `self`; `self` does not require a gradient.

    Must cope with a chain of 5,000 operations.
    """
    ### BEGIN SOLUTION
    if not self.requires_grad:
        raise RuntimeError("nothing was recorded for this tensor: it does not require a gradient")
    if grad is None:
        if self.data.size != 1:
            raise RuntimeError(f"a tensor of shape {self.shape} needs a gradient to start from")
        grad = np.ones(self.shape)
    grad = np.array(to_numpy(grad), dtype=np.float64)
    if grad.shape != self.shape:
        raise ValueError(f"a gradient of shape {grad.shape} does not fit a tensor of shape {self.shape}")
    pending = {id(self): grad}
    for node in reversed(topological_order(self)):
        if id(node) not in pending:
            continue
        g = pending.pop(id(node))
        if not node.parents:
            node.grad = g if node.grad is None else node.grad + g
            continue
        function, ctx = node.creator
        grads = function.backward(ctx, g)
        grads = grads if isinstance(grads, tuple) else (grads,)
        for parent, d in zip(node.parents, grads, strict=True):
            if parent.requires_grad and d is not None:
                pending[id(parent)] = pending[id(parent)] + d if id(parent) in pending else np.array(d)
    ### END SOLUTION


def zero_grad(self):
    """Forget the gradient: `.grad` is None again (or zeros, if that is your choice)."""
    ### BEGIN SOLUTION
    self.grad = None
    ### END SOLUTION


Tensor.backward = backward
Tensor.zero_grad = zero_grad

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "backward", "locked": true, "points": 8, "schema_version": 3, "solution": false, "task": false}
# x = Tensor([1.0, 2.0], requires_grad=True)
# y = Tensor([5.0, -1.0], requires_grad=True)
# Times.apply(x, y).backward([1.0, 10.0])
# assert np.allclose(to_numpy(x.grad), [5.0, -10.0]), "the gradient of x is grad * y"
# assert np.allclose(to_numpy(y.grad), [1.0, 20.0]), "the gradient of y is grad * x"
#
# x.zero_grad()
# Plus.apply(Times.apply(x, x), x).backward([1.0, 1.0])
# assert np.allclose(to_numpy(x.grad), [3.0, 5.0]), "the gradient of x * x + x is 2 x + 1"

# %% [markdown] tags=["lang-en"]
# ## Task 5: undo the broadcast
#
# When numpy adds a column of shape (3, 1) and a row of shape (4,), it acts as if both had been copied until they are (3, 4). One
# number of the column then takes part in four results, so its gradient is the **sum** over these four. The gradient of a
# broadcast is a sum, over exactly those axes along which was copied.
#
# There are two kinds of such axes: those that were not there at all (numpy adds them **in front**), and those that
# were there with length 1.
#
# **Hint.** First sum over the leading axes until the number of axes agrees, then over the axes whose target length is 1,
# with `keepdims=True`.

# %% [markdown] tags=["lang-ja"]
# ## 課題 5：ブロードキャストを元に戻す
#
# 形が (3, 1) の列と (4,) の行を足すと、numpy はどちらも (3, 4) になるまでコピーしたかのように計算します。列の一つの数が
# 四つの結果に関わるので、その勾配は四つの**和**になります。ブロードキャストの勾配は、コピーが行われた軸についての和です。
#
# そのような軸には二種類あります。もともとなかった軸（numpy が**前に**付け足したもの）と、長さ 1 だった軸です。
#
# **ヒント。** まず軸の数がそろうまで先頭の軸について和を取り、次に、元の長さが 1 の軸について `keepdims=True` で和を取ります。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_unbroadcast", "locked": false, "schema_version": 3, "solution": true, "task": false}
def unbroadcast(grad, shape):
    """Sum a gradient over the axes along which an array of shape `shape` had been broadcast.

    Parameters
    ----------
    grad : ndarray of a shape to which `shape` broadcasts; it must not be changed
    shape : tuple of int, the shape before broadcasting; () for a number

    Returns
    -------
    ndarray of shape `shape`. If nothing was broadcast, whether you return `grad` itself or a copy is your choice.
    """
    ### BEGIN SOLUTION
    added = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(added)))
    stretched = tuple(axis for axis, n in enumerate(shape) if n == 1)
    return grad.sum(axis=stretched, keepdims=True)
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "unbroadcast", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# g = np.arange(12.0).reshape(3, 4)
# assert unbroadcast(g, (3, 1)).tolist() == [[6.0], [22.0], [38.0]], "a column takes part in every column of the result"
# assert unbroadcast(g, (3, 4)).tolist() == g.tolist(), "nothing was broadcast, nothing is to be summed"

# %% [markdown] tags=["lang-en"]
# ## Task 6: arithmetic
#
# `Plus.apply(Times.apply(x, x), x)` is no way to write mathematics. Python lets a class decide what `+` means, and with it
# you get the look of numpy and the memory of a graph at once.
#
# For `a - 2`, Python asks `a.__sub__(2)`. For `2 - a` it asks the number first, which knows nothing of tensors, and then
# `a.__rsub__(2)`: the same two operands, but now **self is on the right**. For `+` and `*` this makes no difference, for `-`,
# `/` and `**` it does.
#
# Each gradient is one line: differentiate by one operand while the other stands still, multiply by `g`, and unbroadcast to the
# shape of the operand.
#
# **Hint.** $\frac{\partial}{\partial b}\frac{a}{b} = -\frac{a}{b^2}$, $\frac{\partial}{\partial a}a^b = b\,a^{b-1}$,
# $\frac{\partial}{\partial b}a^b = a^b \ln a$. The last one needs $a > 0$: see that a negative base does no harm when
# only the first is asked for.

# %% [markdown] tags=["lang-ja"]
# ## 課題 6：四則演算
#
# `Plus.apply(Times.apply(x, x), x)` は数式の書き方とは言えません。Python では `+` の意味をクラスが決められます。これを使えば、
# 見た目は numpy のまま、計算の記録が残るようになります。
#
# `a - 2` に対して、Python は `a.__sub__(2)` を呼びます。`2 - a` のときは、まず数のほうに尋ねます。しかし数はテンソルを知らない
# ので、次に `a.__rsub__(2)` を呼びます。被演算子は同じ二つですが、**self が右側**にある点が違います。`+` と `*` では
# どちらでも同じですが、`-`、`/`、`**` では結果が変わります。
#
# 勾配はどれも一行で書けます。片方を止めてもう片方で微分し、`g` を掛け、その被演算子の形に unbroadcast します。
#
# **ヒント。** $\frac{\partial}{\partial b}\frac{a}{b} = -\frac{a}{b^2}$、$\frac{\partial}{\partial a}a^b = b\,a^{b-1}$、
# $\frac{\partial}{\partial b}a^b = a^b \ln a$ です。最後の式は $a > 0$ でしか使えません。底が負でも、
# 最初の式だけが必要なときに困らないように気をつけましょう。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_arithmetic", "locked": false, "schema_version": 3, "solution": true, "task": false}
# These classes are a proposal: only the operators are tested, so write them in another way if you like.


class Add(Function):
    """a + b"""

    @staticmethod
    def forward(ctx, a, b):
        ### BEGIN SOLUTION
        ctx.shapes = a.shape, b.shape
        return a + b
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        return unbroadcast(g, ctx.shapes[0]), unbroadcast(g, ctx.shapes[1])
        ### END SOLUTION


class Sub(Function):
    """a - b"""

    @staticmethod
    def forward(ctx, a, b):
        ### BEGIN SOLUTION
        ctx.shapes = a.shape, b.shape
        return a - b
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        return unbroadcast(g, ctx.shapes[0]), unbroadcast(-g, ctx.shapes[1])
        ### END SOLUTION


class Mul(Function):
    """a * b"""

    @staticmethod
    def forward(ctx, a, b):
        ### BEGIN SOLUTION
        ctx.a, ctx.b = a, b
        return a * b
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        return unbroadcast(g * ctx.b, ctx.a.shape), unbroadcast(g * ctx.a, ctx.b.shape)
        ### END SOLUTION


class Div(Function):
    """a / b"""

    @staticmethod
    def forward(ctx, a, b):
        ### BEGIN SOLUTION
        ctx.a, ctx.b = a, b
        return a / b
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        return unbroadcast(g / ctx.b, ctx.a.shape), unbroadcast(-g * ctx.a / ctx.b**2, ctx.b.shape)
        ### END SOLUTION


class Pow(Function):
    """a ** b. The gradient with respect to b is only asked for where a > 0; at a = 0 that with respect to a where b >= 1."""

    @staticmethod
    def forward(ctx, a, b):
        ### BEGIN SOLUTION
        ctx.a, ctx.b = a, b
        return a**b
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        a, b = ctx.a, ctx.b
        log_a = np.log(np.where(a > 0, a, 1.0))
        return unbroadcast(g * b * a ** (b - 1), a.shape), unbroadcast(g * a**b * log_a, b.shape)
        ### END SOLUTION


class Neg(Function):
    """-a"""

    @staticmethod
    def forward(ctx, a):
        ### BEGIN SOLUTION
        return -a
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        return -g
        ### END SOLUTION


def install_operators():
    """Give Tensor the operators + - * / ** and unary -.

    The other operand is a Tensor, a number or an array, on either side: `tensor - 2`, `2 - tensor`, `array / tensor`.
    Operands broadcast as in numpy, and each gradient has the shape of its operand. No operand may be changed, neither
    by the operation nor by its backward. Every operation leaves a record, so that gradients flow through it.
    """
    ### BEGIN SOLUTION
    Tensor.__add__ = lambda self, other: Add.apply(self, other)
    Tensor.__radd__ = lambda self, other: Add.apply(other, self)
    Tensor.__sub__ = lambda self, other: Sub.apply(self, other)
    Tensor.__rsub__ = lambda self, other: Sub.apply(other, self)
    Tensor.__mul__ = lambda self, other: Mul.apply(self, other)
    Tensor.__rmul__ = lambda self, other: Mul.apply(other, self)
    Tensor.__truediv__ = lambda self, other: Div.apply(self, other)
    Tensor.__rtruediv__ = lambda self, other: Div.apply(other, self)
    Tensor.__pow__ = lambda self, other: Pow.apply(self, other)
    Tensor.__rpow__ = lambda self, other: Pow.apply(other, self)
    Tensor.__neg__ = lambda self: Neg.apply(self)
    ### END SOLUTION


install_operators()

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "arithmetic", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# x = Tensor([1.0, 2.0], requires_grad=True)
# y = x * x - 3 * x
# assert y.data.tolist() == [-2.0, -2.0], "x * x - 3 * x"
# y.backward([1.0, 1.0])
# assert np.allclose(to_numpy(x.grad), [-1.0, 1.0]), "the gradient of x * x - 3 * x is 2 x - 3"
#
# column, row = Tensor(np.ones((3, 1)), requires_grad=True), Tensor(np.arange(4.0))
# (column * row).backward(np.ones((3, 4)))
# assert to_numpy(column.grad).shape == (3, 1), "a gradient has the shape of its tensor"

# %% [markdown] tags=["lang-en"]
# ## Task 7: the operations of a network
#
# A dense layer needs a matrix product, a loss needs `sum`, `exp` and `log`, and some non-linearity has to stand in between. With
# each operation ask one question: *if one input element moves a little, which outputs move, and by how much?*
#
# - An element that is summed moves exactly one output, one for one. So `sum` hands each input the gradient of the sum it
#   went into. With `keepdims=False` an axis has vanished, and you must put it back before you can stretch it.
# - `reshape` and `transpose` move nothing at all. They only bring elements to another place, and the gradient travels
#   back to where the element came from.
# - In $C = AB$, $A_{ik}$ acts on row $i$ of $C$ through row $k$ of $B$. Written for all elements at once this is
#   $\bar A = \bar C B^\top$, and likewise $\bar B = A^\top \bar C$. If you forget which, the shapes leave only one possibility.
#
# **Hint.** `np.expand_dims(g, axis)` restores a vanished axis, `np.argsort(axes)` is the inverse of a permutation.

# %% [markdown] tags=["lang-ja"]
# ## 課題 7：ネットワークに必要な演算
#
# 全結合層には行列積が、損失には `sum`、`exp`、`log` が必要です。層の間には非線形な関数も入ります。どの演算についても、
# 考えることは一つです。**入力の要素を一つだけ少し動かしたら、どの出力がどれだけ動くでしょうか。**
#
# - 足される要素は、ちょうど一つの出力を同じだけ動かします。ですから `sum` は、それぞれの入力に、自分が加わった和の
#   勾配をそのまま渡します。`keepdims=False` では軸が一つ消えているので、引き伸ばす前に戻す必要があります。
# - `reshape` と `transpose` は値を変えません。要素の置き場所を変えるだけなので、勾配は元の場所へ戻っていきます。
# - $C = AB$ では、$A_{ik}$ は $B$ の $k$ 行を通して $C$ の $i$ 行に効きます。これを全要素についてまとめて書くと
#   $\bar A = \bar C B^\top$ となり、同様に $\bar B = A^\top \bar C$ です。忘れても、形が合う組み合わせは一つしかありません。
#
# **ヒント。** 消えた軸は `np.expand_dims(g, axis)` で戻せます。置換の逆は `np.argsort(axes)` です。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_operations", "locked": false, "schema_version": 3, "solution": true, "task": false}
# These classes are a proposal too: only the methods of Tensor are tested.


class MatMul(Function):
    """(n, k) @ (k, m) -> (n, m); both operands have two axes."""

    @staticmethod
    def forward(ctx, a, b):
        ### BEGIN SOLUTION
        ctx.a, ctx.b = a, b
        return a @ b
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        return g @ ctx.b.T, ctx.a.T @ g
        ### END SOLUTION


class Sum(Function):
    """Sum over `axis`: None (all), an int or a tuple of int. An axis may be negative: -1 is the last."""

    @staticmethod
    def forward(ctx, x, axis=None, keepdims=False):
        ### BEGIN SOLUTION
        ctx.shape, ctx.axis, ctx.keepdims = x.shape, axis, keepdims
        return x.sum(axis=axis, keepdims=keepdims)
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        if ctx.axis is not None and not ctx.keepdims:
            g = np.expand_dims(g, ctx.axis)
        return np.broadcast_to(g, ctx.shape)
        ### END SOLUTION


class Reshape(Function):
    """The same elements in another shape, in row-major order; one length may be -1."""

    @staticmethod
    def forward(ctx, x, shape):
        ### BEGIN SOLUTION
        ctx.shape = x.shape
        return x.reshape(shape)
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        return g.reshape(ctx.shape)
        ### END SOLUTION


class Transpose(Function):
    """Axes permuted as by np.transpose; `axes` is a tuple of int (not negative), None reverses all axes."""

    @staticmethod
    def forward(ctx, x, axes=None):
        ### BEGIN SOLUTION
        ctx.axes = axes
        return np.transpose(x, axes)
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        return np.transpose(g, None if ctx.axes is None else np.argsort(ctx.axes))
        ### END SOLUTION


class Exp(Function):
    """e ** x, element by element."""

    @staticmethod
    def forward(ctx, x):
        ### BEGIN SOLUTION
        ctx.y = np.exp(x)
        return ctx.y
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        return g * ctx.y
        ### END SOLUTION


class Log(Function):
    """The natural logarithm, element by element; x > 0."""

    @staticmethod
    def forward(ctx, x):
        ### BEGIN SOLUTION
        ctx.x = x
        return np.log(x)
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        return g / ctx.x
        ### END SOLUTION


class Relu(Function):
    """max(x, 0), element by element. At x = 0 any slope from 0 to 1 is accepted."""

    @staticmethod
    def forward(ctx, x):
        ### BEGIN SOLUTION
        ctx.positive = x > 0
        return np.where(ctx.positive, x, 0.0)
        ### END SOLUTION

    @staticmethod
    def backward(ctx, g):
        ### BEGIN SOLUTION
        return g * ctx.positive
        ### END SOLUTION


def install_operations():
    """Give Tensor these methods, each returning a Tensor.

    a @ b                             also with an array on either side
    x.sum(axis=None, keepdims=False)
    x.reshape(2, 3), x.reshape((2, 3))
    x.transpose(), x.transpose(1, 2, 0), x.T      x.T is a property, the same as x.transpose()
    x.exp(), x.log(), x.relu()

    Gradients flow through each of them. No tensor's data may be changed, neither by the method nor by its backward.
    """

    ### BEGIN SOLUTION
    def reshape(self, *shape):
        return Reshape.apply(self, shape=shape[0] if isinstance(shape[0], tuple) else shape)

    Tensor.__matmul__ = lambda self, other: MatMul.apply(self, other)
    Tensor.__rmatmul__ = lambda self, other: MatMul.apply(other, self)
    Tensor.sum = lambda self, axis=None, keepdims=False: Sum.apply(self, axis=axis, keepdims=keepdims)
    Tensor.reshape = reshape
    Tensor.transpose = lambda self, *axes: Transpose.apply(self, axes=axes or None)
    Tensor.T = property(lambda self: self.transpose())
    Tensor.exp = lambda self: Exp.apply(self)
    Tensor.log = lambda self: Log.apply(self)
    Tensor.relu = lambda self: Relu.apply(self)
    ### END SOLUTION


install_operations()

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "operations", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# a = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
# b = Tensor([[1.0], [-1.0]], requires_grad=True)
# y = (a @ b).relu().sum()
# assert y.shape == (), "the sum over everything is a single number"
# assert (a.T).data.tolist() == [[1.0, 3.0], [2.0, 4.0]], "a.T exchanges rows and columns"
# assert a.reshape(4, 1).shape == (4, 1) and a.reshape((1, -1)).shape == (1, 4), "both ways to give a shape"
# z = a.sum(axis=0, keepdims=True).exp().log().sum()
# z.backward()
# assert np.allclose(to_numpy(a.grad), 1.0), "log undoes exp, so every element counts once"

# %% [markdown] tags=["lang-en"]
# ## Task 8: not recording
#
# Recording costs memory and, worse, meaning: if the update of a weight were recorded, the weight would become a function
# of its own past. Two ways to say "this is not part of the graph":
#
# - `with no_grad():` for a stretch of code, such as a prediction or a weight update;
# - `x.detach()` for a value: the same numbers, cut off from their history.
#
# The switch is global, so leaving it in the wrong position harms code far away. It has to be put back **whatever
# happens**, also when the block ends with an exception, and it has to be put back to *what it was before*, not simply to True: think
# of a `no_grad` inside another.
#
# **Hint.** Remember the old value, `try: yield`, and restore in `finally`. `contextmanager` is imported.

# %% [markdown] tags=["lang-ja"]
# ## 課題 8：記録しない
#
# 記録にはメモリがかかります。それ以上に困るのは、意味が変わってしまうことです。重みの更新まで記録すると、重みが自分の過去の
# 関数になってしまいます。「ここはグラフに入れない」と伝える方法は二つあります。
#
# - `with no_grad():` は、予測や重みの更新のような、コードの一区間に使います。
# - `x.detach()` は値に使います。数値はそのままで、それまでの履歴から切り離します。
#
# このスイッチは全体で一つなので、戻し忘れると遠く離れたコードに影響します。**何が起きても**、たとえブロックが例外で終わっても、
# 元に戻さなければなりません。また、単に True にするのではなく、*入る前の値*に戻します。`no_grad` の中に `no_grad` がある
# 場合を考えてみてください。
#
# **ヒント。** 前の値を覚えておき、`try: yield` として、`finally` で戻します。`contextmanager` はインポート済みです。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_no_grad", "locked": false, "schema_version": 3, "solution": true, "task": false}
@contextmanager
def no_grad():
    """Context manager: inside the block GradMode.enabled is False, so nothing is recorded.

    At the end GradMode.enabled has the value it had before, also if the block raised. The exception goes on to the
    caller. Function, generator or class is your choice, as long as `with no_grad():` works.
    """
    ### BEGIN SOLUTION
    before = GradMode.enabled
    GradMode.enabled = False
    try:
        yield
    finally:
        GradMode.enabled = before
    ### END SOLUTION


def detach(self):
    """Return a new leaf Tensor with the same data that requires no gradient. Sharing memory or not is your choice."""
    ### BEGIN SOLUTION
    return Tensor(self.data)
    ### END SOLUTION


Tensor.detach = detach

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "no_grad", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# x = Tensor([1.0, 2.0], requires_grad=True)
# with no_grad():
#     y = x * x
# assert not y.requires_grad and y.parents == (), "nothing may be recorded inside the block"
# assert (x * x).requires_grad, "after the block everything is recorded again"
# assert not (x * x).detach().requires_grad, "a detached tensor has no history"

# %% [markdown] tags=["lang-en"]
# ## Task 9: check a gradient
#
# You have written more than a dozen derivatives. How do you know that they are right? Move one input element by a tiny $\varepsilon$
# to either side and see how the output answers:
#
# $$\frac{\partial L}{\partial x_i} \approx \frac{L(x + \varepsilon e_i) - L(x - \varepsilon e_i)}{2\varepsilon}$$
#
# This needs a single number $L$. The tempting choice is $L = $ `f(x).sum()`. Do not take it. It starts the backward
# pass with ones, and with ones an operation that ignores the gradient it receives looks perfect. Take a
# **random weight for every output**, $L = \sum_j v_j f_j(x)$, and start the backward pass with the same $v$. Then almost every
# mistake shows.
#
# **Hint.** Work on fresh copies of the inputs. Then nothing you change needs to be put back, and gradients that were already there
# cannot mix with yours.

# %% [markdown] tags=["lang-ja"]
# ## 課題 9：勾配を確かめる
#
# ここまでに十数個の微分を書きました。それが正しいことは、どうすれば分かるでしょうか。入力の要素を一つだけ、ごく小さな
# $\varepsilon$ だけ両側に動かし、出力がどう変わるかを見ます。
#
# $$\frac{\partial L}{\partial x_i} \approx \frac{L(x + \varepsilon e_i) - L(x - \varepsilon e_i)}{2\varepsilon}$$
#
# それには一つの数 $L$ が必要です。つい $L = $ `f(x).sum()` としたくなりますが、これはよくありません。逆伝播が 1 だけの配列から
# 始まるので、受け取った勾配を無視するような演算でも完璧に見えてしまうのです。代わりに、**出力ごとに乱数の重み**を付けて
# $L = \sum_j v_j f_j(x)$ とし、逆伝播も同じ $v$ から始めます。こうすると、ほとんどの間違いが見つかります。
#
# **ヒント。** 入力のコピーを作って、その上で作業しましょう。そうすれば元に戻す手間がなく、すでに入っていた勾配と混ざる心配も
# ありません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_gradcheck", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gradcheck(f, *xs, eps=1e-6, rtol=1e-4, atol=1e-6):
    """Compare the gradients of f with central differences, at every index of every input.

    Parameters
    ----------
    f : takes one Tensor per element of `xs`, returns one Tensor of any shape
    xs : Tensors; those with `requires_grad` are checked. Afterwards their `.data` and `.grad` are what they were,
        also if f raises.
    eps, rtol, atol : step of the difference; two numbers a, b agree if |a - b| <= atol + rtol * |b|

    Returns
    -------
    bool : True if all gradients agree; False if one differs, is missing, or has another shape than its input (if your
        backward already refuses a gradient of the wrong shape, its exception may come through instead).

    Must use a random gradient for f's output, not ones.
    """
    ### BEGIN SOLUTION
    inputs = [Tensor(x.data.copy(), requires_grad=x.requires_grad) for x in xs]
    y = f(*inputs)
    v = np.random.default_rng(0).normal(size=y.shape)
    if y.requires_grad:
        y.backward(v)
    for x in inputs:
        if not x.requires_grad:
            continue
        if x.grad is None or to_numpy(x.grad).shape != x.shape:
            return False
        numeric = np.zeros(x.shape)
        original = x.data
        for index in np.ndindex(x.shape):
            sides = []
            for step in (eps, -eps):
                x.data = original.copy()
                x.data[index] += step
                sides.append(np.sum(v * f(*inputs).data))
            numeric[index] = (sides[0] - sides[1]) / (2 * eps)
        x.data = original
        if not np.allclose(to_numpy(x.grad), numeric, rtol=rtol, atol=atol):
            return False
    return True
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "gradcheck", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# class Treble(Function):
#     """3 * x, with a mistake in backward."""
#
#     @staticmethod
#     def forward(ctx, x):
#         return 3 * x
#
#     @staticmethod
#     def backward(ctx, g):
#         return 2 * g
#
#
# x = Tensor([[0.5, -1.0], [2.0, 0.1]], requires_grad=True)
# assert gradcheck(lambda t: (t * t - t).exp(), x) is True, "these gradients are right"
# assert gradcheck(Treble.apply, x) is False, "2 * g is not the gradient of 3 * x"

# %% [markdown] tags=["lang-en"]
# ## Task 10: a network that decides on the way
#
# Here is what define-by-run is for. Our network looks at each flower before it decides how to compute. An easy flower
# leaves early, a difficult one goes through one more layer. There is no special "conditional node": it is an `if`. Each
# flower gets its own graph, and weights on the path not taken get no gradient at all.
#
# Because the path depends on the flower, flowers are fed one at a time, and there is one update per flower: *stochastic*
# gradient descent in its original sense.
#
# Given are a dense layer, the loss and the prediction. You write three things: the optimizer `SGD`, the network `BranchingNet` and the
# loop `train`. In the loop, the order of the four steps is everything: forget old gradients, forward, backward, step.
#
# **Hint.** Setosa has petals shorter than 2.5 cm, the other two species longer ones, and petal length is column 2. In `SGD.step`,
# leave out parameters that have no gradient.

# %% [markdown] tags=["lang-ja"]
# ## 課題 10：途中で道を選ぶネットワーク
#
# define-by-run の本領はここにあります。これから作るネットワークは、花を一つ見てから計算の仕方を決めます。やさしい花は早めに
# 出口へ向かい、難しい花はもう一層通ります。特別な「条件ノード」は要りません。ただの `if` です。花ごとに違うグラフができ、
# 通らなかった道の重みには勾配がまったく届きません。
#
# どの道を通るかは花によって違うので、花は一つずつ入力し、一つごとに重みを更新します。これが本来の意味での*確率的*勾配降下法です。
#
# 全結合層、損失、予測は用意してあります。皆さんが書くのは、オプティマイザ `SGD`、ネットワーク `BranchingNet`、学習ループ `train`
# の三つです。ループでは四つの手順の順番がすべてです。古い勾配を消す、順伝播、逆伝播、更新。
#
# **ヒント。** setosa の花弁の長さは 2.5 cm より短く、ほかの二種はそれより長くなっています。花弁の長さは列 2 です。`SGD.step` では、
# 勾配のないパラメータは飛ばしましょう。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "layers", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Linear:
    """A dense layer: (n, inputs) -> (n, outputs)."""

    def __init__(self, inputs, outputs, rng):
        self.weight = Tensor(rng.normal(scale=inputs**-0.5, size=(inputs, outputs)), requires_grad=True)
        self.bias = Tensor(np.zeros(outputs), requires_grad=True)

    def __call__(self, x):
        return x @ self.weight + self.bias

    def parameters(self):
        return [self.weight, self.bias]


def cross_entropy(logits, label):
    """-log(softmax(logits)[label]) for logits of shape (1, 3) and an int; a Tensor of shape ()."""
    shifted = logits - logits.data.max()  # a constant: it changes no gradient, and keeps exp from overflowing
    chosen = np.arange(logits.shape[1]) == label
    return shifted.exp().sum().log() - (shifted * chosen).sum()


def predict(net, X):
    """The species of each row of X as ints, shape (n,)."""
    with no_grad():
        return np.array([np.argmax(to_numpy(net(Tensor(row[None, :])))) for row in X])

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "iris", "locked": true, "schema_version": 3, "solution": false, "task": false}
# from sklearn.datasets import load_iris
#
# # 100 flowers to learn from, 50 to look at. Columns in cm: sepal length, sepal width, petal length, petal width.
# shuffled = np.random.default_rng(20).permutation(150)
# X_train, y_train = load_iris().data[shuffled[:100]], load_iris().target[shuffled[:100]]
# X_valid, y_valid = load_iris().data[shuffled[100:]], load_iris().target[shuffled[100:]]

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_train", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SGD:
    """Plain stochastic gradient descent: no momentum, no decay.

    Parameters
    ----------
    parameters : list of Tensor
    lr : float, the learning rate
    """

    def __init__(self, parameters, lr):
        ### BEGIN SOLUTION
        self.parameters = list(parameters)
        self.lr = lr
        ### END SOLUTION

    def step(self):
        """For each parameter: data becomes data - lr * grad. A parameter without a gradient stays as it is.

        In place or with a new array is your choice; the parameter stays a leaf.
        """
        ### BEGIN SOLUTION
        for p in self.parameters:
            if p.grad is not None:
                p.data = p.data - self.lr * to_numpy(p.grad)
        ### END SOLUTION

    def zero_grad(self):
        """Forget the gradients of all parameters."""
        ### BEGIN SOLUTION
        for p in self.parameters:
            p.zero_grad()
        ### END SOLUTION


class BranchingNet:
    """Classifies one iris flower at a time; which layers it uses depends on the flower.

    Layers, sizes and the condition are your choice. But the flowers of the training data must give at least two graphs
    that do not hold the same parameters, in a new network or in a trained one: a branch not taken must not be computed.

    Parameters
    ----------
    seed : int, for the initial weights; the same seed gives the same network, another seed another one
    """

    def __init__(self, seed=0):
        ### BEGIN SOLUTION
        rng = np.random.default_rng(seed)
        self.trunk = Linear(4, 12, rng)
        self.early = Linear(12, 3, rng)
        self.hidden = Linear(12, 12, rng)
        self.late = Linear(12, 3, rng)
        ### END SOLUTION

    def parameters(self):
        """All parameters, of every branch: a list of leaf Tensors with requires_grad=True."""
        ### BEGIN SOLUTION
        layers = (self.trunk, self.early, self.hidden, self.late)
        return [p for layer in layers for p in layer.parameters()]
        ### END SOLUTION

    def __call__(self, x):
        """Tensor (1, 4), one flower in cm as in X_train -> logits, Tensor (1, 3)."""
        ### BEGIN SOLUTION
        h = self.trunk(x - 3.5).relu()
        if x.data[0, 2] < 2.5:
            return self.early(h)
        return self.late(self.hidden(h).relu())
        ### END SOLUTION


def train(net, X, y, epochs=3, lr=0.05):
    """Minimise cross_entropy by SGD, one step per flower.

    Parameters
    ----------
    net : called with a Tensor (1, 4), gives logits (1, 3); has parameters(). Not only a BranchingNet: a Linear(4, 3, rng) must work too.
    X, y : arrays of shapes (n, 4) and (n,), the species as ints 0, 1, 2; they must not be changed
    epochs, lr : how often to go through all flowers, learning rate. The defaults are your choice; with them, training on
        100 flowers must reach 80 % on new ones and take only a few seconds.

    Returns
    -------
    list of float : for each epoch the mean loss over its flowers, each measured before its step. The order of the
        flowers is your choice.
    """
    ### BEGIN SOLUTION
    optimizer = SGD(net.parameters(), lr)
    rng = np.random.default_rng(0)
    losses = []
    for _ in range(epochs):
        total = 0.0
        for i in rng.permutation(len(X)):
            optimizer.zero_grad()
            loss = cross_entropy(net(Tensor(X[i : i + 1])), y[i])
            loss.backward()
            optimizer.step()
            total += float(loss.data)
        losses.append(total / len(X))
    return losses
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "train", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# small = BranchingNet(seed=1)
# assert small(Tensor(X_train[:1])).shape == (1, 3), "one flower in, three logits out"
# losses = train(small, X_train[:30], y_train[:30], epochs=3)
# assert len(losses) == 3, "one loss per epoch"
# assert losses[-1] < losses[0], "the loss must fall"

# %% [markdown] tags=["lang-en"]
# ## Look at what you have built
#
# The whole training set, the loss along the way, and the flowers that the network has never seen.

# %% [markdown] tags=["lang-ja"]
# ## 作ったものを眺める
#
# 訓練データ全体で学習させて、損失の変化と、ネットワークがまだ見ていない花での正解率を確かめます。

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# net = BranchingNet(seed=0)
# losses = train(net, X_train, y_train)
# print(f"accuracy on the validation flowers: {np.mean(predict(net, X_valid) == y_valid):.2f}")
#
# plt.figure(figsize=(4, 2.5))
# plt.plot(range(1, len(losses) + 1), losses, "o-")
# plt.xlabel("epoch")
# plt.ylabel("mean loss")
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Where PyTorch does the same
#
# Nothing you wrote is a toy version of something mysterious. The names have hardly changed:
#
# | yours | PyTorch |
# |---|---|
# | `Tensor(data, requires_grad=True)` | `torch.tensor(data, requires_grad=True)` |
# | `Function` with `forward(ctx, …)`, `backward(ctx, g)`, `apply` | `torch.autograd.Function`, the same three names |
# | what you noted down for the way back | `y.grad_fn`, and its `next_functions` |
# | `y.backward(grad)`, error if left out for several numbers | `y.backward(gradient)`, "grad can be implicitly created only for scalar outputs" |
# | leaves accumulate, `zero_grad` | the same, and the same bug when it is forgotten |
# | kept or freed graph | freed, unless `retain_graph=True` |
# | `no_grad()`, `detach()` | `torch.no_grad()`, `x.detach()` |
# | `gradcheck` with a random gradient | `torch.autograd.gradcheck` |
# | `SGD` | `torch.optim.SGD` |
#
# What PyTorch adds is speed (kernels in C++ and CUDA), thousands of operations, and derivatives of derivatives, for which
# `backward` itself has to be recorded. In the next sprint you meet the opposite idea: the graph is written down first, as a whole, and run
# afterwards. Keep your `if` in mind. There it will no longer be enough.

# %% [markdown] tags=["lang-ja"]
# ## PyTorch ではどうなっているか
#
# 皆さんが書いたものは、何か不思議な仕組みの「おもちゃ版」ではありません。名前さえほとんど同じです。
#
# | 皆さんのコード | PyTorch |
# |---|---|
# | `Tensor(data, requires_grad=True)` | `torch.tensor(data, requires_grad=True)` |
# | `Function` の `forward(ctx, …)`、`backward(ctx, g)`、`apply` | `torch.autograd.Function`。三つとも同じ名前です |
# | 帰り道のために書き留めたもの | `y.grad_fn` とその `next_functions` |
# | `y.backward(grad)`。数が複数あるのに省くとエラー | `y.backward(gradient)`。"grad can be implicitly created only for scalar outputs" |
# | 葉の勾配は足されていき、`zero_grad` で消す | 同じです。消し忘れたときのバグも同じです |
# | グラフを残すか捨てるか | `retain_graph=True` がなければ捨てます |
# | `no_grad()`、`detach()` | `torch.no_grad()`、`x.detach()` |
# | 乱数の勾配を使う `gradcheck` | `torch.autograd.gradcheck` |
# | `SGD` | `torch.optim.SGD` |
#
# PyTorch にあってここにないのは、速さ（C++ と CUDA のカーネル）、何千もの演算、そして高階微分です。高階微分のためには、
# `backward` の計算も記録する必要があります。次のスプリントでは反対の考え方に出会います。先にグラフ全体を書き、あとで
# 実行するのです。今回書いた `if` を覚えておいてください。そこでは、ただの `if` では足りなくなります。
