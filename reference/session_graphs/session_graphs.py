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
# # Session graphs: define, then run
#
# In the last sprint the graph appeared while the program ran. That is convenient, but it comes too late for some things:
# when the framework learns what you are computing, you have already computed it. It cannot leave out what nobody needs,
# cannot hand the whole computation to a faster machine, and cannot store it in a file that runs without your Python code.
#
# TensorFlow 1 turned the order round. **First you write the whole computation down, as a graph, and compute nothing.
# Then you open a session and run it**, as often as you like, each time with other data. A graph is a program, a session is the
# machine that runs it. In this sprint you build such a framework in numpy, then write the same things in the real
# TensorFlow 1, and at the end carry an old training loop over to TensorFlow 2.
#
# **When you are done you can**
#
# - say what is known when a graph is built and what only when it runs, and in which of the two an error shows up;
# - evaluate a graph: each needed node once, nothing else, with any node replaced by a value of your own;
# - tell what belongs to the graph (structure) from what belongs to the session (the values of variables), and say when each ends;
# - extend a graph by its own gradients, and make training a node that can be run;
# - read and write TensorFlow 1 code with placeholders, `feed_dict`, sessions, `cond` and `while_loop`;
# - port a TF1 training loop to TF2.
#
# **Out of scope:** control dependencies, queues and input pipelines, savers and checkpoints, devices (sprint 5), `tf.function`
# (sprint 3), shape inference at build time, name scopes, threads.
#
# **How to work.** Each task has one cell for your code and one cell of checks below it. The checks show the shape of the
# task. They are not all that is graded: the docstrings are the specification. Where a docstring says that
# something is your choice, every choice is accepted.

# %% [markdown] tags=["lang-ja"]
# # Session graphs：定義してから実行する
#
# 前のスプリントでは、プログラムを実行している間にグラフができました。便利ですが、そのやり方では間に合わないこともあります。
# フレームワークが計算の内容を知るのは、計算が済んだあとだからです。必要のない計算を省くことも、計算をまるごと
# 速いマシンに任せることも、Python のコードなしで動くファイルに保存することもできません。
#
# TensorFlow 1 は順番を逆にしました。**まず計算全体をグラフとして書き、この時点では何も計算しません。そのあとでセッションを開き、
# グラフを実行します。** データを替えて何度でも実行できます。グラフはプログラムで、セッションはそれを動かす機械だと
# 考えてください。このスプリントでは、そのようなフレームワークを numpy で作り、次に同じことを本物の TensorFlow 1 で書き、
# 最後に古い学習ループを TensorFlow 2 へ移植します。
#
# **このスプリントを終えると、次のことができるようになります**
#
# - グラフを作るときに分かること、実行するときに初めて分かることを区別し、エラーがどちらで現れるかを説明する
# - グラフを評価する。必要なノードを一度ずつ計算し、それ以外は計算しない。どのノードの値も外から差し替えられる
# - グラフに属するもの（構造）とセッションに属するもの（変数の値）を区別し、それぞれの寿命を説明する
# - グラフに勾配の計算を書き加え、学習を「実行できるノード」にする
# - placeholder、`feed_dict`、セッション、`cond`、`while_loop` を使った TensorFlow 1 のコードを読み書きする
# - TF1 の学習ループを TF2 に移植する
#
# **扱わないこと：** control dependencies、キューと入力パイプライン、Saver とチェックポイント、デバイス（スプリント 5）、
# `tf.function`（スプリント 3）、グラフを作るときの形の推論、name scope、スレッド。
#
# **進め方。** 課題ごとに、コードを書くセルが一つあり、そのすぐ下に確認用のセルがあります。確認用のセルは課題の形を
# 示すためのもので、採点で調べるのはそれだけではありません。仕様は docstring に書いてあります。
# docstring に「your choice」と書いてあるところは、どの選び方をしてもかまいません。

# %% [markdown] tags=["lang-en"]
# The next cell holds a drawing tool, so that you can see the graphs you make. There is nothing to learn from its code; run it
# and go on.

# %% [markdown] tags=["lang-ja"]
# 次のセルは、作ったグラフを目で見るための作図ツールです。コードの中身を読む必要はありません。実行して先へ進んでください。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
from contextlib import contextmanager

import numpy as np


def nodes_of(graph):
    """The list of a graph's nodes."""
    if not isinstance(graph.operations, list):
        raise TypeError("graph.operations must be a list")
    return graph.operations


def draw(graph, marked=(), size=(8, 2.4)):
    """Draw a graph from left to right, each node to the right of its inputs. Nodes in `marked` are filled."""
    import matplotlib.pyplot as plt

    level, columns = {}, {}
    for node in nodes_of(graph):
        level[node] = 1 + max((level[x] for x in node.inputs), default=-1)
        columns.setdefault(level[node], []).append(node)
    place = {
        node: (column, (len(nodes) - 1) / 2 - row) for column, nodes in columns.items() for row, node in enumerate(nodes)
    }
    _, axes = plt.subplots(figsize=size, dpi=70)
    box = {}
    for node, (x, y) in place.items():
        style = {"boxstyle": "round", "facecolor": "gold" if node in marked else "white"}
        box[node] = axes.text(x, y, type(node).__name__, ha="center", va="center", bbox=style, zorder=3).get_bbox_patch()
    for node in place:
        for parent in node.inputs:
            side = place[parent][1] or place[node][1]  # past what is between
            bend = 0.0 if level[node] == level[parent] + 1 else 0.15 if side < 0 else -0.15
            arrow = {"arrowstyle": "-|>", "color": "gray", "patchA": box[parent], "patchB": box[node]}
            axes.annotate("", place[node], place[parent], arrowprops=arrow | {"connectionstyle": f"arc3,rad={bend}"})
    height = max(len(nodes) for nodes in columns.values())
    axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-height / 2 - 0.3, height / 2 + 0.3))
    axes.axis("off")
    plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 1: a graph and its nodes
#
# To write `y = (x + 1) * x` down without computing it, every step becomes an object: a **node** that knows its inputs and
# how it *would* be computed. The nodes of one program live together in a **graph**.
#
# How does a node find its graph? Passing the graph to every call would be tiresome, so TF1 has a **default graph**: with
# `with graph.as_default():` you say "what I write here goes in there". That is global state, and it needs the same care as `no_grad` did:
# whatever happens in the block, at its end the former default is back. A node that is made from other nodes needs no default at all:
# it belongs where its inputs are.
#
# Three kinds of nodes have no inputs. A **constant** carries its value with it. A **placeholder** is a promise: its value comes with each
# run. A **variable** keeps its value from run to run; it comes in task 4.
#
# When a graph is complete it can be **finalized**: from then on it cannot grow, and a training loop that keeps adding nodes by
# mistake is caught at once.
#
# **Hint.** Keep the open `as_default` blocks on a stack, and take the last one away again in `finally`. `operations` is a list: a node appends itself
# when it is made, after its inputs.

# %% [markdown] tags=["lang-ja"]
# ## 課題 1：グラフとノード
#
# `y = (x + 1) * x` を計算せずに書き留めるには、一つ一つの手順をオブジェクトにします。自分の入力と、計算するとしたら*どう*計算するかを
# 知っているオブジェクト、これが**ノード**です。一つのプログラムのノードは、まとめて一つの**グラフ**に入れます。
#
# ノードは自分のグラフをどうやって知るのでしょうか。毎回グラフを引数で渡すのは面倒です。そこで TF1 には**デフォルトグラフ**があります。
# `with graph.as_default():` と書けば、「ここで作るものはこのグラフに入る」という意味になります。これはプログラム全体で共有される状態なので、
# `no_grad` と同じ注意が必要です。ブロックの中で何が起きても、終わったら前のデフォルトに戻さなければなりません。なお、ほかのノードから作る
# ノードにはデフォルトは要りません。入力と同じグラフに入るからです。
#
# 入力のないノードは三種類あります。**定数**（constant）は値を自分で持っています。**プレースホルダー**（placeholder）は「値は実行のたびに渡す」という
# 約束です。**変数**（variable）は実行が終わっても値を覚えています。変数は課題 4 で作ります。
#
# グラフが完成したら、**finalize** できます。それ以後はノードを追加できないので、学習ループの中でうっかりノードを作り続けてしまう間違いが
# すぐに見つかります。
#
# **ヒント。** 開いている `as_default` ブロックをスタックに積み、`finally` で最後の一つを取り除きます。`operations` はリストです。ノードは作られたとき、
# 自分の入力より後ろに自分を加えます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_graph", "locked": false, "schema_version": 3, "solution": true, "task": false}
graph_stack = []  # for the graphs of the open as_default blocks, the innermost last; use it or not


class Graph:
    """A program that has been written down and not been run.

    Attributes
    ----------
    operations : list of Operation, in the order in which they were made
    finalized : bool, False at first
    """

    def __init__(self):
        ### BEGIN SOLUTION
        self.operations = []
        self.finalized = False
        ### END SOLUTION

    @contextmanager
    def as_default(self):
        """Context manager: inside the block this graph is the default graph. `with g.as_default() as h:` makes h be g.

        At the end the default graph is what it was before the block, also if the block raised. The exception goes on
        to the caller. Blocks can be nested. Generator or class is your choice, as long as `with` works.
        """
        ### BEGIN SOLUTION
        graph_stack.append(self)
        try:
            yield self
        finally:
            graph_stack.pop()
        ### END SOLUTION

    def finalize(self):
        """From now on no node can be added: `finalized` is True."""
        ### BEGIN SOLUTION
        self.finalized = True
        ### END SOLUTION


def get_default_graph():
    """The graph of the innermost `as_default` block. Outside of all blocks: one graph, always the same."""
    ### BEGIN SOLUTION
    if not graph_stack:
        graph_stack.append(Graph())
    return graph_stack[-1]
    ### END SOLUTION


class Operation:
    """One node: what is to be computed, and from which other nodes. Making it computes nothing.

    Parameters
    ----------
    inputs : Operations. A number, a list or an array is taken as a constant, a node of its own in the same graph.

    Attributes
    ----------
    inputs : tuple of Operation, in order; the same one twice if it went in twice
    graph : the Graph that it belongs to: that of its inputs, whatever the default graph is. If no input is a node,
        the default graph. The node stands in graph.operations, once, after all of its inputs.

    Raises
    ------
    ValueError : the inputs belong to two graphs.
    RuntimeError : the graph is finalized. It stays as it is.
    """

    __array_ufunc__ = None  # numpy must leave `array * node` to the node's __rmul__

    def __init__(self, *inputs):
        ### BEGIN SOLUTION
        graphs = {id(x.graph): x.graph for x in inputs if isinstance(x, Operation)}
        if len(graphs) > 1:
            raise ValueError("the inputs of a node must belong to one graph")
        self.graph = next(iter(graphs.values()), None) or get_default_graph()
        if self.graph.finalized:
            raise RuntimeError("the graph is finalized: nothing can be added to it")
        with self.graph.as_default():
            self.inputs = tuple(x if isinstance(x, Operation) else constant(x) for x in inputs)
        self.graph.operations.append(self)
        ### END SOLUTION

    def compute(self, session, *values):
        """Compute this node from the values of its inputs, one ndarray each.

        Kinds of nodes are subclasses that write this method. Only a run calls it. A session passes itself, for nodes
        that need to know in which session they are.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say how it is computed")


class Constant(Operation):
    """A node with a fixed value, float64. This class and the next are a proposal: only the functions are tested."""

    def __init__(self, value):
        ### BEGIN SOLUTION
        super().__init__()
        self.value = np.array(value, dtype=np.float64)
        ### END SOLUTION

    def compute(self, session):
        ### BEGIN SOLUTION
        return self.value.copy()
        ### END SOLUTION


class Placeholder(Operation):
    """A node whose value comes with every run. Computing it means that it was not fed.

    That is a KeyError, ValueError or RuntimeError.
    """

    def __init__(self, shape=None):
        ### BEGIN SOLUTION
        super().__init__()
        self.shape = shape
        ### END SOLUTION

    def compute(self, session):
        ### BEGIN SOLUTION
        raise ValueError("a placeholder that is needed was not fed")
        ### END SOLUTION


def constant(value):
    """A new node with the value of a number, list or array."""
    return Constant(value)


def placeholder(shape=None):
    """A new node that is fed. shape: a tuple of int, None for a length that may vary; None alone for any shape."""
    return Placeholder(shape)

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "graph", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# g = Graph()
# with g.as_default():
#     assert get_default_graph() is g, "inside the block g is the default graph"
#     x = placeholder(shape=(None,))
#     y = Operation(x, 1.0)
# assert get_default_graph() is not g, "after the block it is not"
# assert x.graph is g and y.graph is g, "both nodes were made inside the block"
# assert y.inputs[0] is x, "the first input must be x itself"
# assert g.operations.index(x) < g.operations.index(y), "a node comes after its inputs"
# g.finalize()
# assert g.finalized, "finalize sets finalized"

# %% [markdown] tags=["lang-en"]
# With nodes there can be arithmetic. The next cell gives you operations: look how little each one says. `compute` gets arrays
# and returns an array; who calls it, and when, is not its business. Below, the graph of `(x + 1) * x`. Nothing has been computed yet.

# %% [markdown] tags=["lang-ja"]
# ノードができれば、四則演算も書けます。次のセルに演算を用意しました。一つ一つがどれだけ短いかに注目してください。`compute` は配列を受け取って配列を
# 返すだけで、誰がいつ呼ぶのかは気にしません。その下の図は `(x + 1) * x` のグラフです。まだ何も計算していません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "arithmetic", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Add(Operation):
    def compute(self, session, a, b):
        return a + b


class Subtract(Operation):
    def compute(self, session, a, b):
        return a - b


class Multiply(Operation):
    def compute(self, session, a, b):
        return a * b


class Divide(Operation):
    def compute(self, session, a, b):
        return a / b


class MatMul(Operation):
    """(n, k) @ (k, m) -> (n, m)"""

    def compute(self, session, a, b):
        return a @ b


class Transpose(Operation):
    def compute(self, session, a):
        return a.T


class Exp(Operation):
    def compute(self, session, a):
        return np.exp(a)


class Sum(Operation):
    """The sum of all elements, shape ()."""

    def compute(self, session, a):
        return np.sum(a)


class Size(Operation):
    """The number of elements, which is known only when the graph runs."""

    def compute(self, session, a):
        return np.float64(np.size(a))


class Group(Operation):
    """Several operations as one: running it runs them all. It has no value of its own."""

    def compute(self, session, *values):
        return None


def reduce_sum(x):
    return Sum(x)


def reduce_mean(x):
    return Sum(x) / Size(x)


def exp(x):
    return Exp(x)


def matmul(a, b):
    return MatMul(a, b)


Operation.__add__ = lambda self, other: Add(self, other)
Operation.__radd__ = lambda self, other: Add(other, self)
Operation.__sub__ = lambda self, other: Subtract(self, other)
Operation.__rsub__ = lambda self, other: Subtract(other, self)
Operation.__mul__ = lambda self, other: Multiply(self, other)
Operation.__rmul__ = lambda self, other: Multiply(other, self)
Operation.__truediv__ = lambda self, other: Divide(self, other)
Operation.__rtruediv__ = lambda self, other: Divide(other, self)
Operation.__neg__ = lambda self: Multiply(self, -1.0)

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "first_picture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# example = Graph()
# with example.as_default():
#     x = placeholder()
#     y = (x + 1.0) * x
# draw(example)

# %% [markdown] tags=["lang-en"]
# ## Task 2: run
#
# Now the machine. `session.run(fetches, feed_dict)` is told what is wanted and what is given. The rest follows from the graph:
# only the **ancestors** of the fetches are needed, only they are computed, and each of them **once**, however many nodes use it.
# In the ladder `x = x + x`, thirty steps high, a session that asks every node for its inputs again and again takes $2^{30}$ steps; one that
# remembers takes thirty.
#
# `feed_dict` can replace the value of **any** node, not only of placeholders. What lies behind a fed node is then not needed. This is
# how you cut a graph open and look at its second half alone.
#
# And between two runs nothing remains (except the variables of task 4). A value left over from the last run is the worst kind of
# mistake: the answer is right for the wrong input.
#
# **Hint.** Three steps: find the needed nodes, going back from the fetches and stopping at fed nodes (with a stack of your own, not
# recursively: graphs get deep); compute them in an order in which inputs come first; put the results into the structure of `fetches`. For the
# order you need no sorting: `graph.operations` already has it.

# %% [markdown] tags=["lang-ja"]
# ## 課題 2：実行する
#
# いよいよ機械のほうを作ります。`session.run(fetches, feed_dict)` には、何が欲しいか（fetches）と、何を与えるか（feed_dict）を伝えます。あとはグラフから
# 決まります。必要なのは fetches の**祖先**だけです。計算するのもそれだけで、いくつのノードから使われていても、計算は**一度ずつ**です。
# `x = x + x` を 30 段重ねた「はしご」では、入力の値を毎回求め直すセッションは $2^{30}$ 回計算することになりますが、値を覚えておけば 30 回で済みます。
#
# `feed_dict` は、プレースホルダーだけでなく**どのノード**の値でも差し替えられます。差し替えたノードの先にあるものは、もう必要ありません。
# こうすれば、グラフを途中で切って、後ろ半分だけを調べることができます。
#
# 実行と実行の間には何も残しません（課題 4 の変数は別です）。前回の値が残っているのは、いちばん困る種類の間違いです。
# 違う入力に対する答えが、もっともらしい顔をして返ってきます。
#
# **ヒント。** 手順は三つです。fetches から入力をさかのぼり、与えられたノードで止まりながら、必要なノードを見つける（グラフは深くなるので、再帰ではなく自分の
# スタックを使う）。入力が先になる順番で計算する。結果を `fetches` と同じ構造に入れる。順番を決めるのにソートは要りません。`graph.operations` が
# すでにその順番になっています。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_run", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Session:
    """Runs a graph, and holds what outlives a single run.

    Parameters
    ----------
    graph : Graph; None means the graph that is the default at this moment

    Attributes
    ----------
    graph : Graph
    variables : dict, empty at first: a place for the values of variables in task 4, if you want them here.
    closed : bool, False at first. Task 3 sets it.
    """

    def __init__(self, graph=None):
        ### BEGIN SOLUTION
        self.graph = get_default_graph() if graph is None else graph
        self.variables = {}
        self.closed = False
        ### END SOLUTION

    def run(self, fetches, feed_dict=None):
        """Compute the fetches.

        Parameters
        ----------
        fetches : an Operation, or a list, tuple or dict of fetches, nested as you like; the same one may occur twice
        feed_dict : dict, Operation -> number, list or array. Any node can be fed. It is not changed.
            The value is taken as float64, used in this run instead of computing the node, and forgotten afterwards.

        Returns
        -------
        What the nodes' compute returned, ndarrays as a rule, in the structure of `fetches`: a node gives its value,
        a list a list, a tuple a tuple, a dict a dict with the same keys.

        Only what the fetches need is computed, each node once in a run. A placeholder that is not needed need not be
        fed. How you do it, where you keep the values in the meantime, and in which valid order, is your choice.
        Whether an array that comes back is a copy is your choice: who gets one does not change it. The graph is not
        changed. Must cope with a chain of 5,000 operations.

        Raises
        ------
        KeyError, ValueError or RuntimeError : a placeholder that is needed has not been fed.
        ValueError : a fetch or a fed node belongs to another graph; a fed value does not fit its placeholder's shape.
        RuntimeError : the session is closed.
        """
        ### BEGIN SOLUTION
        if self.closed:
            raise RuntimeError("this session is closed")
        values = {node: fed_value(node, value) for node, value in (feed_dict or {}).items()}
        wanted = []
        in_structure(fetches, wanted.append)
        for node in (*wanted, *values):
            if node.graph is not self.graph:
                raise ValueError(f"this {type(node).__name__} belongs to another graph than the session's")
        needed = ancestors(wanted, values)
        for node in self.graph.operations:
            if node in needed and node not in values:
                values[node] = node.compute(self, *(values[x] for x in node.inputs))
        return in_structure(fetches, values.get)
        ### END SOLUTION


# Three parts of run, as a proposal: only run is tested.


def ancestors(nodes, known=()):
    """The set of these nodes and of all that they need; a node in `known` needs nothing."""
    ### BEGIN SOLUTION
    needed, stack = set(), list(nodes)
    while stack:
        node = stack.pop()
        if node not in needed:
            needed.add(node)
            if node not in known:
                stack.extend(node.inputs)
    return needed
    ### END SOLUTION


def fed_value(node, value):
    """A value that was fed, as a float64 array. ValueError if it does not fit the node's shape."""
    ### BEGIN SOLUTION
    value, shape = np.array(value, dtype=np.float64), getattr(node, "shape", None)
    fits = shape is None or (
        len(shape) == value.ndim and all(n in (None, m) for n, m in zip(shape, value.shape, strict=True))
    )
    if not fits:
        raise ValueError(f"a value of shape {value.shape} does not fit a {type(node).__name__} of shape {shape}")
    return value
    ### END SOLUTION


def in_structure(fetches, f):
    """The nested structure `fetches` again, with f(node) in place of each node."""
    ### BEGIN SOLUTION
    if isinstance(fetches, dict):
        return {key: in_structure(fetch, f) for key, fetch in fetches.items()}
    if isinstance(fetches, list | tuple):
        values = [in_structure(fetch, f) for fetch in fetches]
        return values if isinstance(fetches, list) else tuple(values)
    return f(fetches)
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "run", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
# g = Graph()
# with g.as_default():
#     x = placeholder(shape=())
#     unused = placeholder()
#     h = x + 1.0
#     y = h * x
# session = Session(g)
# assert session.run(y, {x: 3.0}) == 12.0, "(3 + 1) * 3"
# assert session.run(y, {x: 5.0}) == 30.0, "a run with other data"
# assert session.run(y, {x: 3.0, h: 10.0}) == 30.0, "h was fed, so it is not computed"
# assert session.run([y, h], {x: 3.0}) == [12.0, 4.0], "a list of fetches gives a list of values"

# %% [markdown] tags=["lang-en"]
# What did a run compute? The next cell watches your session at work and fills the nodes whose `compute` was called: first for `y`, then for
# `y` with `h` fed. Nodes that stay white were not needed.

# %% [markdown] tags=["lang-ja"]
# 実行のとき、何が計算されたのでしょうか。次のセルは皆さんのセッションの動きを観察し、`compute` が呼ばれたノードに色を付けます。一枚目は `y` を求めたとき、
# 二枚目は `h` の値を与えて `y` を求めたときです。白いままのノードは、必要がなかったノードです。

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "second_picture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# def computed(session, fetches, feed_dict):
#     """The nodes that a run computes."""
#     called = []
#     for node in nodes_of(session.graph):
#
#         def compute(*arguments, node=node):
#             called.append(node)
#             return type(node).compute(node, *arguments)
#
#         node.compute = compute
#     session.run(fetches, feed_dict)
#     for node in nodes_of(session.graph):
#         del node.compute
#     return called
#
#
# g = Graph()
# with g.as_default():
#     x = placeholder()
#     h = exp(x * 2.0)
#     y = h + 1.0
#     z = h / y
# draw(g, computed(Session(g), y, {x: 1.0}), size=(9, 2))
# draw(g, computed(Session(g), y, {h: 1.0}), size=(9, 2))

# %% [markdown] tags=["lang-en"]
# ## Task 3: the life of a session
#
# A real session holds resources: the memory of its variables, threads, perhaps a GPU. Python would give them back some day; a machine that many
# people share needs them back **now**. So a session can be closed, and `with` closes it whatever happens.
#
# TF1 adds a convenience that you will meet in every old notebook. Inside `with session:` the session is the **default session**, and
# a node can be asked directly: `y.eval({x: 3.0})` runs `y` in the default session. An `InteractiveSession` goes one step further and becomes the
# default as soon as it is made, without any block; that is handy at a prompt, and easily forgotten.
#
# **Hint.** The default sessions are a stack again. `__enter__` puts the session on it and opens the graph's `as_default` block; `__exit__` undoes both
# and closes. An interactive session takes *itself* off the stack when it is closed, wherever on the stack it is.

# %% [markdown] tags=["lang-ja"]
# ## 課題 3：セッションの一生
#
# 本物のセッションは資源を持っています。変数のメモリ、スレッド、場合によっては GPU もです。放っておいても、いつかは Python が返してくれるでしょう。しかし大勢で
# 使うマシンでは、**今すぐ**返す必要があります。そこで、セッションは閉じられるようになっています。`with` を使えば、何が起きても必ず閉じます。
#
# TF1 には、古いノートブックなら必ず出てくる便利な仕組みもあります。`with session:` の中では、そのセッションが**デフォルトセッション**になり、ノードに直接
# 値を尋ねることができます。`y.eval({x: 3.0})` は、デフォルトセッションで `y` を実行します。`InteractiveSession` はさらに進んで、ブロックがなくても、作った瞬間に
# デフォルトになります。対話的に使うときには便利ですが、閉じるのを忘れがちです。
#
# **ヒント。** デフォルトセッションもスタックです。`__enter__` ではセッションを積み、グラフの `as_default` ブロックに入ります。`__exit__` では両方を元に戻してから
# 閉じます。InteractiveSession は、閉じるときに*自分自身*をスタックから取り除きます。自分がいちばん上にあるとは限りません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_session", "locked": false, "schema_version": 3, "solution": true, "task": false}
session_stack = []  # for the default sessions, the innermost last; use it or not


def get_default_session():
    """The session of the innermost `with session:` block or open InteractiveSession; None if there is none."""
    ### BEGIN SOLUTION
    return session_stack[-1] if session_stack else None
    ### END SOLUTION


def close(self):
    """End the session: its variables are gone, and run raises RuntimeError from now on. Closing twice is fine."""
    ### BEGIN SOLUTION
    self.closed = True
    self.variables.clear()
    ### END SOLUTION


def enter(self):
    """Begin of `with session:`. It becomes the default session, its graph the default graph. Returns the session.

    A session begins no block inside a block of its own.
    """
    ### BEGIN SOLUTION
    session_stack.append(self)
    self.block = self.graph.as_default()
    self.block.__enter__()
    return self
    ### END SOLUTION


def leave(self, *error):
    """End of the block: both defaults are what they were, the session is closed.

    The same if the block ends by an exception, which goes on to the caller.
    """
    ### BEGIN SOLUTION
    self.block.__exit__(None, None, None)
    session_stack.remove(self)
    self.close()
    ### END SOLUTION


def evaluate(self, feed_dict=None, session=None):
    """`node.eval(...)`: the value of this node, run in `session`, or in the default session if none is given.

    Raises
    ------
    ValueError or RuntimeError : there is neither.
    """
    ### BEGIN SOLUTION
    session = session or get_default_session()
    if session is None:
        raise ValueError("eval needs a session: there is no default session, and none was given")
    return session.run(self, feed_dict)
    ### END SOLUTION


Session.close, Session.__enter__, Session.__exit__, Operation.eval = close, enter, leave, evaluate


class InteractiveSession(Session):
    """A session that becomes the default session when it is made, and stops being one when it is closed.

    Whether it makes its graph the default graph as well is your choice. `with` blocks end in the order opposite to
    that in which they began; interactive sessions may be closed at any time.
    """

    def __init__(self, graph=None):
        ### BEGIN SOLUTION
        super().__init__(graph)
        session_stack.append(self)
        ### END SOLUTION

    def close(self):
        ### BEGIN SOLUTION
        if self in session_stack:
            session_stack.remove(self)
        super().close()
        ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "session", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# g = Graph()
# with g.as_default():
#     x = placeholder()
#     y = x * x
# with Session(g) as session:
#     assert get_default_session() is session, "inside the block it is the default session"
#     assert get_default_graph() is g, "and its graph is the default graph"
#     assert y.eval({x: 3.0}) == 9.0, "eval runs in the default session"
# assert get_default_session() is None, "after the block there is no default session any more"
# assert session.closed, "the block has closed it"
#
# session = InteractiveSession(g)
# assert y.eval({x: 4.0}) == 16.0, "an interactive session is the default at once"
# session.close()

# %% [markdown] tags=["lang-en"]
# ## Task 4: variables
#
# The graph holds structure, the session holds state. A variable shows this best: **the node is in the graph, its value in the session.** Two sessions
# on one graph are two trainings that know nothing of each other, and a variable has no value at all until some session has run its
# *initializer*.
#
# How does a program that is written down change a value? By a node that does it when it is run: `assign(v, v + 1.0)` is a description of
# a step. Building it changes nothing; running it, again and again, counts.
#
# **Hint.** `compute` gets the session for exactly this purpose: reading is `session.variables[self]`, writing the same the other way round. The input
# of an assign node is the new value. The variable itself is *not* an input, for inputs are read first, and before its first assignment there is
# nothing to read. But the node must be in the variable's graph, even if the new value is only a number.

# %% [markdown] tags=["lang-ja"]
# ## 課題 4：変数
#
# グラフは構造を持ち、セッションは状態を持ちます。それがいちばんよく分かるのが変数です。**ノードはグラフにあり、値はセッションにあります。** 一つのグラフを二つの
# セッションで動かせば、互いに影響しない二つの学習になります。また、セッションで*初期化子*（initializer）を実行するまで、変数にはまったく値がありません。
#
# 書き留めただけのプログラムが、どうやって値を変えるのでしょうか。実行されたときに値を変えるノードを作るのです。`assign(v, v + 1.0)` は
# 「一歩進める」という手順を書いたものです。作っただけでは何も変わりません。実行するたびに、一つずつ増えていきます。
#
# **ヒント。** `compute` がセッションを受け取るのは、まさにこのためです。読むときは `session.variables[self]`、書くときはそこへ代入します。assign ノードの
# 入力は新しい値です。変数そのものは*入力にしません*。入力は先に読まれますが、最初の代入の前には読むものがないからです。ただし、新しい値が
# ただの数であっても、assign ノードは変数と同じグラフに入れなければなりません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_variables", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Variable(Operation):
    """A node that keeps its value from run to run, in each session its own.

    Parameters
    ----------
    initial_value : number, list or array; its shape is the variable's shape

    Attributes
    ----------
    initializer : a node; running it gives the variable its initial value, whatever it had before

    Run
    ---
    The value in this session, float64. RuntimeError, ValueError or KeyError if it has not been initialised there.
    Fed like any other node: for that run only.
    """

    def __init__(self, initial_value):
        ### BEGIN SOLUTION
        super().__init__()
        initial_value = np.array(initial_value, dtype=np.float64)
        self.shape = initial_value.shape
        self.initializer = assign(self, initial_value)
        ### END SOLUTION

    def compute(self, session):
        ### BEGIN SOLUTION
        if self not in session.variables:
            raise RuntimeError("the variable has no value in this session: run its initializer first")
        return session.variables[self]
        ### END SOLUTION


class Assign(Operation):
    """The node behind assign. This class is a proposal."""

    def __init__(self, variable, value):
        ### BEGIN SOLUTION
        with variable.graph.as_default():
            super().__init__(value)
        self.variable = variable
        ### END SOLUTION

    def compute(self, session, value):
        ### BEGIN SOLUTION
        if np.shape(value) != self.variable.shape:
            raise ValueError(f"a value of shape {np.shape(value)} for a variable of shape {self.variable.shape}")
        session.variables[self.variable] = np.array(value, dtype=np.float64)
        return session.variables[self.variable]
        ### END SOLUTION


def assign(variable, value):
    """A node that sets the variable, in the session that runs it, and whose value is the new value.

    Parameters
    ----------
    variable : Variable
    value : Operation, number, list or array, with the variable's shape. A node may be made from the variable: it then
        sees the value from before this run. When a run reads other variables that it assigns is your choice.

    Raises (in the run)
    ------
    ValueError : the value has another shape than the variable, which then keeps its value.
    """
    return Assign(variable, value)


def global_variables_initializer():
    """A node that runs the initializers of all variables which the default graph has at this moment."""
    ### BEGIN SOLUTION
    return Group(*(node.initializer for node in get_default_graph().operations if isinstance(node, Variable)))
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "variables", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# g = Graph()
# with g.as_default():
#     count = Variable(0.0)
#     step = assign(count, count + 1.0)
#     init = global_variables_initializer()
# with Session(g) as session:
#     session.run(init)
#     assert session.run(count) == 0.0, "initialised; making `step` has not run it"
#     for _ in range(3):
#         session.run(step)
#     assert session.run(count) == 3.0, "three steps"

# %% [markdown] tags=["lang-en"]
# ## Task 5: gradients are nodes
#
# In the last sprint `backward` walked back and computed. Here there is nothing to compute yet, so `gradients(y, xs)` walks back and **writes down**: it
# extends the graph by nodes that will compute the gradients when somebody runs them. The walk is the same – from `y` backwards, adding up what arrives
# at a node, passing it on when it is complete – but it handles nodes, not arrays.
#
# It pays off three times. The walk is done once, not in every step. Whoever needs only one gradient runs only the nodes for that one. And since the gradient is an
# ordinary node, you can take *its* gradient: second derivatives for free.
#
# For every kind of node there is a rule that turns the gradient of its output into those of its inputs. The next cell holds the registry and the rules for the simpler
# ones; you write those for `Multiply`, `Divide` and `MatMul`. Shapes are not known yet, so undoing a broadcast must be a node too: `sum_like(g, x)`
# sums `g` to the shape that `x` will have.
#
# **Hint.** Ancestors of `y`, in the reverse order of `graph.operations` – taken as a list first, since the graph grows while you walk. `gradients` is dict-of-nodes
# bookkeeping: `grads[x] = grads[x] + g if x in grads else g`.

# %% [markdown] tags=["lang-ja"]
# ## 課題 5：勾配もノード
#
# 前のスプリントの `backward` は、逆向きにたどりながら計算しました。ここではまだ計算するものがありません。そこで `gradients(y, xs)` は、逆向きにたどりながら**書き
# 加えます**。誰かが実行したときに勾配を計算するノードを、グラフに付け足すのです。たどり方は同じです。`y` から逆向きに進み、ノードに届いたものを足し合わせ、
# そろったら先へ渡します。ただし、扱うのは配列ではなくノードです。
#
# これには利点が三つあります。まず、たどるのは一回だけで、学習の一歩ごとにたどる必要がありません。次に、勾配が一つだけ必要なら、そのためのノードだけを実行できます。
# そして、勾配は普通のノードなので、*その勾配*も求められます。二階微分がおまけで付いてくるのです。
#
# ノードの種類ごとに、出力の勾配を入力の勾配に変える規則があります。次のセルに、規則を登録する仕組みと、簡単な演算の規則を用意しました。`Multiply`、`Divide`、`MatMul` の規則は
# 皆さんが書きます。この時点では形が分からないので、ブロードキャストを元に戻すのもノードの仕事です。`sum_like(g, x)` は、実行時の `x` の形になるまで
# `g` の和を取ります。
#
# **ヒント。** `y` の祖先を、`graph.operations` の逆順にたどります。たどっている間にもグラフは大きくなるので、先にリストにしておきましょう。あとは
# ノードの辞書で管理します：`grads[x] = grads[x] + g if x in grads else g`。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "rules", "locked": true, "schema_version": 3, "solution": false, "task": false}
class OnesLike(Operation):
    def compute(self, session, x):
        return np.ones(np.shape(x))


class BroadcastLike(Operation):
    """g, stretched to the shape of x."""

    def compute(self, session, g, x):
        return np.broadcast_to(g, np.shape(x))


class SumLike(Operation):
    """g, summed over the axes along which x had been broadcast."""

    def compute(self, session, g, x):
        added = np.ndim(g) - np.ndim(x)
        g = np.sum(g, axis=tuple(range(added)))
        return np.sum(g, axis=tuple(axis for axis, n in enumerate(np.shape(x)) if n == 1), keepdims=True)


def sum_like(g, x):
    return SumLike(g, x)


gradient_rules = {}  # kind of node -> rule


def register_gradient(kind):
    """Decorator: `rule(node, g)` returns a tuple with one node per input of `node`; None where nothing is passed on."""

    def register(rule):
        gradient_rules[kind] = rule
        return rule

    return register


@register_gradient(Add)
def add_rule(node, g):
    a, b = node.inputs
    return sum_like(g, a), sum_like(g, b)


@register_gradient(Subtract)
def subtract_rule(node, g):
    a, b = node.inputs
    return sum_like(g, a), sum_like(-g, b)


@register_gradient(Transpose)
def transpose_rule(node, g):
    return (Transpose(g),)


@register_gradient(Exp)
def exp_rule(node, g):
    return (g * node,)  # the node is its own slope: nothing is computed twice


@register_gradient(Sum)
def sum_rule(node, g):
    return (BroadcastLike(g, node.inputs[0]),)


@register_gradient(Size)
def size_rule(node, g):
    return (None,)


@register_gradient(SumLike)
def sum_like_rule(node, g):
    return BroadcastLike(g, node.inputs[0]), None


@register_gradient(BroadcastLike)
def broadcast_like_rule(node, g):
    return SumLike(g, node.inputs[0]), None


@register_gradient(OnesLike)
def ones_like_rule(node, g):
    return (None,)

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
@register_gradient(Multiply)
def multiply_rule(node, g):
    """a * b, with broadcasting."""
    ### BEGIN SOLUTION
    a, b = node.inputs
    return sum_like(g * b, a), sum_like(g * a, b)
    ### END SOLUTION


@register_gradient(Divide)
def divide_rule(node, g):
    """a / b, with broadcasting."""
    ### BEGIN SOLUTION
    a, b = node.inputs
    return sum_like(g / b, a), sum_like(-g * node / b, b)
    ### END SOLUTION


@register_gradient(MatMul)
def matmul_rule(node, g):
    """a @ b; both operands have two axes."""
    ### BEGIN SOLUTION
    a, b = node.inputs
    return MatMul(g, Transpose(b)), MatMul(Transpose(a), g)
    ### END SOLUTION


def gradients(y, xs):
    """Extend the graph by the gradients of sum(y).

    Parameters
    ----------
    y : Operation, of any shape
    xs : list of Operation in the same graph: placeholders, variables, or nodes in between

    Returns
    -------
    list, for each x a node whose value is the derivative of the sum of y with respect to x, with the shape of x.
        None for an x that y does not depend on; a node of zeros is accepted as well. For y itself: ones.
        A node on the way gets the gradient that reaches it, as if its value were fed.

    Nothing is computed. A node that is used many times is visited once: a ladder of 30 steps x = x + x may not give
    2 ** 30 nodes. Must cope with a chain of 5,000 operations. Your gradients can be differentiated again.
    """
    ### BEGIN SOLUTION
    behind = ancestors([y])
    order = [node for node in y.graph.operations if node in behind]
    grads = {y: OnesLike(y)}
    for node in reversed(order):
        if node not in grads or not node.inputs:
            continue
        for x, g in zip(node.inputs, gradient_rules[type(node)](node, grads[node]), strict=True):
            if g is not None:
                grads[x] = grads[x] + g if x in grads else g
    return [grads.get(x) for x in xs]
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "gradients", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# g = Graph()
# with g.as_default():
#     x = placeholder()
#     y = x * x + 3.0 * x
# (dx,) = gradients(y, [x])
# session = Session(g)
# assert isinstance(dx, Operation), "a gradient is a node"
# assert session.run(dx, {x: 5.0}) == 13.0, "the derivative of x * x + 3 x is 2 x + 3"
# assert session.run(dx, {x: 1.0}) == 5.0, "the same node with other data"
# (second,) = gradients(dx, [x])
# assert session.run(second, {x: 5.0}) == 2.0, "and its derivative is 2"

# %% [markdown] tags=["lang-en"]
# The graph of `y = exp(x * x)` before and after `gradients(y, [x])`. White is what you wrote, filled is what was added. Running the last node, on the
# right, gives the derivative, and passes through the forward part on the way. `x` went into the product twice, so two gradients arrive and are added.

# %% [markdown] tags=["lang-ja"]
# `y = exp(x * x)` のグラフに `gradients(y, [x])` が何を加えたかを図にします。白いノードは自分で書いたもの、色の付いたノードは加えられたものです。
# いちばん右のノードを実行すると微分の値が求まります。その途中で、順伝播の部分も通ります。`x` は積の入力に二回使われているので、勾配も二つ届き、足し合わされます。

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "third_picture", "locked": true, "schema_version": 3, "solution": false, "task": false}
# g = Graph()
# with g.as_default():
#     x = placeholder()
#     y = exp(x * x)
# written = set(nodes_of(g))
# gradients(y, [x])
# draw(g, set(nodes_of(g)) - written, size=(11, 2.6))

# %% [markdown] tags=["lang-en"]
# ## Task 6: training is a node
#
# A step of gradient descent is one assignment for each variable. `minimize` writes it down: gradients, new values, assignments, and a `Group` of them all.
# Whoever runs that node has taken a step. The loop in Python only says how often.
#
# One thing must hold: **all gradients belong to the values from before the step.** If the first variable is changed before the gradient of the second has been
# computed, the second is led astray by a mixture of old and new.
#
# Another thing must *not* happen: building nodes inside the loop. It works, slower and slower, while the graph grows and grows; it was one of the commonest mistakes in TF1 programs.
# The cure is `finalize`: build everything, finalize, then loop.
#
# **Hint.** `assign(v, v - learning_rate * g)`. Because a run computes each node once, all of them see the same old `v`.

# %% [markdown] tags=["lang-ja"]
# ## 課題 6：学習もノード
#
# 勾配降下法の一歩は、変数ごとに一回の代入です。`minimize` はそれを書き留めます。勾配、新しい値、代入、そしてそれらをまとめる `Group` です。そのノードを実行すれば、
# 一歩進んだことになります。Python のループは、何回実行するかを決めるだけです。
#
# 守るべきことが一つあります。**どの勾配も、更新前の値で計算しなければなりません。** 二つ目の変数の勾配を計算する前に一つ目の変数を変えてしまうと、古い値と新しい値が混ざり、
# 二つ目の変数はおかしな方向へ進みます。
#
# 逆に、*してはいけない*こともあります。ループの中でノードを作ることです。それでも動きますが、グラフがどんどん大きくなり、だんだん遅くなります。TF1 のプログラムで
# 特によくある間違いでした。防ぐには `finalize` を使います。全部作って、finalize して、それからループに入ります。
#
# **ヒント。** `assign(v, v - learning_rate * g)` です。一回の実行で各ノードは一度しか計算されないので、どの代入も同じ古い `v` を見ます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_minimize", "locked": false, "schema_version": 3, "solution": true, "task": false}
class GradientDescentOptimizer:
    """Plain gradient descent.

    Parameters
    ----------
    learning_rate : number, or a node of shape ()
    """

    def __init__(self, learning_rate):
        ### BEGIN SOLUTION
        self.learning_rate = learning_rate
        ### END SOLUTION

    def minimize(self, loss, var_list=None):
        """A node of the loss's graph; each run of it takes one step, v becomes v - learning_rate * gradient, for all variables at once.

        Parameters
        ----------
        loss : Operation of shape ()
        var_list : list of Variable; None means all variables of the loss's graph

        A variable that the loss does not depend on keeps its value. All gradients are those at the values before the
        step. What running the node returns is your choice. The default graph stays what it was.
        """
        ### BEGIN SOLUTION
        if var_list is None:
            var_list = [node for node in loss.graph.operations if isinstance(node, Variable)]
        steps = []
        for v, g in zip(var_list, gradients(loss, var_list), strict=True):
            if g is not None:
                steps.append(assign(v, v - self.learning_rate * g))
        with loss.graph.as_default():  # no input says so if there are no steps
            return Group(*steps)
        ### END SOLUTION


def train_regression(x, t, learning_rate=0.1, steps=100):
    """Linear regression: prediction = x @ w + b, loss = mean((prediction - t) ** 2), from w = 0 and b = 0.

    Parameters
    ----------
    x, t : arrays of shapes (n, d) and (n,)
    learning_rate, steps : each step uses all the data

    Returns
    -------
    tuple (graph, w, b, losses)
    graph : the Graph. It is a new one, was finalized before the first step, and has the same size whatever `steps` is.
    w, b : ndarrays of shapes (d,) and (), after the last step
    losses : list of float, the loss before each step
    """
    ### BEGIN SOLUTION
    graph = Graph()
    with graph.as_default():
        inputs, targets = placeholder((None, x.shape[1])), placeholder((None, 1))
        w, b = Variable(np.zeros((x.shape[1], 1))), Variable(0.0)
        error = matmul(inputs, w) + b - targets
        loss = reduce_mean(error * error)
        train = GradientDescentOptimizer(learning_rate).minimize(loss)
        init = global_variables_initializer()
    graph.finalize()
    feed = {inputs: x, targets: t[:, None]}
    with Session(graph) as session:
        session.run(init)
        losses = [float(session.run([loss, train], feed)[0]) for _ in range(steps)]
        return graph, session.run(w)[:, 0], session.run(b), losses
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "minimize", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# g = Graph()
# with g.as_default():
#     v = Variable(3.0)
#     train = GradientDescentOptimizer(0.1).minimize(v * v)
#     init = global_variables_initializer()
# with Session(g) as session:
#     session.run(init)
#     session.run(train)
#     assert np.isclose(session.run(v), 2.4), "3 - 0.1 * 6"
#
# x = np.random.default_rng(0).normal(size=(50, 2))
# g, w, b, losses = train_regression(x, x @ [2.0, -1.0] + 0.5, steps=60)
# assert g.finalized, "the graph is finalized before the loop"
# assert len(losses) == 60 and losses[-1] < 0.01 < losses[0], "one loss per step, and it falls"

# %% [markdown] tags=["lang-en"]
# ## Task 7: compile
#
# A session decides at every run what is needed and in which order. But the graph does not change: the answer is always the same. So decide **once**, and keep the
# plan: the needed nodes in order, and for each where its inputs will be. What is left is a function that computes and does nothing else.
#
# This is what "define-and-run" was made for, and where it goes on living: XLA, ONNX runtimes and TensorFlow Lite take a graph and make a function of it.
#
# **Hint.** The plan is made outside the inner function. Number the nodes of the plan, and let the inner function work on a list of values.

# %% [markdown] tags=["lang-ja"]
# ## 課題 7：コンパイルする
#
# セッションは、実行のたびに、何が必要でどの順番で計算するかを決めています。しかしグラフは変わらないので、答えはいつも同じです。それなら**一度だけ**決めて、その計画を
# 取っておけばよいでしょう。必要なノードを順番に並べ、それぞれの入力がどこにあるかを書いておくのです。残るのは、計算するだけの関数です。
#
# define-and-run はこのためにあります。この考え方は今も生きています。XLA や ONNX のランタイム、TensorFlow Lite は、グラフを受け取って関数を作ります。
#
# **ヒント。** 計画は内側の関数の外で作ります。計画の中のノードに番号を付け、内側の関数は値のリストの上で動くようにしましょう。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_compile", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compile(output):
    """Make a Python function of a node.

    Parameters
    ----------
    output : Operation that depends on placeholders and constants, not on variables

    Returns
    -------
    function(*values) -> what the node's value is in a run.
        It takes, by position, the values of the placeholders that `output` depends on, and of no others, in the order
        in which these were made, taken as in a run. Each needed node is computed once in a call; which session it is
        given, None or one of your own, is your choice. What depends only on constants may be computed when compiling,
        that is your choice as well. What a call gives is the caller's: no other call changes it, or is changed by it.
        Neither compiling nor calling needs an open session or adds anything to the graph.

    Raises (in the call)
    ------
    TypeError : another number of values than there are placeholders.
    ValueError : a value does not fit the placeholder's shape.
    """
    ### BEGIN SOLUTION
    needed = ancestors([output])
    nodes = [node for node in output.graph.operations if node in needed]
    place = {node: i for i, node in enumerate(nodes)}
    fed = [(place[node], node) for node in nodes if isinstance(node, Placeholder)]
    plan = [
        (place[node], node.compute, [place[x] for x in node.inputs])
        for node in nodes
        if not isinstance(node, Placeholder)
    ]

    def function(*arguments):
        if len(arguments) != len(fed):
            raise TypeError(f"{len(fed)} values are needed, {len(arguments)} were given")
        values = [None] * len(nodes)
        for (i, node), argument in zip(fed, arguments, strict=True):
            values[i] = fed_value(node, argument)
        for i, compute, inputs in plan:
            values[i] = compute(None, *[values[j] for j in inputs])
        return values[place[output]]

    return function
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "compile", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# g = Graph()
# with g.as_default():
#     a, b = placeholder(), placeholder()
#     y = b / (a + 1.0)
# f = compile(y)
# assert f(1.0, 6.0) == 3.0, "a = 1, b = 6: a was made first"
# assert f([0.0, 2.0], 3.0).tolist() == [3.0, 1.0], "arrays too"

# %% [markdown] tags=["lang-en"]
# ## The real thing
#
# Everything you wrote has its model in TensorFlow 1, which still lives inside TensorFlow 2 as `tf.compat.v1`:
#
# | yours | TensorFlow 1 |
# |---|---|
# | `Graph`, `as_default`, `finalize`, `graph.operations` | `tf.Graph`, the same names; `graph.get_operations()` |
# | `placeholder((None, 3))` | `tf1.placeholder(tf.float32, (None, 3), name="x")` |
# | `Variable`, `assign`, `global_variables_initializer()` | `tf1.get_variable`, `tf1.assign`, the same |
# | `Session(graph).run(fetches, feed_dict)` | `tf1.Session(graph=graph).run(fetches, feed_dict)`; fetches may also be names: `"loss:0"` |
# | `with session:`, `close`, `eval`, `InteractiveSession` | the same |
# | `gradients`, `register_gradient` | `tf1.gradients`, `tf.RegisterGradient` |
# | `GradientDescentOptimizer(0.1).minimize(loss)` | `tf1.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")` |
#
# Two things are new. Every operation has a **name**, here chosen by you with `name=…`; `"x:0"` is the first output of operation `x`. And a graph is **data**:
# `graph.as_graph_def()` gives a message that can be written to a file and run by a C++ program which has never seen your Python code. In this course that is meant
# literally: your graphs from the next two tasks are sent as data to another process and run there, by their names, with data of its own.
#
# One thing is different. A variable that is fed is replaced where you fetch it, and not in what was computed from it: there each use reads the variable anew.
#
# TensorFlow 2 computes at once unless told otherwise, so everything that is to go into a graph stands in a `with graph.as_default():` block.

# %% [markdown] tags=["lang-ja"]
# ## 本物を使う
#
# 皆さんが書いたものには、すべて TensorFlow 1 にお手本があります。TensorFlow 1 は、今も TensorFlow 2 の中に `tf.compat.v1` として残っています。
#
# | 皆さんのコード | TensorFlow 1 |
# |---|---|
# | `Graph`、`as_default`、`finalize`、`graph.operations` | `tf.Graph`。名前も同じ。一覧は `graph.get_operations()` |
# | `placeholder((None, 3))` | `tf1.placeholder(tf.float32, (None, 3), name="x")` |
# | `Variable`、`assign`、`global_variables_initializer()` | `tf1.get_variable`、`tf1.assign`、あとは同じ |
# | `Session(graph).run(fetches, feed_dict)` | `tf1.Session(graph=graph).run(fetches, feed_dict)`。fetches は `"loss:0"` のような名前でもよい |
# | `with session:`、`close`、`eval`、`InteractiveSession` | 同じ |
# | `gradients`、`register_gradient` | `tf1.gradients`、`tf.RegisterGradient` |
# | `GradientDescentOptimizer(0.1).minimize(loss)` | `tf1.train.GradientDescentOptimizer(0.1).minimize(loss, name="train")` |
#
# 新しいことが二つあります。一つは、どの演算にも**名前**があることです。ここでは `name=…` で自分で付けます。`"x:0"` は、演算 `x` の一つ目の出力という意味です。
# もう一つは、グラフが**データ**であることです。`graph.as_graph_def()` で得られるメッセージはファイルに書き出すことができ、皆さんの Python コードを一度も見たことのない
# C++ のプログラムでも実行できます。このコースでは、それを文字どおりに行います。次の二つの課題で作るグラフは、データとして別のプロセスに送られ、
# そこで名前を頼りに、別のデータで実行されます。
#
# 違うところも一つあります。変数に値を feed しても、置き換わるのはその変数を fetch した値だけです。変数から計算された値は変わりません。使われるたびに、変数が読み直されるからです。
#
# TensorFlow 2 は、何も言わなければその場で計算します。ですから、グラフに入れたいものはすべて `with graph.as_default():` ブロックの中に書きます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "tensorflow", "locked": true, "schema_version": 3, "solution": false, "task": false}
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow has much to say when it starts
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import tensorflow as tf

tf1 = tf.compat.v1

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "real_thing", "locked": true, "schema_version": 3, "solution": false, "task": false}
# real = tf.Graph()
# with real.as_default():
#     x = tf1.placeholder(tf.float32, (), name="x")
#     y = tf.add(x * x, 1.0, name="y")
#
# print("nothing computed yet:", y)
# print("nodes:", [f"{op.type} {op.name}" for op in real.get_operations()])
#
# with tf1.Session(graph=real) as session:
#     print("run:", session.run(y, {x: 3.0}), "and by name:", session.run("y:0", {"x:0": 4.0}))
#
# session = tf1.InteractiveSession(graph=real)  # from here on the default, until it is closed
# print("eval:", y.eval({x: 5.0}))
# session.close()  # gives back what it holds: variables, threads, the memory of a GPU
# try:
#     session.run(y, {x: 3.0})
# except RuntimeError as error:
#     print("after close:", error)

# %% [markdown] tags=["lang-en"]
# ## Task 8: two models as TF1 graphs
#
# A linear regression with plain gradient descent, and a classifier for the iris flowers of sprint 1. The functions *build*; they run nothing. Names are
# the interface: `x:0`, `loss:0`, `train` are all that somebody with the graph in a file has to go by. Then `fit`, the session that trains
# such a graph.
#
# `train` and `loss` in one `run` give the loss from before the step, as in your framework. Feed arrays, not tensors.
#
# **Hint.** `tf.identity(value, name="prediction")` gives a name to anything. `tf1.global_variables_initializer()` is called `init` if you let it. An optimizer
# takes a tensor as its learning rate. For the classifier: subtract a rough mean from the flowers, `tf.nn.sparse_softmax_cross_entropy_with_logits` wants logits,
# and a layer is `tf.matmul(x, w) + b`. Random initial weights: `tf.random.normal` with a fixed `seed`, if you have a hidden layer.

# %% [markdown] tags=["lang-ja"]
# ## 課題 8：TF1 のグラフで二つのモデル
#
# 単純な勾配降下法による線形回帰と、スプリント 1 で使ったアヤメ（iris）の分類器を作ります。関数は*作る*だけで、何も実行しません。インターフェースは名前です。
# グラフのファイルだけを受け取った人にとって、手がかりは `x:0`、`loss:0`、`train` といった名前しかありません。そのあと、このようなグラフを学習させるセッション `fit` を書きます。
#
# `train` と `loss` を一回の `run` で求めると、皆さんのフレームワークと同じように、更新前の損失が得られます。feed_dict には、テンソルではなく配列を渡してください。
#
# **ヒント。** `tf.identity(value, name="prediction")` を使えば、何にでも名前を付けられます。`tf1.global_variables_initializer()` は、何もしなければ `init` という名前に
# なります。オプティマイザの学習率にはテンソルも渡せます。分類器では、花のデータから大まかな平均を引くとよいでしょう。`tf.nn.sparse_softmax_cross_entropy_with_logits` に渡すのは
# ロジットです。層は `tf.matmul(x, w) + b` と書けます。隠れ層を入れるなら、重みの初期値は `seed` を決めた `tf.random.normal` で作りましょう。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_models", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_regression(features):
    """A linear regression as a TF1 graph: prediction = x w + b.

    Parameters
    ----------
    features : int, the number of columns of x

    Returns
    -------
    tf.Graph, a new one, with these names in it; all else, the initial values included, is your choice:
        x:0              placeholder, float32, (None, features)
        t:0              placeholder, float32, (None,)
        learning_rate:0  placeholder, float32, ()
        prediction:0     float32, (None,), any number of rows
        loss:0           float32, (), the mean of (prediction - t) ** 2
        init             operation: initialises all variables
        train            operation: one step of plain gradient descent on the loss, with the learning rate that is fed
    """
    ### BEGIN SOLUTION
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, (None, features), name="x")
        t = tf1.placeholder(tf.float32, (None,), name="t")
        learning_rate = tf1.placeholder(tf.float32, (), name="learning_rate")
        w = tf1.get_variable("w", (features,), initializer=tf1.zeros_initializer())
        b = tf1.get_variable("b", (), initializer=tf1.zeros_initializer())
        prediction = tf.add(tf.linalg.matvec(x, w), b, name="prediction")
        loss = tf.reduce_mean(tf.square(prediction - t), name="loss")
        tf1.train.GradientDescentOptimizer(learning_rate).minimize(loss, name="train")
        tf1.global_variables_initializer()
    return graph
    ### END SOLUTION


def build_classifier():
    """A classifier for iris flowers as a TF1 graph. Layers, optimizer and learning rate are your choice.

    Returns
    -------
    tf.Graph, a new one, with these names in it:
        x:0           placeholder, float32, (None, 4), in cm: sepal length, sepal width, petal length, petal width
        label:0       placeholder, int64, (None,), the species 0, 1, 2
        logits:0      float32, (None, 3)
        prediction:0  int64, (None,), the species with the largest logit
        loss:0        float32, (), the mean cross-entropy of softmax(logits) and nothing else; finite for large logits
        init          operation: initialises all variables
        train         operation: one step on the loss. After 200 steps, each with the same 100 flowers, at least 80 %
                      of new flowers must be named right.
    """
    ### BEGIN SOLUTION
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, (None, 4), name="x")
        label = tf1.placeholder(tf.int64, (None,), name="label")
        w = tf1.get_variable("w", (4, 3), initializer=tf1.zeros_initializer())
        b = tf1.get_variable("b", (3,), initializer=tf1.zeros_initializer())
        logits = tf.add(tf.matmul(x - [5.8, 3.1, 3.8, 1.2], w), b, name="logits")
        tf.argmax(logits, axis=1, name="prediction")
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=label, logits=logits)
        loss = tf.reduce_mean(loss, name="loss")
        tf1.train.GradientDescentOptimizer(0.2).minimize(loss, name="train")
        tf1.global_variables_initializer()
    return graph
    ### END SOLUTION


def fit(graph, feed, steps):
    """Train a graph in a session of its own: run `init` once, then `train`, `steps` times, always with the same feed.

    The session is closed at the end, also when a run fails.

    Parameters
    ----------
    graph : tf.Graph with the names `init`, `train`, `loss:0` and `prediction:0`. It may be finalized: nothing is
        added to it.
    feed : dict, tensor name such as "x:0" -> array
    steps : int

    Returns
    -------
    tuple (losses, prediction)
    losses : list of float, the loss before each step
    prediction : ndarray, the prediction for this feed after the last step
    """
    ### BEGIN SOLUTION
    with tf1.Session(graph=graph) as session:
        session.run("init")
        losses = [float(session.run(["loss:0", "train"], feed)[0]) for _ in range(steps)]
        return losses, session.run("prediction:0", feed)
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "models", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# rng = np.random.default_rng(0)
# x = rng.normal(size=(20, 2)).astype(np.float32)
# feed = {"x:0": x, "t:0": x @ [2.0, -1.0], "learning_rate:0": 0.1}
# losses, prediction = fit(build_regression(2), feed, 20)
# assert prediction.shape == (20,), "one prediction for each row"
# assert len(losses) == 20 and losses[-1] < losses[0], "one loss for each step, and it falls"
#
# flowers = rng.uniform(1.0, 5.0, size=(6, 4))
# losses, prediction = fit(build_classifier(), {"x:0": flowers, "label:0": [0, 1, 2, 0, 1, 2]}, 3)
# assert prediction.shape == (6,) and set(prediction.tolist()) <= {0, 1, 2}, "one species for each flower"

# %% [markdown] tags=["lang-en"]
# The classifier at work on a hundred flowers of sprint 1. Watch the loss: it falls fast at first, then ever more slowly.

# %% [markdown] tags=["lang-ja"]
# スプリント 1 と同じ花のうち百個を使って、分類器を動かしてみましょう。損失は、初めは速く、その後はだんだんゆっくり下がっていきます。

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "iris", "locked": true, "schema_version": 3, "solution": false, "task": false}
# import matplotlib.pyplot as plt
# from sklearn.datasets import load_iris
#
# shuffled = np.random.default_rng(20).permutation(150)
# flowers, species = load_iris().data[shuffled], load_iris().target[shuffled]
# losses, prediction = fit(build_classifier(), {"x:0": flowers[:100], "label:0": species[:100]}, 150)
# print(f"accuracy on the flowers it was trained with: {np.mean(prediction == species[:100]):.2f}")
# plt.figure(figsize=(5, 2.5), dpi=70)
# plt.plot(losses)
# plt.xlabel("step")
# plt.ylabel("loss")
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 9: decisions and loops inside the graph
#
# Remember the `if` of sprint 1. Try it on a placeholder and TensorFlow refuses: *using a symbolic tensor as a Python bool is not allowed*. Of course: when the `if` is executed, there is
# no value to decide by. Python's `if` and `for` run **while the graph is built**, once. If the decision is to depend on data, the decision itself has to be
# a node:
#
# - `tf1.cond(condition, f, g)` calls *both* functions, to write down both branches; a run takes only one of them.
# - `tf1.while_loop(condition, body, start)` writes the body down once; a run goes round as often as the data ask. A Python `for` would write it down over and over,
#   and could not know how often.
#
# Two small examples from the daily work of training. Gradients that are too long are clipped to a length (only if they are too long), and roots are found by Newton's
# method, as many steps as are needed.
#
# **Hint.** In `cond` both branches must give the same dtype and shape. Names for the results: `tf.identity(…, name="y")` outside. For Newton: $y \leftarrow (y + a/y)/2$. In float32
# an absolute bound on $|y^2 - a|$ can be out of reach for large $a$, and the loop never ends: take it relative to $a$.

# %% [markdown] tags=["lang-ja"]
# ## 課題 9：グラフの中の分岐とループ
#
# スプリント 1 の `if` を思い出してください。プレースホルダーに使ってみると、TensorFlow に断られます（*using a symbolic tensor as a Python bool is not allowed*）。当然です。`if` が
# 実行される時点では、判断に使う値がまだないからです。Python の `if` や `for` は、**グラフを作っている間に**、一度だけ実行されます。データによって判断したいなら、判断そのものを
# ノードにしなければなりません。
#
# - `tf1.cond(condition, f, g)` は、両方の分岐を書き留めるために、*両方の*関数を呼びます。実行のときに通るのは片方だけです。
# - `tf1.while_loop(condition, body, start)` は、ループの本体を一度だけ書き留めます。実行のときは、データに応じて必要な回数だけ回ります。Python の `for` では本体を何度も書くことになり、
#   そもそも何回書けばよいのか分かりません。
#
# 学習でよく使う小さな例を二つ作ります。長すぎる勾配を決まった長さに縮めること（長すぎるときだけ）と、ニュートン法で必要な回数だけ繰り返して平方根を求めることです。
#
# **ヒント。** `cond` の二つの分岐は、dtype と形をそろえる必要があります。結果に名前を付けるには、外側で `tf.identity(…, name="y")` とします。ニュートン法は $y \leftarrow (y + a/y)/2$ です。
# $|y^2 - a|$ を決まった小ささと比べると、$a$ が大きいとき float32 ではそこまで届かず、ループが終わらないことがあります。$a$ に対する相対的な大きさで判断しましょう。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_control", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_clip():
    """Clip a vector to a length, with a decision in the graph (`tf1.cond` or `tf.cond`).

    Returns
    -------
    tf.Graph, a new one, with these names in it:
        x:0      placeholder, float32, (None,)
        limit:0  placeholder, float32, (), positive
        y:0      float32, (None,): x itself if its Euclidean length is at most the limit; otherwise x, scaled to that
                 length
    """
    ### BEGIN SOLUTION
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, (None,), name="x")
        limit = tf1.placeholder(tf.float32, (), name="limit")
        length = tf.norm(x)
        tf.identity(tf1.cond(length > limit, lambda: x * (limit / length), lambda: x), name="y")
    return graph
    ### END SOLUTION


def build_root():
    """The square root by Newton's method, with a loop in the graph (`tf1.while_loop` or `tf.while_loop`).

    Returns
    -------
    tf.Graph, a new one, with these names in it:
        a:0      placeholder, float32, (), from 1e-4 to 1e6
        root:0   float32, (), the root to a relative error of 0.001. Start with y = a.
        steps:0  int32, (), how often the loop's body ran: as often as this a needs, or once or twice more
    """
    ### BEGIN SOLUTION
    graph = tf.Graph()
    with graph.as_default():
        a = tf1.placeholder(tf.float32, (), name="a")
        root, steps = tf1.while_loop(
            lambda y, n: tf.abs(y * y - a) > 0.0005 * a,
            lambda y, n: ((y + a / y) / 2, n + 1),
            (a, tf.constant(0)),
        )
        tf.identity(root, name="root")
        tf.identity(steps, name="steps")
    return graph
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "control", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# with tf1.Session(graph=build_clip()) as session:
#     assert np.allclose(session.run("y:0", {"x:0": [3.0, 4.0], "limit:0": 1.0}), [0.6, 0.8]), "a length of 5, clipped to 1"
# with tf1.Session(graph=build_root()) as session:
#     root, steps = session.run(["root:0", "steps:0"], {"a:0": 9.0})
# assert abs(root - 3.0) < 0.003, "the root of 9"
# assert steps > 0, "it takes some steps from 9 to 3"

# %% [markdown] tags=["lang-en"]
# ## Task 10: from TF1 to TF2
#
# Much TF1 code is still in use, and one day it lands on your desk. Porting it is mostly taking things away:
#
# | TF1 | TF2 |
# |---|---|
# | placeholder and `feed_dict` | an argument of a function |
# | `get_variable` and its initializer | a `tf.Variable` in a `tf.Module`, made **once**, initialised at once |
# | `loss` as a node, `tf1.gradients` | the loss computed inside `with tf.GradientTape() as tape:`, then `tape.gradient` |
# | `minimize` | `v.assign_sub(learning_rate * g)`, or an optimizer of Keras |
# | `Session`, `run`, `close` | nothing: a Python call |
#
# Below is an old training loop, softmax regression by mini-batches. It works. Write it new: **same numbers, no graph, no session.** That the numbers agree is the only
# proof that nothing got lost on the way, so write ports so that they can be compared: same initial weights, same batches, same order.
#
# **Hint.** The gradient is taken with respect to variables. `w = w - rate * g` makes a tensor of what was a variable, and the next tape no longer watches it.

# %% [markdown] tags=["lang-ja"]
# ## 課題 10：TF1 から TF2 へ
#
# TF1 のコードは今もたくさん使われていて、いつか皆さんのところにも回ってきます。移植とは、ほとんどの場合、余分なものを取り除くことです。
#
# | TF1 | TF2 |
# |---|---|
# | placeholder と `feed_dict` | 関数の引数 |
# | `get_variable` と初期化子 | `tf.Module` の中の `tf.Variable`。**一度だけ**作り、その場で初期化される |
# | ノードとしての `loss`、`tf1.gradients` | `with tf.GradientTape() as tape:` の中で損失を計算し、`tape.gradient` を呼ぶ |
# | `minimize` | `v.assign_sub(learning_rate * g)`、または Keras のオプティマイザ |
# | `Session`、`run`、`close` | 要らない。Python の呼び出しだけ |
#
# 下にあるのは、ミニバッチでソフトマックス回帰を学習する古いループです。ちゃんと動きます。これを書き直してください。**数値は同じで、グラフもセッションも使いません。** 途中で何も失われなかったことを
# 示せるのは、数値の一致だけです。ですから移植するときは、比べられるように書きます。同じ初期値、同じバッチ、同じ順番です。
#
# **ヒント。** 勾配は変数について求めます。`w = w - rate * g` と書くと、変数だったものがテンソルに変わり、次の tape はもう記録してくれません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "old_loop", "locked": true, "schema_version": 3, "solution": false, "task": false}
def train_v1(batches, w0, b0, learning_rate):
    """Softmax regression in TF1.

    batches: list of (x, label) with shapes (n, d) and (n,), n may differ; w0, b0: initial weights, (d, k) and (k,).
    Returns the final weights and, for each batch, the loss before its step.
    """
    graph = tf.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, (None, len(w0)))
        label = tf1.placeholder(tf.int64, (None,))
        w = tf1.get_variable("w", initializer=np.float32(w0))
        b = tf1.get_variable("b", initializer=np.float32(b0))
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=label, logits=tf.matmul(x, w) + b)
        loss = tf.reduce_mean(losses)
        train = tf1.train.GradientDescentOptimizer(learning_rate).minimize(loss)
        init = tf1.global_variables_initializer()
    history = []
    with tf1.Session(graph=graph) as session:
        session.run(init)
        for x_batch, label_batch in batches:
            history.append(float(session.run([loss, train], {x: x_batch, label: label_batch})[0]))
        return *session.run([w, b]), history

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_port", "locked": false, "schema_version": 3, "solution": true, "task": false}
class SoftmaxRegression(tf.Module):
    """The model of train_v1. It can be called in a tf.function, too.

    Parameters
    ----------
    w0, b0 : arrays of shapes (d, k) and (k,), the initial weights

    Attributes
    ----------
    w, b : tf.Variable, float32, trainable. Training changes their values; they stay the same two objects.
    """

    def __init__(self, w0, b0):
        super().__init__()
        ### BEGIN SOLUTION
        self.w = tf.Variable(w0, dtype=tf.float32)
        self.b = tf.Variable(b0, dtype=tf.float32)
        ### END SOLUTION

    def __call__(self, x):
        """array of any float type, or float32 tensor, (n, d) -> logits, float32 tensor (n, k)."""
        ### BEGIN SOLUTION
        return tf.matmul(tf.cast(x, tf.float32), self.w) + self.b
        ### END SOLUTION


def train_v2(model, batches, learning_rate):
    """The loop of train_v1 in TF2, eager or with tf.function as you like: no tf.compat.v1, no session.

    Parameters
    ----------
    model : SoftmaxRegression, changed in place. A second call goes on where the first has ended.
    batches : list of (x, label), as for train_v1; x may be float64, label is int64
    learning_rate : float

    Returns
    -------
    list of float : for each batch the loss before its step, the same numbers as train_v1's
    """
    ### BEGIN SOLUTION
    history = []
    for x, label in batches:
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=label, logits=model(x))
            loss = tf.reduce_mean(losses)
        variables = (model.w, model.b)
        for v, g in zip(variables, tape.gradient(loss, variables), strict=True):
            v.assign_sub(learning_rate * g)
        history.append(float(loss))
    return history
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "port", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# rng = np.random.default_rng(1)
# batches = [(rng.normal(size=(5, 4)), rng.integers(3, size=5)) for _ in range(4)]
# w0, b0 = rng.normal(size=(4, 3)), np.zeros(3)
# w, b, history = train_v1(batches, w0, b0, 0.5)
# model = SoftmaxRegression(w0, b0)
# assert np.allclose(train_v2(model, batches, 0.5), history, rtol=1e-4), "both loops must give the same losses"
# assert np.allclose(model.w.numpy(), w, rtol=1e-4, atol=1e-5), "and the same weights"

# %% [markdown] tags=["lang-en"]
# ## Which of the two?
#
# | | define by run | define, then run |
# |---|---|---|
# | the graph | appears while computing, new each time | is written first, then run many times |
# | `if`, `for` | Python's own | nodes: `cond`, `while_loop` |
# | an error in a shape | at the line that computes | at `run`, far from the line that wrote the node |
# | looking at a value | `print` | fetch it |
# | without Python, on another machine | no: the program is the Python code | yes: the graph is data |
# | optimised as a whole | hard | natural |
#
# TensorFlow 1 paid for the right column with the left one, and many people left it for that. TensorFlow 2 computes at once, and lets you ask for a graph where you want one: `tf.function` writes down
# what your Python function does. When it does so, and what it can and cannot see, is the next sprint.

# %% [markdown] tags=["lang-ja"]
# ## どちらがよいのか
#
# | | define by run | define, then run |
# |---|---|---|
# | グラフ | 計算しながらできる。毎回新しい | 先に書き、何度も実行する |
# | `if`、`for` | Python のものをそのまま使う | ノードにする（`cond`、`while_loop`） |
# | 形のエラー | 計算したその行で分かる | `run` のときに分かる。ノードを書いた行からは遠い |
# | 値を見る | `print` | fetch する |
# | Python なしで、別のマシンで動かす | できない（Python のコードがプログラムそのもの） | できる（グラフはデータ） |
# | 全体の最適化 | 難しい | 得意 |
#
# TensorFlow 1 は、右の列の長所のために左の列の長所をあきらめました。それが理由で離れていった人も大勢います。TensorFlow 2 はその場で計算し、必要なところだけグラフを頼めるようにしました。
# `tf.function` は、Python の関数がすることを書き留めてグラフにします。いつ書き留めるのか、何が見えて何が見えないのか。それが次のスプリントのテーマです。
