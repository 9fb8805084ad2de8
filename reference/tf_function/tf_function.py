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
# # tf.function: from eager to graph
#
# In sprint 1 the graph appeared while the program ran: Python carried out one operation after another. In sprint 2
# the graph was written down first, and run afterwards as a whole. The first way is pleasant to write, but Python
# stands between any two operations. The second is the other way round: a finished graph can be made faster, saved,
# and run where there is no Python at all, but an ordinary `if` or `while` is lost on it.
#
# TensorFlow 2 wants both. You write as in sprint 1. Then `tf.function` runs your Python **once**, with stand-ins
# instead of numbers, notes down every operation, and from then on runs that record. Running Python to get a graph is
# called **tracing**.
#
# Nearly everything in this sprint, the good and the surprising, follows from one sentence:
#
# > **Python happens while tracing. The graph happens at every call.**
#
# **When you are done you can**
#
# - turn a Python function into a graph, and say what becomes of its branches and loops;
# - predict when TensorFlow traces again, and prevent it where it should not;
# - keep state in variables that are created once and change in the order you wrote;
# - find Python values that are frozen into a graph;
# - train with one graph for all batch sizes;
# - hand a graph to somebody who does not have your code.
#
# **Out of scope:** `tf.data`, Keras' `fit`, XLA and what it makes faster, several devices, TensorFlow Lite, custom
# gradients, ragged and sparse tensors.
#
# **How to work.** Each task has one cell for your code and one cell of checks below it. The checks show the shape of
# the task. They are not all that is graded: the docstrings are the specification. Where a docstring says that
# something is your choice, every choice is accepted.

# %% [markdown] tags=["lang-ja"]
# # tf.function：eager からグラフへ
#
# スプリント 1 では、プログラムを実行している間にグラフができました。Python が演算を一つずつ順に実行していたのです。
# スプリント 2 では、先にグラフを書き、あとで全体をまとめて実行しました。前者は書きやすいのですが、
# 演算と演算の間に必ず Python が入ります。後者はその逆です。できあがったグラフは高速化でき、保存でき、Python
# のない環境でも実行できます。しかし、普通の `if` や `while` はグラフには伝わりません。
#
# TensorFlow 2 はその両方を目指します。書き方はスプリント 1 と同じです。`tf.function` は、その Python コードを、
# 数値の代わりに値のない「身代わり」を入れて**一度だけ**実行し、行われた演算をすべて記録します。
# その後は記録のほうを実行します。このように、Python を実行してグラフを得ることを**トレース**（tracing）と呼びます。
#
# このスプリントに出てくることは、便利なことも意外なことも、ほとんどが次の一文から導かれます。
#
# > **Python が動くのはトレースのときだけ。グラフは呼び出しのたびに動く。**
#
# **このスプリントを終えると、次のことができるようになります**
#
# - Python の関数をグラフに変え、分岐やループがどうなるかを説明する
# - TensorFlow がいつトレースし直すかを予測し、不要なトレースを防ぐ
# - 状態を変数に持たせる（変数は一度だけ作られ、書いた順に更新される）
# - グラフの中に固定されてしまった Python の値を見つける
# - どのバッチサイズにも使える一つのグラフで学習する
# - 自分のコードを持っていない人にグラフを渡す
#
# **扱わないこと：** `tf.data`、Keras の `fit`、XLA とその高速化、複数デバイス、TensorFlow Lite、独自の勾配、ragged
# テンソルと疎テンソル。
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
import numpy as np
import tensorflow as tf

# %% [markdown] tags=["lang-en"]
# The next cell is a drawing tool, so that you can see the graphs you make. There is nothing to learn from its code;
# run it and go on.

# %% [markdown] tags=["lang-ja"]
# 次のセルは、作ったグラフを目で見るための作図ツールです。コードの中身を読む必要はありません。
# 実行して先へ進んでください。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "drawing", "locked": true, "schema_version": 3, "solution": false, "task": false}
def graph_of(fn, *args):
    """The graph that tf.function records of fn for these arguments, as data (a GraphDef)."""
    return tf.function(fn).get_concrete_function(*args).graph.as_graph_def()


def part_of(graph, name):
    """The nodes of the first function in the graph's library with `name` in its own name: a branch, a loop's body."""
    return next(f.node_def for f in graph.library.function if name in f.signature.name)


def draw(axes, nodes, title):
    """Draw nodes as boxes, each to the right of its inputs. Constants and the plumbing of loops are left out."""
    kinds = {node.name: node.name if node.op == "Placeholder" else node.op for node in nodes}
    inputs = {node.name: [i.lstrip("^").split(":")[0] for i in node.input] for node in nodes}
    for name in [i for sources in inputs.values() for i in sources if i not in kinds]:
        kinds[name], inputs[name] = "input", []  # the parameter of a branch or of a loop's body

    def sources(name):
        """Where the inputs of a node come from, if Identity is looked through."""
        found = [s for i in inputs[name] for s in (sources(i) if kinds[i] == "Identity" else [i])]
        return [s for s in dict.fromkeys(found) if kinds[s] not in ("Const", "NoOp") and "_loop_" not in s]

    edges = {(s, name) for name, kind in kinds.items() if kind not in ("Identity", "NoOp") for s in sources(name)}
    column = dict.fromkeys([name for edge in sorted(edges) for name in edge], 0)
    for _ in column:
        for source, target in edges:
            column[target] = max(column[target], column[source] + 1)
    boxes, heights = {}, {}
    for name, x in column.items():
        heights[x] = heights.get(x, 0) + 1
        style = {"boxstyle": "round", "facecolor": "white"}
        boxes[name] = axes.text(x, -heights[x], kinds[name], ha="center", va="center", fontsize=8, bbox=style)
    for source, target in edges:
        ends = {"patchA": boxes[source].get_bbox_patch(), "patchB": boxes[target].get_bbox_patch()}
        bend = "arc3" if column[target] == column[source] + 1 else "arc3,rad=-0.3"
        arrow = {"arrowstyle": "->", "color": "gray", "connectionstyle": bend, **ends}
        axes.annotate("", boxes[target].get_position(), boxes[source].get_position(), arrowprops=arrow)
    axes.set(xlim=(-0.5, max(heights) + 0.5), ylim=(-max(heights.values()) - 0.6, -0.4))
    axes.set_title(title, fontsize=9)
    axes.axis("off")

# %% [markdown] tags=["lang-en"]
# ## Task 1: from a function to a graph
#
# `tf.function` takes a Python function and gives back an object that is called in the same way. When it is called for
# the first time, it traces: your function runs once, with symbolic tensors that have a dtype and a shape but no
# numbers. Every operation applied to them is noted down. This is what a small function leaves behind:

# %% [markdown] tags=["lang-ja"]
# ## 課題 1：関数からグラフへ
#
# `tf.function` に Python の関数を渡すと、同じように呼び出せるオブジェクトが返ってきます。初めて呼び出されたときに、
# トレースが行われます。関数が一度だけ、シンボリックテンソル（dtype と shape はあるが数値のないテンソル）
# を入力として実行され、それらに対する演算がすべて記録されます。小さな関数は、次のような記録を残します。

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
#
# def distance(a, b):
#     return tf.sqrt(tf.reduce_sum((a - b) ** 2))
#
#
# vector = tf.TensorSpec([3], tf.float32)
# figure, axes = plt.subplots(figsize=(6, 1))
# draw(axes, graph_of(distance, vector, vector).node, "distance: what is left of the Python code")
# plt.show()

# %% [markdown] tags=["lang-en"]
# And what about an `if`? A symbolic tensor has no value, so Python cannot decide. That is why, before tracing,
# **AutoGraph** rewrites the source of your function: an `if` whose condition is a tensor becomes a `tf.cond`, a
# `while` a `tf.while_loop`. *Both* branches are traced, both are in the graph, and the decision is made whenever the
# graph runs. (An `if` on an ordinary Python value is still decided by Python, while tracing; only the branch taken is
# recorded.)

# %% [markdown] tags=["lang-ja"]
# では、`if` はどうなるのでしょうか。シンボリックテンソルには値がないので、Python はどちらへ進むかを決められません。
# そこでトレースの前に、**AutoGraph** が関数のソースコードを書き換えます。条件がテンソルである `if` は `tf.cond` に、
# `while` は `tf.while_loop` になります。分岐は*両方とも*トレースされ、両方ともグラフに入り、
# どちらに進むかはグラフが実行されるたびに決まります。（条件が普通の Python の値なら、`if`
# はこれまでどおりトレース中に Python が判断し、通ったほうの分岐だけが記録されます。）

# %% tags=["active-ipynb"]
# def soften(x):
#     if x < 0:
#         x = tf.exp(x) - 1
#     else:
#         x = tf.sqrt(x)
#     return x
#
#
# graph = graph_of(soften, tf.TensorSpec([], tf.float32))
# figure, axes = plt.subplots(1, 3, figsize=(9, 1))
# draw(axes[0], graph.node, "soften")
# draw(axes[1], part_of(graph, "cond_true"), "its branch for x < 0")
# draw(axes[2], part_of(graph, "cond_false"), "its other branch")
# plt.show()

# %% [markdown] tags=["lang-en"]
# You write `as_graph`. There is little to write. What matters is *where*: a `tf.function` keeps its graphs, so it has
# to be built once. One that is built anew at each call remembers nothing and traces each time, which is slower than
# having no graph at all.
#
# Each graph function counts its traces: `f.experimental_get_tracing_count()`. All through this sprint, this counter
# is what we look at. A counter of your own in the body would not do: it is Python, so it counts something else, as
# task 5 will show.
#
# **Hint.** `tf.function(fn, **options)` is a call like any other. The decorator `@tf.function` is only another way to
# write it.

# %% [markdown] tags=["lang-ja"]
# `as_graph` を書いてください。書く量はわずかです。大切なのは*どこに*書くかです。`tf.function`
# は作ったグラフを覚えているので、一度だけ作らなければなりません。呼び出しのたびに作り直すと、
# 何も覚えていないので毎回トレースが行われ、グラフを使わないよりも遅くなります。
#
# グラフ関数は、自分が何回トレースされたかを数えています：`f.experimental_get_tracing_count()`。
# このスプリントでは一貫してこのカウンタを使います。関数の本体に自分でカウンタを入れても役に立ちません。それは Python
# のコードなので、別のものを数えてしまいます（課題 5 で確かめます）。
#
# **ヒント。** `tf.function(fn, **options)` は、普通の関数呼び出しです。デコレータ `@tf.function` は、その別の書き方に
# すぎません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_as_graph", "locked": false, "schema_version": 3, "solution": true, "task": false}
def as_graph(fn, **options):
    """Turn a Python function into a graph function.

    Parameters
    ----------
    fn : a function of tensors, arrays and numbers that returns tensors; it may use `if` and `while` on tensors
    options : passed on to tf.function as they are (input_signature, reduce_retracing); what is not given keeps
        tf.function's default, but jit_compile is your choice

    Returns
    -------
    a tf.function, made once, here. It is called like fn, by position or by keyword (with an input_signature, by
        position is enough). Its graphs consist of TensorFlow's operations, without calls back into Python, and
        gradients flow through them as through fn.
        Decorator or call, around fn itself or around a function of yours that calls fn: your choice.

    Must leave TensorFlow's global settings alone: outside of graphs, everything stays eager.
    """
    ### BEGIN SOLUTION
    return tf.function(fn, **options)
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "as_graph", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# def between(a, b):
#     return tf.sqrt(tf.reduce_sum((a - b) ** 2))
#
#
# def root(x):
#     if x < 0:
#         x = tf.zeros_like(x)
#     else:
#         x = tf.sqrt(x)
#     return x
#
#
# f = as_graph(between)
# here, there = tf.constant([0.0, 0.0]), tf.constant([3.0, 4.0])
# assert f(here, there).numpy() == 5.0, "the graph must compute what the function computes"
# assert f(there, there).numpy() == 0.0, "also for other numbers"
# assert f.experimental_get_tracing_count() == 1, "one trace serves all tensors of the same dtype and shape"
# assert as_graph(root)(tf.constant(9.0)).numpy() == 3.0, "a tensor may decide an if"

# %% [markdown] tags=["lang-en"]
# ## Task 2: when is it traced again?
#
# A recorded graph fits only arguments like those it was recorded with. At each call TensorFlow reduces the arguments
# to a **signature** and looks for a graph that has it. If there is none, your Python runs again. What counts is this:
#
# | argument | what of it counts |
# |---|---|
# | tensor | dtype and shape, never the numbers in it |
# | ndarray | the same: it is taken as a tensor |
# | Python number | its value |
# | left out | the value of its default |
#
# Whether an argument came by position or by keyword does not count, and neither does the order of keywords.
#
# Read the third line again. `f(x, 1)`, `f(x, 2)`, `f(x, 3)` are three graphs. A loop counter that is passed as a
# Python int is the most frequent way to make a TensorFlow program slow: it traces at every step.
#
# You write the prediction: no graph is made, you only apply the rules.
#
# **Hint.** Bring each call into one form first. A small function `def form(x, y=0): return x, y`, called with the
# arguments, does that. Then reduce both values to what counts; a set does the rest.

# %% [markdown] tags=["lang-ja"]
# ## 課題 2：いつトレースし直されるか
#
# 記録されたグラフは、記録したときと同じような引数にしか使えません。TensorFlow
# は呼び出しのたびに引数を**シグネチャ**にまとめ、それに合うグラフを探します。なければ、もう一度 Python
# のコードが実行されます。シグネチャで区別されるのは次のものです。
#
# | 引数 | 区別されるもの |
# |---|---|
# | テンソル | dtype と shape（中の数値は関係ない） |
# | ndarray | 同上（テンソルとして扱われる） |
# | Python の数 | 値そのもの |
# | 省略された引数 | デフォルト値 |
#
# 位置で渡したかキーワードで渡したか、キーワードをどの順に書いたかは関係ありません。
#
# 三行目をもう一度読んでください。`f(x, 1)`、`f(x, 2)`、`f(x, 3)` は三つの別のグラフになります。ループのカウンタを
# Python の int のまま渡すのは、TensorFlow のプログラムが遅くなる原因としていちばんよくあるものです。毎ステップ、
# トレースが行われます。
#
# ここでは予測を書きます。グラフは作らず、規則を当てはめるだけです。
#
# **ヒント。** まず、どの呼び出しも一つの形にそろえます。`def form(x, y=0): return x, y`
# という小さな関数にその引数を渡せばそろいます。次に、二つの値をそれぞれ区別されるものだけにします。あとは集合（set）
# がやってくれます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_predict_traces", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_traces(calls):
    """How often a new tf.function of `def f(x, y=0)`, without options, would be traced by these calls.

    Parameters
    ----------
    calls : list of (args, kwargs), a tuple and a dict with the names x and y, in the order in which they are made.
        The arguments are tensors and ndarrays of numbers, and Python ints and floats. (Numbers that are equal have equal types.)
        They are left as they are, and several calls may share a dict.

    Returns
    -------
    int

    Must cope with 5,000 calls in a second: predict, do not trace.
    """
    ### BEGIN SOLUTION
    def form(x, y=0):
        return x, y

    def counts(value):
        return value if isinstance(value, (int, float)) else (tf.as_dtype(value.dtype), tuple(value.shape))

    return len({tuple(map(counts, form(*args, **kwargs))) for args, kwargs in calls})
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "predict_traces", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# calls = [((tf.zeros(2),), {}), ((tf.ones(2),), {}), ((tf.zeros(3),), {}), ((tf.zeros(3), 7), {})]
# assert predict_traces(calls) == 3, "the first two calls share a graph"
# assert predict_traces([((), {"x": tf.zeros(2), "y": 7}), ((tf.zeros(2), 7), {})]) == 1, "it is the same call"

# %% [markdown] tags=["lang-en"]
# ## Task 3: a cache of graphs
#
# Now build the memory yourself. What `tf.function` keeps is, at heart, a dictionary: signature → graph. To record
# *one* graph you may use TensorFlow; which graph to record, and when, is up to your class.
#
# In one point your cache shall be better than the original. For Python `1 == 1.0 == True`, so a dictionary takes them
# for the same key. TensorFlow 2 falls into this trap: after `f(1)`, the call `f(1.0)` is answered by the graph of the
# integer. Try it with `f = tf.function(lambda n: tf.constant(n))`. In your cache the type of a number counts as well.
#
# **Hint.** `tf.function(body).get_concrete_function(*specs)` records one graph for given `tf.TensorSpec`s and gives
# you something to call with tensors. Python numbers do not go in as tensors: `body` is a function of the tensors
# alone, and takes the numbers from around it.

# %% [markdown] tags=["lang-ja"]
# ## 課題 3：グラフのキャッシュ
#
# 今度は、その記憶を自分で作ります。`tf.function` が持っているものは、つまるところ「シグネチャ → グラフ」
# という辞書です。グラフを*一つ*記録するところは TensorFlow に任せてかまいません。どのグラフをいつ記録するかを、
# 自分のクラスで決めます。
#
# 一か所だけ、本家よりも良いものにしましょう。Python では `1 == 1.0 == True` なので、
# 辞書はこれらを同じキーとみなします。TensorFlow 2 もこの罠にはまっていて、`f(1)` のあとで `f(1.0)` を呼ぶと、
# 整数用のグラフが答えます。`f = tf.function(lambda n: tf.constant(n))` で試してみてください。皆さんのキャッシュでは、
# 数の型も区別します。
#
# **ヒント。** `tf.function(body).get_concrete_function(*specs)` は、与えられた `tf.TensorSpec`
# に対してグラフを一つ記録し、テンソルを渡して呼び出せるものを返します。Python の数はテンソルとしては渡しません。
# `body` はテンソルだけを引数とする関数にして、数はその外側から参照します。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_graph_cache", "locked": false, "schema_version": 3, "solution": true, "task": false}
class GraphCache:
    """Calls fn through graphs, one for each signature.

    Parameters
    ----------
    fn : a Python function of tensors and Python numbers, by position or by keyword; returns one tensor

    Attributes
    ----------
    graphs : dict, signature -> the graph recorded for it. Empty at first. What kind of object stands for a graph is
        your choice.
    """

    def __init__(self, fn):
        ### BEGIN SOLUTION
        self.fn = fn
        self.graphs = {}
        ### END SOLUTION

    def signature(self, *args, **kwargs):
        """What decides which graph serves a call; hashable.

        Of a tensor or an ndarray the dtype and the shape count, of a Python number (bool, int, float) the type and the
        value. The names of keywords count, their order does not. Whether f(x) and f(x=x) have one signature or two is
        your choice.
        """
        ### BEGIN SOLUTION
        def counts(value):
            if type(value) in (bool, int, float):
                return type(value), value
            return tf.as_dtype(value.dtype), tuple(value.shape)

        return tuple(map(counts, args)), tuple((name, counts(kwargs[name])) for name in sorted(kwargs))
        ### END SOLUTION

    def __call__(self, *args, **kwargs):
        """fn(*args, **kwargs), computed by the graph for this signature; a tensor.

        The graph is recorded when its signature is met for the first time. After that fn is not run again for it.
        """
        ### BEGIN SOLUTION
        key = self.signature(*args, **kwargs)
        names = sorted(kwargs)
        values = [*args, *(kwargs[name] for name in names)]
        places = [i for i, value in enumerate(values) if type(value) not in (bool, int, float)]
        tensors = [tf.convert_to_tensor(values[i]) for i in places]
        if key not in self.graphs:

            def body(*symbols):
                filled = list(values)
                for i, symbol in zip(places, symbols, strict=True):
                    filled[i] = symbol
                return self.fn(*filled[: len(args)], **dict(zip(names, filled[len(args) :], strict=True)))

            specs = [tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in tensors]
            self.graphs[key] = tf.function(body).get_concrete_function(*specs)
        return self.graphs[key](*tensors)
        ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "graph_cache", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
# cache = GraphCache(lambda x, factor: x * factor)
# assert cache(tf.constant([1.0, 2.0]), 3).numpy().tolist() == [3.0, 6.0], "the result must be fn's"
# assert cache(tf.constant([5.0, 6.0]), 3).numpy().tolist() == [15.0, 18.0], "also for other numbers"
# assert len(cache.graphs) == 1, "both calls have the same signature"
# cache(tf.constant([1.0, 2.0]), 4)
# assert len(cache.graphs) == 2, "another Python number needs another graph"

# %% [markdown] tags=["lang-en"]
# ## Task 4: state belongs in a variable
#
# The class below looks innocent, and in eager mode it works. As a graph function it is wrong: `append` is Python, so
# it happens while tracing. And what it appends is not a number but a symbolic tensor that nobody can use afterwards.

# %% [markdown] tags=["lang-ja"]
# ## 課題 4：状態は変数に持たせる
#
# 次のクラスは何の問題もなさそうに見えますし、eager モードでは正しく動きます。
# しかしグラフ関数にすると間違いになります。`append` は Python なので、トレースのときにしか実行されないからです。
# しかも、加えられるのは数値ではなく、あとで誰も使えないシンボリックテンソルです。

# %% tags=["active-ipynb"]
# class ListCounter(tf.Module):
#     def __init__(self):
#         super().__init__()
#         self.seen = []
#
#     @tf.function
#     def __call__(self, x):
#         self.seen.append(x)  # Python: while tracing only
#         return x
#
#
# forgetful = ListCounter()
# for number in (1.0, 2.0, 3.0):
#     forgetful(tf.constant(number))
# print(len(forgetful.seen), "of 3 calls counted; what was kept:", type(forgetful.seen[0]).__name__)

# %% [markdown] tags=["lang-en"]
# A `tf.Variable` is state that the graph itself can read and change. `assign` and `assign_add` become operations in
# the graph, so they happen at every call. Unlike in sprint 2, nobody has to say that one comes before the other:
# `tf.function` runs reads and writes of a variable in the order in which your Python did them while tracing.
#
# One thing to look out for in `restart`: a variable is not a number. Whoever returns the variable after changing it
# returns the new value.
#
# **Hint.** `read_value()` reads a variable here and now, and gives an ordinary tensor.

# %% [markdown] tags=["lang-ja"]
# `tf.Variable` は、グラフ自身が読み書きできる状態です。`assign` や `assign_add` はグラフの中の演算になるので、
# 呼び出しのたびに実行されます。スプリント 2 と違って、順序を明示する必要はありません。`tf.function` では、
# 変数の読み書きは、トレースのときに Python が行った順に実行されます。
#
# `restart` では一つ注意が必要です。変数は数値ではありません。変更したあとで変数を返すと、新しい値が返ってしまいます。
#
# **ヒント。** `read_value()` はその時点で変数を読み、普通のテンソルを返します。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_counter", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Counter(tf.Module):
    """Counts and adds up inside the graph.

    Attributes
    ----------
    count : tf.Variable, int64, shape (): calls since the last restart; 0 at first
    total : tf.Variable, float32, shape (): the sum of all numbers since the last restart; 0 at first

    Each Counter has its own. Whether they are trainable is your choice.
    """

    def __init__(self):
        ### BEGIN SOLUTION
        super().__init__()
        self.count = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.total = tf.Variable(0.0, trainable=False)
        ### END SOLUTION

    @tf.function
    def __call__(self, x):
        """Count this call and add the numbers in x to the total.

        Parameters
        ----------
        x : tensor, float32, of any shape

        Returns
        -------
        tensor, float32, shape () : total / count, this call included
        """
        ### BEGIN SOLUTION
        self.count.assign_add(1)
        self.total.assign_add(tf.reduce_sum(x))
        return self.total / tf.cast(self.count, tf.float32)
        ### END SOLUTION

    @tf.function
    def restart(self):
        """Set count and total to 0; return the total there was before, a float32 tensor of shape ()."""
        ### BEGIN SOLUTION
        before = self.total.read_value()
        self.count.assign(0)
        self.total.assign(0.0)
        return before
        ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "counter", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# counter = Counter()
# counter(tf.constant(2.0))
# assert counter(tf.constant(4.0)).numpy() == 3.0, "(2 + 4) / 2"
# assert counter.count.numpy() == 2, "two calls"
# assert counter.__call__.experimental_get_tracing_count() == 1, "one graph for both"
# counter.restart()
# assert counter.count.numpy() == 0, "restart begins again"

# %% [markdown] tags=["lang-en"]
# ## Task 5: variables are created once
#
# A layer often learns only from its first input how large its weights must be. So it creates them at its first call,
# and that may well be inside a graph function. `tf.function` allows this on one condition: variables may be created
# *at the first call* only. To find out whether you keep to that, it runs your Python twice then:

# %% [markdown] tags=["lang-ja"]
# ## 課題 5：変数は一度だけ作る
#
# 層の重みの形（shape）は、最初の入力を見て初めて決まることがよくあります。その場合、
# 変数は最初の呼び出しのときに作ります。それがグラフ関数の中で起こることも珍しくありません。`tf.function`
# はこれを一つの条件のもとで許しています。変数を作ってよいのは*最初の呼び出し*のときだけ、という条件です。
# それが守られているかを確かめるために、最初の呼び出しでは Python のコードが二回実行されます。

# %% tags=["active-ipynb"]
# class Scale(tf.Module):
#     def __init__(self):
#         super().__init__()
#         self.factor = None
#         self.body_runs = 0
#
#     @tf.function
#     def __call__(self, x):
#         self.body_runs += 1  # a counter in the body
#         if self.factor is None:
#             self.factor = tf.Variable(2.0)
#         return self.factor * x
#
#
# scale = Scale()
# scale(tf.constant(1.0))
# print("one call; the body ran", scale.body_runs, "times")

# %% [markdown] tags=["lang-en"]
# That is why a counter in the body counts something else than graphs in use. It is also why the layer must ask
# whether it already has its variables.
#
# Beware of weights that are no variables. A plain tensor `w = tf.random.normal(...)`, made while tracing, belongs to
# *that trace*: it can be drawn anew for each batch size, and no training can move it.
#
# **Hint.** `None` in `__init__`, and `if self.w is None` in `__call__`. This `if` is about a Python value, so it is
# decided while tracing, and that is just what you want here.

# %% [markdown] tags=["lang-ja"]
# ですから、本体に入れたカウンタの値は、実際に使われるグラフの数とは別のものです。また、
# 層は「変数をもう持っているかどうか」を自分で確かめなければなりません。
#
# 変数ではない重みにも気をつけてください。トレース中に作られた普通のテンソル `w = tf.random.normal(...)` は、
# *そのトレース*のものです。バッチサイズが変わるたびに作り直されることがあり、学習で動かすこともできません。
#
# **ヒント。** `__init__` では `None` にしておき、`__call__` の中で `if self.w is None` とします。この `if` は Python
# の値についての条件なので、トレース中に判断されます。ここではそれでよいのです。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_lazy_dense", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LazyDense(tf.Module):
    """A dense layer that creates its variables at the first call, when it sees how many features there are.

    Parameters
    ----------
    units : int, the number of outputs

    Attributes
    ----------
    w : None, after the first call a tf.Variable, float32, (features, units), with random numbers, each drawn for itself
        and new ones in each layer, of mean 0 and standard deviation features ** -0.5
    b : None, after the first call a tf.Variable, float32, (units,), with zeros

    These two are its only variables, and its own.
    """

    def __init__(self, units):
        ### BEGIN SOLUTION
        super().__init__()
        self.units = units
        self.w = None
        self.b = None
        ### END SOLUTION

    def __call__(self, x):
        """x @ w + b: float32 (n, features) -> float32 (n, units).

        Called in eager mode and inside graph functions of others, for any n. Gradients reach w and b in both.
        """
        ### BEGIN SOLUTION
        if self.w is None:
            features = x.shape[-1]
            self.w = tf.Variable(tf.random.normal([features, self.units], stddev=features**-0.5))
            self.b = tf.Variable(tf.zeros([self.units]))
        return x @ self.w + self.b
        ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "lazy_dense", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# layer = LazyDense(2)
# assert layer.w is None, "nothing is created before the first call"
# inside_a_graph = tf.function(layer.__call__)
# assert inside_a_graph(tf.ones([5, 3])).shape == (5, 2), "5 rows in, 5 rows out"
# assert layer.w.shape == (3, 2), "3 features, 2 units"
# inside_a_graph(tf.zeros([5, 3]))
# assert len(layer.variables) == 2, "w and b, however often it is called"

# %% [markdown] tags=["lang-en"]
# ## Task 6: what is frozen into a graph
#
# A graph knows nothing of your Python variables. What it finds while tracing becomes a constant:

# %% [markdown] tags=["lang-ja"]
# ## 課題 6：グラフの中に固定されてしまうもの
#
# グラフは Python の変数のことを何も知りません。トレースのときに見つかった値は、定数になります。

# %% tags=["active-ipynb"]
# gain = 2.0
#
#
# @tf.function
# def amplified(x):
#     return gain * x + np.random.normal(size=3)
#
#
# zeros = tf.zeros(3, tf.float64)
# print("random, isn't it?  ", amplified(zeros).numpy())
# print("a second call:     ", amplified(zeros).numpy())
# gain = 1000.0
# print("1000 times as loud:", amplified(zeros + 1).numpy())

# %% [markdown] tags=["lang-en"]
# Two faults, one cause. `gain` was read while tracing, and is 2.0 in the graph for ever. `np.random.normal` was
# called while tracing, and its three numbers are noise no longer. And nothing warns you.
#
# The remedy is the same for both: what is to happen at each call must be an operation. A value that changes goes into
# a variable, random numbers come from `tf.random`.
#
# You repair it, as a class. Building a new graph function whenever the gain changes would give right results too, but
# it would trace each time; a trace must not be needed.
#
# **Hint.** `tf.random.normal(tf.shape(x))`: with `x.shape` you get the shape that is known while tracing, and it may
# have a None in it.

# %% [markdown] tags=["lang-ja"]
# 間違いは二つですが、原因は一つです。`gain` はトレースのときに読まれたので、グラフの中ではいつまでも 2.0 のままです。
# `np.random.normal` もトレースのときに呼ばれたので、その三つの数はもう乱数ではありません。しかも、
# 警告は何も出ません。
#
# 直し方はどちらも同じです。呼び出しのたびに起こってほしいことは、演算でなければなりません。変わる値は変数に入れ、
# 乱数は `tf.random` で作ります。
#
# これを直して、クラスとして書いてください。ゲインが変わるたびにグラフ関数を作り直しても正しい結果は得られますが、
# そのたびにトレースが行われます。新しいトレースなしで済むようにしてください。
#
# **ヒント。** `tf.random.normal(tf.shape(x))` を使いましょう。`x.shape` はトレースの時点で分かっている形なので、None
# を含むことがあります。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_amplifier", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Amplifier(tf.Module):
    """gain * x + noise, where the gain can be changed and the noise is new at each call, also in another Amplifier.

    Parameters
    ----------
    gain : float
    noise : float, the standard deviation of the noise; 0.0 means none
    """

    def __init__(self, gain, noise):
        ### BEGIN SOLUTION
        super().__init__()
        self.gain = tf.Variable(gain, dtype=tf.float32, trainable=False)
        self.noise = noise
        ### END SOLUTION

    def set_gain(self, gain):
        """From now on amplify by this float. Needs no new trace."""
        ### BEGIN SOLUTION
        self.gain.assign(gain)
        ### END SOLUTION

    @tf.function
    def __call__(self, x):
        """gain * x + noise * (a standard normal number for each element), float32 (n,) -> float32 (n,), for any n."""
        ### BEGIN SOLUTION
        return self.gain * x + self.noise * tf.random.normal(tf.shape(x))
        ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "amplifier", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# quiet = Amplifier(2.0, 0.0)
# assert quiet(tf.ones(3)).numpy().tolist() == [2.0, 2.0, 2.0], "2 times as loud, without noise"
# quiet.set_gain(5.0)
# assert quiet(tf.ones(3)).numpy().tolist() == [5.0, 5.0, 5.0], "the new gain holds at once"
# noisy = Amplifier(1.0, 0.5)
# assert (noisy(tf.zeros(3)).numpy() != noisy(tf.zeros(3)).numpy()).any(), "the noise is new at each call"

# %% [markdown] tags=["lang-en"]
# ## Task 7: a loop that depends on the data
#
# How long a loop runs may depend on numbers that are known only when the graph runs. Then the loop itself must be
# *in* the graph. Here is the same function, traced twice: with a Python int, and with a tensor.

# %% [markdown] tags=["lang-ja"]
# ## 課題 7：データによって回数が変わるループ
#
# ループの回数が、グラフを実行するまで分からない数値によって決まることがあります。その場合は、
# ループそのものがグラフの*中に*なければなりません。次の図は、同じ関数を Python の int
# とテンソルでそれぞれトレースしたものです。

# %% tags=["active-ipynb"]
# def halvings(n):
#     count = tf.constant(0)
#     while n > 1:
#         n = n // 2
#         count += 1
#     return count
#
#
# unrolled, looped = graph_of(halvings, 64), graph_of(halvings, tf.TensorSpec([], tf.int32))
# figure, axes = plt.subplots(1, 3, figsize=(11, 1.2), width_ratios=[5, 3, 3])
# draw(axes[0], unrolled.node, "traced with 64: Python ran the loop")
# draw(axes[1], looped.node, "traced with a tensor")
# draw(axes[2], part_of(looped, "while_body"), "the body of its loop")
# plt.show()

# %% [markdown] tags=["lang-en"]
# On the left, Python has gone through the loop while tracing, and six additions are left: a graph for 64 and for
# nothing else. For $2^{40}$ it would be 40 additions, and another graph. On the right the loop is one operation with
# a graph of its own as its body. Its size does not depend on how often the loop runs.
#
# The graph on the right is made only if `n` is a tensor. The `input_signature` in the next cell sees to that: it says
# once and for all what comes in, turns Python numbers into such tensors, and refuses everything else. So there is
# never more than one trace.
#
# The task: the Collatz sequence halves an even number and turns an odd `n` into `3 * n + 1`. Whether everyone reaches
# 1 in the end is an open question since 1937.
#
# **Hint.** Whatever changes in the loop must have the same dtype and shape before and after. Begin with
# `tf.constant(0, tf.int64)`.

# %% [markdown] tags=["lang-ja"]
# 左では、トレースのときに Python がループを最後まで回してしまい、残ったのは六つの足し算だけです。これは 64
# 専用のグラフで、ほかの数には使えません。$2^{40}$ なら足し算が 40 個並んだ別のグラフになります。右では、
# ループが一つの演算になり、その本体が小さなグラフになっています。ループが何回まわっても、
# グラフの大きさは変わりません。
#
# 右のようなグラフになるのは、`n` がテンソルのときだけです。次のセルの `input_signature` がそれを保証します。
# 入力が何であるかを最初に決めておくと、Python の数はそのテンソルに変換され、それ以外のものは拒否されます。だから、
# トレースは一回で済みます。
#
# 課題はコラッツ数列です。偶数なら半分にし、奇数 `n` なら `3 * n + 1` にします。どの数から始めてもいつかは 1
# になるのかどうかは、1937 年以来の未解決問題です。
#
# **ヒント。** ループの中で変わるものは、前とあとで dtype と shape が同じでなければなりません。
# `tf.constant(0, tf.int64)` から始めましょう。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_collatz_steps", "locked": false, "schema_version": 3, "solution": true, "task": false}
@tf.function(input_signature=[tf.TensorSpec([], tf.int64)])
def collatz_steps(n):
    """How many steps lead from n to 1, where a step halves an even number and turns an odd n into 3 * n + 1.

    Parameters
    ----------
    n : int64 tensor of shape (), or a Python int; at least 1

    Returns
    -------
    int64 tensor of shape (); 0 for n = 1

    Must be a tf.function with one graph for all n, Python ints too, whose size does not depend on n.
    AutoGraph, tf.while_loop and tf.cond, or anything else that stays inside the graph: your choice.
    """
    ### BEGIN SOLUTION
    steps = tf.constant(0, tf.int64)
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "collatz_steps", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# assert collatz_steps(tf.constant(6, tf.int64)).numpy() == 8, "6, 3, 10, 5, 16, 8, 4, 2, 1"
# assert collatz_steps(1).numpy() == 0, "already there"
# assert collatz_steps.experimental_get_tracing_count() == 1, "one graph for all numbers"

# %% [markdown] tags=["lang-en"]
# ## Task 8: a list that grows inside a loop
#
# In eager mode one collects results in a list. Inside a loop of the graph this fails, as `append` did in task 4: the
# body is traced once, so the list gets one symbolic tensor. A `tf.TensorArray` is the graph's list. Two things are
# different: `write` returns the array that goes on, so `ta = ta.write(i, x)`, and in the end `stack()` makes one
# tensor of it. Gradients flow through it.
#
# The task is a sum that cannot fall below zero: like a bucket that water flows into and out of, and that is empty at
# worst. Statisticians use it to notice that a measured value has begun to drift. Each element depends on the one
# before, and each is needed.
#
# **Hint.** `tf.range(tf.size(xs))` is a range that the graph can count through; `range(len(xs))` is one for Python.

# %% [markdown] tags=["lang-ja"]
# ## 課題 8：ループの中で伸びるリスト
#
# eager モードなら、結果はリストに集めれば済みます。グラフのループの中ではうまくいきません。課題 4 の `append`
# と同じ理由です。本体がトレースされるのは一度だけなので、リストにはシンボリックテンソルが一つ入るだけです。
# グラフでリストの役目をするのが `tf.TensorArray` です。違いは二つあります。`write` は続きの配列を返すので
# `ta = ta.write(i, x)` と書きます。そして最後に `stack()` で一つのテンソルにします。勾配も通ります。
#
# 課題は、ゼロより小さくならない累積和です。水が入ったり出たりするバケツを思い浮かべてください。
# 空より少なくはなりません。統計では、測定値がずれ始めたことを見つけるために使われます。
# どの要素も一つ前の要素から決まり、途中の値もすべて必要です。
#
# **ヒント。** `tf.range(tf.size(xs))` はグラフが数える範囲、`range(len(xs))` は Python が数える範囲です。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_running_sums", "locked": false, "schema_version": 3, "solution": true, "task": false}
@tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
def running_sums(xs):
    """Sums that never fall below zero: s[t] = max(s[t - 1] + xs[t], 0), with 0 before the first.

    Parameters
    ----------
    xs : float32 tensor (n,), or an ndarray or a list of floats; n may be 0; all numbers and sums are finite

    Returns
    -------
    float32 tensor (n,) : s[0], ..., s[n - 1]

    Must be a tf.function with one graph for all n, through which gradients flow to xs.
    A loop with a TensorArray, tf.scan, or anything else that stays inside the graph: your choice, with the rounding
    errors that it brings.
    """
    ### BEGIN SOLUTION
    sums = tf.TensorArray(tf.float32, size=tf.size(xs))
    s = tf.constant(0.0)
    for t in tf.range(tf.size(xs)):
        s = tf.maximum(s + xs[t], 0.0)
        sums = sums.write(t, s)
    return sums.stack()
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "running_sums", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# assert running_sums([1.0, 2.0, -5.0, 4.0]).numpy().tolist() == [1.0, 3.0, 0.0, 4.0], "the sum stops at zero"
# assert running_sums([-1.0, 2.0]).numpy().tolist() == [0.0, 2.0], "and begins again from there"
# assert running_sums.experimental_get_tracing_count() == 1, "one graph for both lengths"

# %% [markdown] tags=["lang-en"]
# ## Task 9: a training step
#
# Now everything together: a graph that computes a loss and its gradients, and changes variables, for any batch size,
# since the last batch of an epoch is often smaller.
#
# The learning rate falls from step to step, so the step's number goes in as well. The caller has a Python int at
# hand, `for step in range(100)`. You know what comes of that, unless the signature prevents it.
#
# **Hint.** `[None, d]` in a `tf.TensorSpec` means: any number of rows. Open the `GradientTape` inside the function,
# so that the gradients become part of the graph. Look at shapes: if the prediction were `(n, 1)` and `y` `(n,)`,
# their difference would be `(n, n)`, and nobody would complain.

# %% [markdown] tags=["lang-ja"]
# ## 課題 9：学習の一ステップ
#
# ここまでのことを一つにまとめます。損失と勾配を計算し、変数を更新するグラフを作ります。
# エポックの最後のバッチは小さくなることが多いので、どのバッチサイズでも使えなければなりません。
#
# 学習率はステップごとに下げていくので、ステップの番号も入力します。呼び出す側では `for step in range(100)` のように
# Python の int です。シグネチャで防がないとどうなるかは、もう分かりますね。
#
# **ヒント。** `tf.TensorSpec` の `[None, d]` は「行数は任意」という意味です。`GradientTape` は関数の中で開きます。
# そうすれば勾配の計算もグラフに入ります。shape にも注意してください。予測が `(n, 1)` で `y` が `(n,)` だと、差は
# `(n, n)` になり、しかもエラーは出ません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "regression", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Regression(tf.Module):
    """A linear model: float32 (n, features) -> float32 (n,)."""

    def __init__(self, features):
        super().__init__()
        self.features = features
        self.w = tf.Variable(tf.zeros([features]))
        self.b = tf.Variable(0.0)

    def __call__(self, x):
        return tf.linalg.matvec(x, self.w) + self.b

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_train_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_train_step(model, learning_rate):
    """Make the graph function that takes one step of gradient descent on the mean squared error.

    Parameters
    ----------
    model : a tf.Module with `features` (int) and `trainable_variables`, called with float32 (n, features), gives
        float32 (n,). Its variables exist. Not only a Regression.
    learning_rate : float

    Returns
    -------
    train_step(x, y, step), a tf.function with an input signature for these parameters, by position or by keyword:
        x : float32 (n, features), any n; y : float32 (n,)
        step : the number of the step from 0 on, a Python int or a NumPy integer; which integer or float dtype it has in
            the graph is your choice
        It changes each trainable variable by - learning_rate / (1 + step) * gradient of the loss, and returns the
        loss before the change, a float32 scalar: the mean of (prediction - y) ** 2. It calls the model once a step.

    One graph serves all batch sizes and all steps. Rows with another number of features are refused with TypeError or
    ValueError, by the signature.
    """
    ### BEGIN SOLUTION
    signature = [
        tf.TensorSpec([None, model.features], tf.float32),
        tf.TensorSpec([None], tf.float32),
        tf.TensorSpec([], tf.int64),
    ]

    @tf.function(input_signature=signature)
    def train_step(x, y, step):
        variables = model.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - y) ** 2)
        rate = learning_rate / (1.0 + tf.cast(step, tf.float32))
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            if gradient is not None:  # the loss does not depend on this variable
                variable.assign_sub(rate * gradient)
        return loss

    return train_step
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "train_step", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# model = Regression(2)
# train_step = make_train_step(model, learning_rate=0.1)
# x, y = tf.constant([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), tf.constant([1.0, 2.0, 3.0])
# losses = [float(train_step(x, y, step)) for step in range(20)]
# assert losses[-1] < losses[0], "the loss must fall"
# train_step(x[:1], y[:1], 20)
# assert train_step.experimental_get_tracing_count() == 1, "one graph for all batch sizes and steps"

# %% [markdown] tags=["lang-en"]
# ## Task 10: give it away
#
# A graph needs no Python, so it can leave your program. A **SavedModel** is a folder with the graphs and the values
# of the variables. TensorFlow Serving, C++, Java, or a colleague without your source can load and call it. They see
# **signatures**: graphs with a name, named inputs and named outputs. What is not traced is not in there; what they
# can call is what you have recorded for them.
#
# So the batch size must stay open, or your model can be called with the batch you happened to test with, and no
# other.
#
# **Hint.** Make a graph function with an `input_signature`, whose parameter is called `x` and which returns a dict
# `{"y": ...}`, and pass it on as `signatures={"serving_default": ...}`. Save the module itself, so that its variables
# go along.

# %% [markdown] tags=["lang-ja"]
# ## 課題 10：ほかの人に渡す
#
# グラフに Python は要りません。だから、プログラムの外へ持ち出せます。**SavedModel** は、
# グラフと変数の値を収めたフォルダです。TensorFlow Serving、C++、Java、あるいは皆さんの
# ソースコードを持っていない同僚でも、読み込んで呼び出せます。外から見えるのは**シグネチャ**です。名前が付いていて、
# 入力と出力にも名前があるグラフのことです。トレースされていないものは入っていません。呼び出せるのは、
# 記録しておいたものだけです。
#
# ですから、バッチサイズは決めずにおく必要があります。そうしないと、
# たまたま試したバッチサイズでしか呼び出せないモデルになってしまいます。
#
# **ヒント。** `input_signature` を付けたグラフ関数を作ります。引数の名前は `x` にして、辞書 `{"y": ...}`
# を返すようにし、`signatures={"serving_default": ...}` として渡します。変数もいっしょに保存されるように、
# モジュールそのものを保存しましょう。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_export", "locked": false, "schema_version": 3, "solution": true, "task": false}
def export(module, directory):
    """Save a module as a SavedModel that can be called without its source.

    Parameters
    ----------
    module : a tf.Module with `features` (int), called with float32 (n, features), gives float32 (n,); its `__call__`
        is a plain method or a tf.function. Not only a Regression.
    directory : str, the folder; it is made if it is not there, and other files in it stay.

    The SavedModel has the signature "serving_default" with one input "x", float32 (n, features) for any n, and one
    output "y", float32 (n,). Its variables have the values that they have now. What else you save, and what you
    return, is your choice; in the folder are regular files, no links, of 60 MB at most altogether.
    """
    ### BEGIN SOLUTION
    @tf.function(input_signature=[tf.TensorSpec([None, module.features], tf.float32)])
    def serve(x):
        return {"y": module(x)}

    tf.saved_model.save(module, directory, signatures={"serving_default": serve})
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "export", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# import tempfile
#
# with tempfile.TemporaryDirectory() as folder:
#     export(model, folder)
#     stranger = tf.saved_model.load(folder)
# answer = stranger.signatures["serving_default"](x=tf.ones([4, 2]))
# assert answer["y"].shape == (4,), "4 rows in, 4 numbers out"
# np.testing.assert_allclose(answer["y"], model(tf.ones([4, 2])), rtol=1e-6, err_msg="the same model, the same numbers")

# %% [markdown] tags=["lang-en"]
# ## Look at what you have built
#
# What was it all for? Here are the running sums of 100 numbers, once carried out by Python, operation by operation,
# and once by the graph.

# %% [markdown] tags=["lang-ja"]
# ## 作ったものを眺める
#
# 何のためだったのでしょうか。100 個の数の累積和を、一度は Python が演算を一つずつ実行して、
# もう一度はグラフで計算してみます。

# %% tags=["active-ipynb"]
# import time
#
# many = tf.random.normal([100])
#
#
# def milliseconds(f, repeats):
#     start = time.perf_counter()
#     for _ in range(repeats):
#         f(many)
#     return 1000 * (time.perf_counter() - start) / repeats
#
#
# print(f"eager {milliseconds(running_sums.python_function, 1):6.1f} ms")
# print(f"graph {milliseconds(running_sums, 10):6.1f} ms")

# %% [markdown] tags=["lang-en"]
# ## Where else the same idea is at work
#
# | TensorFlow | elsewhere |
# |---|---|
# | `tf.function`, tracing | `jax.jit`; in PyTorch `torch.jit.trace` and `torch.compile` |
# | AutoGraph rewrites source | `torch.compile` reads the bytecode instead; JAX rewrites nothing: `lax.cond`, `lax.while_loop` by hand |
# | a Python number is part of the signature | `static_argnums` in JAX; guards in `torch.compile` |
# | traced again for a new shape | the same in JAX; `dynamic=True` in PyTorch |
# | `print` and `append` happen while tracing only | the same surprise in JAX |
# | SavedModel | `torch.export`, ONNX |
#
# The names differ, the sentence stays: Python happens while tracing, the graph happens at every call. Keras, which
# you meet in the next sprint, does all this for you when it trains a model. Now you know what it does.

# %% [markdown] tags=["lang-ja"]
# ## 同じ考え方はほかにも
#
# | TensorFlow | ほかのフレームワーク |
# |---|---|
# | `tf.function` とトレース | `jax.jit`。PyTorch では `torch.jit.trace` と `torch.compile` |
# | AutoGraph はソースコードを書き換える | `torch.compile` はバイトコードを読む。JAX は何も書き換えず、`lax.cond` や `lax.while_loop` を自分で書く |
# | Python の数はシグネチャの一部 | JAX の `static_argnums`、`torch.compile` の guard |
# | shape が変わるとトレースし直す | JAX も同じ。PyTorch には `dynamic=True` がある |
# | `print` や `append` はトレースのときだけ | JAX でも同じように驚かされる |
# | SavedModel | `torch.export`、ONNX |
#
# 名前は違っても、あの一文は変わりません。Python が動くのはトレースのときだけ、グラフは呼び出しのたびに動く。
# 次のスプリントで使う Keras は、モデルを学習させるときに、これを全部代わりにやってくれます。
# その中で何が起きているか、皆さんはもう知っています。
