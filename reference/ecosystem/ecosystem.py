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
# # The ecosystem: watch, shrink, serve
#
# A trained network is an object in the memory of one Python process. When the process ends, it is gone. Until then
# nobody else can use it, and whether its training went well is known to whoever watched the numbers scroll by.
#
# What makes a framework worth its name is also what stands around it, and all of it works by the same idea:
#
# > Write down, in a **format** that others read, what would otherwise be locked up in your program.
#
# | you want to | format | who reads it |
# |---|---|---|
# | watch a training | event files | TensorBoard |
# | hand on a model with its graph | SavedModel | TensorFlow in any language, TensorFlow Serving |
# | shrink it for a phone | TensorFlow Lite | an interpreter of one megabyte |
# | answer others' questions | JSON over HTTP | everybody |
#
# **When you are done you can**
#
# - log a training so that TensorBoard shows it, and read the numbers back;
# - export a model so that a server finds it, version by version;
# - convert a model for small devices, and quantize it to 8-bit integers with samples of real data;
# - serve a model over HTTP in the form that TensorFlow Serving speaks, and call it with a client that never hangs;
# - prove that all of these still compute the same.
#
# **Out of scope:** training on the device, delegates and accelerators for TensorFlow Lite, gRPC, authentication and
# encryption, load balancing, containers, monitoring a service in production.
#
# **How to work.** Each task has one cell for your code and one cell of checks below it. The checks show the shape of
# the task. They are not all that is graded: the docstrings are the specification. Where a docstring says that something
# is your choice, every choice is accepted. No function changes what it is given, nor what holds for the whole process,
# such as the default timeout of sockets. PyTorch, TensorFlow, Keras, `ai_edge_litert`, Flask, FastAPI with uvicorn,
# and `tensorboard` are installed.

# %% [markdown] tags=["lang-ja"]
# # エコシステム：見守る、小さくする、提供する
#
# 学習の済んだニューラルネットワークは、一つの Python プロセスのメモリの中にあるオブジェクトです。プロセスが終われば
# 消えてしまいます。それまでの間もほかの人は使えず、学習がうまくいったかどうかは、流れていく数字を眺めていた人にしか
# 分かりません。
#
# フレームワークの値打ちは、その周りに何がそろっているかでも決まります。そして周りにあるものは、どれも同じ考え方で
# できています。
#
# > 放っておけばプログラムの中に閉じ込められてしまうものを、ほかから読める**形式**で書き出す。
#
# | したいこと | 形式 | 読むもの |
# |---|---|---|
# | 学習を見守る | イベントファイル | TensorBoard |
# | モデルをグラフごと渡す | SavedModel | さまざまな言語の TensorFlow、TensorFlow Serving |
# | スマートフォン向けに小さくする | TensorFlow Lite | 1 メガバイトほどのインタプリタ |
# | ほかの人の問い合わせに答える | HTTP と JSON | だれでも |
#
# **このスプリントを終えると、次のことができるようになります**
#
# - 学習の様子を TensorBoard で見られるように記録し、その数値を読み戻す
# - サーバが見つけられる形で、バージョンごとにモデルを書き出す
# - 小さなデバイス向けにモデルを変換し、実際のデータのサンプルを使って 8 ビット整数に量子化する
# - TensorFlow Serving と同じ形の HTTP でモデルを提供し、待ち続けることのないクライアントから呼び出す
# - どの形にしても同じ計算をしていることを確かめる
#
# **扱わないこと：** デバイス上での学習、TensorFlow Lite のデリゲートとアクセラレータ、gRPC、認証と暗号化、負荷分散、
# コンテナ、本番サービスの監視。
#
# **進め方。** 課題ごとに、コードを書くセルが一つあり、そのすぐ下に確認用のセルがあります。確認用のセルは課題の形を
# 示すためのもので、採点で調べるのはそれだけではありません。仕様は docstring に書いてあります。docstring に「your
# choice」と書いてあるところは、どの選び方をしてもかまいません。どの関数も、受け取ったものや、ソケットの既定の
# タイムアウトのようにプロセス全体に関わるものを変えることはありません。PyTorch、TensorFlow、Keras、
# `ai_edge_litert`、Flask、FastAPI と uvicorn、`tensorboard` がインストールされています。

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "quiet", "locked": true, "schema_version": 3, "solution": false, "task": false}
# import logging
# import os
# import warnings
#
# # TensorFlow greets on stderr, unless it is told before its import not to
# os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
# import keras
# import tensorflow as tf
#
# tf.get_logger().setLevel("ERROR")
# logging.getLogger("werkzeug").setLevel("ERROR")  # Flask's server notes every request
# keras.utils.disable_interactive_logging()  # an export says at length what it has exported
# warnings.filterwarnings("ignore", message="Statistics for quantized inputs were expected")

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import json
import shutil
import tempfile
import threading
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import tensorflow as tf

# %% [markdown] tags=["lang-en"]
# Everything below needs a model. Here is a small one: handwritten digits, 8 × 8 numbers from 0 to 1, and a network of
# two layers that tells which digit it is. Its outputs are **logits**; the digit is where the largest is.

# %% [markdown] tags=["lang-ja"]
# この先ではモデルが一つ必要です。小さなものを用意しました。0 から 1 までの数を 8 × 8 個並べた手書き数字と、どの数字かを
# 答える二層のネットワークです。出力は**ロジット**で、いちばん大きいところが答えの数字です。

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "model", "locked": true, "schema_version": 3, "solution": false, "task": false}
# from sklearn.datasets import load_digits
#
# keras.utils.set_random_seed(0)
# images, digits = load_digits(return_X_y=True)
# images = (images / 16).astype("float32")
# order = np.random.default_rng(0).permutation(len(images))
# images, digits = images[order], digits[order]
# model = keras.Sequential([keras.Input([64]), keras.layers.Dense(48, "relu"), keras.layers.Dense(10)])
# train, validation = (images[:1200], digits[:1200]), (images[1200:], digits[1200:])
# loss, optimizer = keras.losses.SparseCategoricalCrossentropy(from_logits=True), keras.optimizers.Adam(0.01)
# history = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}  # the dict that model.fit(...).history is
#
#
# @tf.function  # traced once, so that the 64 steps take a third of the time
# def train_step(x, y):
#     with tf.GradientTape() as tape:
#         error = loss(y, model(x))
#     optimizer.apply(tape.gradient(error, model.trainable_variables), model.trainable_variables)
#
#
# for epoch in range(8):
#     for x, y in zip(*(np.split(part, 8) for part in train), strict=True):
#         train_step(x, y)
#     for prefix, (x, y) in (("", train), ("val_", validation)):
#         logits = model(x)
#         history[f"{prefix}loss"].append(float(loss(y, logits)))
#         history[f"{prefix}accuracy"].append(float(np.mean(np.argmax(logits, axis=1) == y)))
# for name, values in history.items():
#     print(f"{name:13}", " ".join(f"{value:.3f}" for value in values))

# %% [markdown] tags=["lang-en"]
# ## Task 1: write scalars for TensorBoard
#
# TensorBoard is a program of its own that reads **event files**. It has never heard of your network: what is in the
# files is what it shows. An event has a wall-clock time, a **step** and some values, each under a name, its **tag**.
# The values of one tag, over the steps, are one curve.
#
# Any program that writes these files can be watched. PyTorch has `torch.utils.tensorboard.SummaryWriter`, TensorFlow has
# `tf.summary.create_file_writer`; take whichever you like. Both keep what you log in memory for a while – two minutes,
# if nobody says otherwise – and then write it in one go. A program that ends before, or a colleague who looks before,
# finds nothing.
#
# **Hint.** Both writers have `flush()` and `close()`. The step goes with every value; nobody counts for you.

# %% [markdown] tags=["lang-ja"]
# ## 課題 1：TensorBoard 用にスカラーを書き出す
#
# TensorBoard は、**イベントファイル**を読む独立したプログラムです。あなたのネットワークのことは何も知らず、ファイルに
# 書いてあることだけを表示します。一つのイベントには時刻、**ステップ**、そしていくつかの値があり、値にはそれぞれ
# **タグ**という名前が付いています。一つのタグの値をステップの順に並べたものが、一本の曲線になります。
#
# このファイルを書くプログラムなら、どれでも TensorBoard で見守ることができます。PyTorch には
# `torch.utils.tensorboard.SummaryWriter`、TensorFlow には `tf.summary.create_file_writer` があります。好きなほうを
# 使ってください。どちらも、記録したものをしばらくメモリに溜めておき（何も指定しなければ 2 分間）、それからまとめて
# 書き込みます。その前にプログラムが終わったり、同僚がその前に見に来たりすると、何も見つかりません。
#
# **ヒント。** どちらのライターにも `flush()` と `close()` があります。ステップは値と一緒に渡します。代わりに数えては
# くれません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_log_scalars", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_scalars(logdir, series):
    """Write curves into TensorBoard's event files.

    Parameters
    ----------
    logdir : str, a folder; it is made if it is not there. What was logged there before stays.
    series : dict, tag -> list of pairs (step, value): an int and a float (or a number of numpy's), steps rising. All
        are logged, in one run: a value that is NaN or infinite, too.

    When the function returns, everything is in event files in `logdir` itself. Which writer: your choice.
    """
    ### BEGIN SOLUTION
    writer = tf.summary.create_file_writer(logdir)
    with writer.as_default():
        for tag, points in series.items():
            for step, value in points:
                tf.summary.scalar(tag, value, step=step)
    writer.close()
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "log_scalars", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# folder = Path(tempfile.mkdtemp(), "new")
# log_scalars(str(folder), {"loss": [(0, 0.5), (10, 0.25)]})
# found = [path for path in folder.iterdir() if "tfevents" in path.name]
# assert found, "TensorBoard reads files with tfevents in their name, in the folder itself"
# assert sum(b"loss" in path.read_bytes() for path in found) == 1, "the tag must be on the disk when the function returns"

# %% [markdown] tags=["lang-en"]
# ## Task 2: read them back
#
# A curve on a screen is for people. A script that is to choose the best of forty runs wants the numbers.
#
# There is more than one way into an event file. `tensorboard` brings an `EventAccumulator`, which reads a folder;
# `tf.compat.v1.train.summary_iterator` goes through the events of one file. Three things are worth knowing:
#
# - PyTorch writes a scalar as a plain number (`simple_value`), TensorFlow 2 as a tensor without dimensions. TensorBoard
#   shows both alike; an `EventAccumulator` keeps them in two places, `Scalars(tag)` and `Tensors(tag)`, and
#   `tf.make_ndarray` makes an array of such a tensor.
# - An `EventAccumulator` is made for drawing: of a long curve of tensors it keeps **ten** points, chosen at random, unless
#   its `size_guidance` says otherwise (0 means all).
# - A training that was killed leaves a file whose last record is cut off. Everything before it is good.
#
# **Hint.** A folder may hold several event files of one run: a training that was resumed begins a new one. Sort at the
# end.

# %% [markdown] tags=["lang-ja"]
# ## 課題 2：読み戻す
#
# 画面の曲線は人のためのものです。40 回の実行から最良のものを選ぶスクリプトには、数値そのものが要ります。
#
# イベントファイルの読み方は一つではありません。`tensorboard` にはフォルダを読む `EventAccumulator` があり、
# `tf.compat.v1.train.summary_iterator` は一つのファイルのイベントを順にたどります。知っておくとよいことが三つあります。
#
# - PyTorch はスカラーをただの数（`simple_value`）として書き、TensorFlow 2 は次元のないテンソルとして書きます。
#   TensorBoard はどちらも同じように表示しますが、`EventAccumulator` は `Scalars(tag)` と `Tensors(tag)` の二か所に
#   分けて持ちます。そうしたテンソルは `tf.make_ndarray` で配列になります。
# - `EventAccumulator` は描画のためのものです。長いテンソルの曲線からは、無作為に選んだ **10** 点しか残しません。
#   `size_guidance` で変えられます（0 なら全部）。
# - 途中で強制終了された学習のファイルは、最後のレコードが途切れています。その手前まではすべて使えます。
#
# **ヒント。** 一つの実行のイベントファイルが、フォルダに複数あることもあります。学習を再開すると、新しいファイルが
# 始まるからです。最後に並べ替えましょう。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_read_scalars", "locked": false, "schema_version": 3, "solution": true, "task": false}
def read_scalars(logdir, tag):
    """The curve of one tag, from TensorBoard's event files.

    Parameters
    ----------
    logdir : str, the folder of one run, with one or more event files in it, of PyTorch's writer or of TensorFlow's. Files
        in folders below it belong to other runs. Other files may lie there, too: an event file has "tfevents" in its
        name. The folder's name may have brackets in it, as in "lr=0.1 [64, 10]".
    tag : str; at most 10,000 values are logged under it

    Returns
    -------
    list of all pairs (step, value), an int and a float, in the order of the steps. Of a file that is cut off, what comes
    before the cut.

    Raises
    ------
    KeyError, when nothing was logged under this tag
    """
    ### BEGIN SOLUTION
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    log = EventAccumulator(logdir, size_guidance={"scalars": 0, "tensors": 0})
    log.Reload()
    kept = log.Tags()
    points = [(event.step, event.value) for event in log.Scalars(tag)] if tag in kept["scalars"] else []
    if tag in kept["tensors"]:
        points += [(event.step, float(tf.make_ndarray(event.tensor_proto))) for event in log.Tensors(tag)]
    if not points:
        raise KeyError(tag)
    return sorted(points, key=lambda point: point[0])
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "read_scalars", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# folder = tempfile.mkdtemp()
# with tf.summary.create_file_writer(folder).as_default() as writer:
#     for step in (0, 5, 7):
#         tf.summary.scalar("loss", step / 4, step=step)
#     writer.close()
# assert read_scalars(folder, "loss") == [(0, 0.0), (5, 1.25), (7, 1.75)], "steps and values, in order"
# try:
#     read_scalars(folder, "accuracy")
# except KeyError:
#     pass
# else:
#     raise AssertionError("nothing was logged under that tag")

# %% [markdown] tags=["lang-en"]
# ## Task 3: training and validation, side by side
#
# A **run** is a folder with event files. TensorBoard draws the same tag of several runs into one chart, in several
# colours, and that is how one sees a network that begins to learn by heart: the two losses part.
#
# Keras hands you both in one dict, with `val_` before the names of one of them. Logged as it is, that would give two
# charts with one curve each, and nothing to compare.
#
# **Hint.** Two folders, `train` and `validation`, and the same tags in both. `removeprefix` takes away a prefix;
# `lstrip` takes away letters. Your `log_scalars` may help.

# %% [markdown] tags=["lang-ja"]
# ## 課題 3：学習と検証を並べる
#
# **run** とは、イベントファイルの入った一つのフォルダのことです。TensorBoard は、複数の run の同じタグを一枚のグラフに
# 色分けして描きます。ネットワークが丸暗記を始めたことも、これで分かります。二つの損失が離れていくからです。
#
# Keras は両方を一つの辞書で返し、検証のほうの名前の前には `val_` が付いています。そのまま記録すると、曲線が一本ずつの
# グラフが二枚できるだけで、比べられません。
#
# **ヒント。** `train` と `validation` の二つのフォルダに、同じタグで書きます。接頭辞を取り除くのは `removeprefix` です。
# `lstrip` は文字を取り除きます。自分の `log_scalars` を使ってもかまいません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_log_history", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_history(logdir, history):
    """Write the history of a training as two runs of TensorBoard's.

    Parameters
    ----------
    logdir : str, the folder above the two runs
    history : dict, name -> list of one float for each epoch, as `model.fit(...).history` has it; the names of what was
        measured on validation data begin with "val_"

    Writes the runs `logdir`/train and `logdir`/validation, with the same tags: without the "val_". The step is the number
    of the epoch, from 0. Without validation data there is no run validation. What was in `logdir` before stays.
    """
    ### BEGIN SOLUTION
    runs = {}
    for name, values in history.items():
        run = "validation" if name.startswith("val_") else "train"
        runs.setdefault(run, {})[name.removeprefix("val_")] = list(enumerate(values))
    for run, series in runs.items():
        log_scalars(f"{logdir}/{run}", series)
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "log_history", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# folder = Path(tempfile.mkdtemp())
# log_history(str(folder), {"loss": [0.5, 0.25], "val_loss": [0.75, 0.5]})
# assert sorted(path.name for path in folder.iterdir()) == ["train", "validation"], "one folder for each run"
# for run in folder.iterdir():
#     assert b"val_loss" not in b"".join(path.read_bytes() for path in run.iterdir()), "the tag is loss in both runs"

# %% [markdown] tags=["lang-en"]
# The training from above, written to `runs` and read back. To see the same in the real TensorBoard, here in JupyterLab,
# set `show_tensorboard` to `True` in the cell after the next and run it.

# %% [markdown] tags=["lang-ja"]
# 上の学習を `runs` に書き、読み戻してみます。同じものを本物の TensorBoard で（この JupyterLab の中で）見るには、次の
# 次のセルで `show_tensorboard` を `True` にして実行してください。

# %% tags=["active-ipynb"]
# import matplotlib.pyplot as plt
#
# shutil.rmtree("runs", ignore_errors=True)
# log_history("runs", history)
# figure, axes = plt.subplots(1, 2, figsize=(8, 2.6))
# for place, tag in zip(axes, ("loss", "accuracy"), strict=True):
#     for run in ("train", "validation"):
#         steps, values = zip(*read_scalars(f"runs/{run}", tag), strict=True)
#         place.plot(steps, values, marker="o", label=run)
#     place.set(title=tag, xlabel="epoch")
#     place.legend()
# figure.tight_layout()
# plt.show()

# %% tags=["active-ipynb"]
# show_tensorboard = False
# if show_tensorboard:
#     get_ipython().run_line_magic("load_ext", "tensorboard")
#     get_ipython().run_line_magic("tensorboard", "--logdir runs --port 0")

# %% [markdown] tags=["lang-en"]
# ## Task 4: a SavedModel that a server finds
#
# A SavedModel is a folder with a graph, its variables, and **signatures**: functions with named inputs and outputs that
# can be called without any of your Python. Sprint 3 made one by hand. For a Keras model, `model.export(folder)` does it,
# with the signature `serving_default`, which is what TensorFlow Serving calls.
#
# That server looks after **versions**: it is given a folder, `models/digits` say, in which each version is a folder whose
# name is a number, and takes the largest. Put `models/digits/8` there and the running server changes over to it; take it
# away, and it goes back to 7. So a new export must never touch an old one.
#
# **Hint.** Compare the numbers as numbers: as text, `"9"` comes after `"10"`.

# %% [markdown] tags=["lang-ja"]
# ## 課題 4：サーバが見つけられる SavedModel
#
# SavedModel は、グラフとその変数、そして**シグネチャ**の入ったフォルダです。シグネチャとは、名前の付いた入力と出力を
# 持つ関数で、あなたの Python コードがなくても呼び出せます。スプリント 3 では自分で作りました。Keras のモデルなら
# `model.export(folder)` がやってくれて、TensorFlow Serving が呼び出す `serving_default` というシグネチャも付きます。
#
# このサーバは**バージョン**も管理します。たとえば `models/digits` というフォルダを渡すと、その中の、名前が数字のフォルダを
# それぞれ一つのバージョンと見なし、いちばん大きいものを使います。`models/digits/8` を置けば、動いているサーバはそれに
# 切り替わり、取り除けば 7 に戻ります。ですから、新しい書き出しが古いものに触れてはいけません。
#
# **ヒント。** 数字は数として比べます。文字列としては、`"9"` は `"10"` より後です。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_export_saved_model", "locked": false, "schema_version": 3, "solution": true, "task": false}
def export_saved_model(model, base):
    """Export a Keras model as the next version for TensorFlow Serving.

    Parameters
    ----------
    model : a built Keras model, sequential or functional, with one input of shape (None, features), float32, and one
        output
    base : str, the folder of all versions; it is made if it is not there. A version is a folder in it whose name is a
        whole number, whatever is in that; all other entries have other names. Its own name may have brackets in it.
        (Names such as 2026_01_31, which int() reads, do not occur.)

    Returns
    -------
    int, the version: larger by 1 than the largest there was, and 1 for the first. It is the SavedModel in the folder
    `base`/VERSION, with the signature serving_default: one input and one output, whose names are your choice, for
    batches of any size. It computes what the model computes in inference, with the weights that it has now.

    Versions that were there before are not touched.
    """
    ### BEGIN SOLUTION
    taken = [int(path.name) for path in Path(base).glob("*") if path.is_dir() and path.name.isdecimal()]
    version = max(taken, default=0) + 1
    model.export(f"{base}/{version}")
    return version
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "export_saved_model", "locked": true, "points": 3.5, "schema_version": 3, "solution": false, "task": false}
# base = tempfile.mkdtemp()
# assert export_saved_model(model, base) == 1, "the versions are numbered from 1"
# signature = tf.saved_model.load(f"{base}/1").signatures["serving_default"]
# (answer,) = signature(tf.constant(images[:3])).values()
# assert answer.shape == (3, 10), "three images, ten logits each"
# assert np.allclose(answer, model(images[:3]), atol=1e-5), "and they are those of the model"

# %% [markdown] tags=["lang-en"]
# ## Task 5: TensorFlow Lite
#
# A phone has no room for TensorFlow, and needs none of what makes it large: no gradients, no Python. **TensorFlow Lite**
# (its new name is LiteRT) keeps the computation in one flat file, which begins, after four bytes, with `TFL3`, and an
# interpreter runs it.
#
# `tf.lite.TFLiteConverter` makes the file; `tf.lite.Interpreter`, or `Interpreter` in the small package
# `ai_edge_litert.interpreter`, runs it:
#
# 1. make the interpreter with `model_content=blob`;
# 2. look at `get_input_details()`: each input has an `index`, a `shape`, a `dtype` and a `quantization`;
# 3. `resize_tensor_input(index, shape)` where the batch has another size than the model expects, most often 1;
# 4. `allocate_tensors()`, then `set_tensor(index, batch)`, `invoke()`, and `get_tensor(index)` for an output.
#
# Leave `set_tensor` out, and you get numbers all the same: those for an input that nobody has written.
#
# An input or output of integers stands for real numbers by a **scale** and a **zero point**, which `quantization` holds:
#
# $$ \text{real} = \text{scale} \times (\text{integer} - \text{zero point}) $$
#
# **Hint.** To make integers of real numbers: divide, round, add the zero point, and bring what lies outside into the
# range of the dtype **before** `astype`, which would wrap it around to the other end. `np.iinfo` knows the range.

# %% [markdown] tags=["lang-ja"]
# ## 課題 5：TensorFlow Lite
#
# スマートフォンには TensorFlow を入れる余裕がありませんし、TensorFlow を大きくしているもの（勾配や Python）も要りません。
# **TensorFlow Lite**（新しい名前は LiteRT）は、計算を一つの平たいファイルに収めます。ファイルの先頭の 4 バイトのあとには
# `TFL3` とあり、インタプリタがこれを実行します。
#
# ファイルを作るのは `tf.lite.TFLiteConverter`、実行するのは `tf.lite.Interpreter`、または小さなパッケージ
# `ai_edge_litert.interpreter` の `Interpreter` です。
#
# 1. `model_content=blob` でインタプリタを作る
# 2. `get_input_details()` を見る。入力ごとに `index`、`shape`、`dtype`、`quantization` がある
# 3. バッチの大きさがモデルの想定（たいていは 1）と違えば、`resize_tensor_input(index, shape)` を呼ぶ
# 4. `allocate_tensors()`、続いて `set_tensor(index, batch)`、`invoke()`、出力には `get_tensor(index)`
#
# `set_tensor` を忘れても、数値は出てきます。だれも書き込んでいない入力に対する答えです。
#
# 整数の入力や出力は、**スケール**と**ゼロ点**によって実数を表します。どちらも `quantization` に入っています。
#
# $$ \text{実数} = \text{スケール} \times (\text{整数} - \text{ゼロ点}) $$
#
# **ヒント。** 実数を整数にするには、割って、丸めて、ゼロ点を足し、はみ出した値を dtype の範囲に収めます。収めるのは
# `astype` の**前**です。そうしないと、反対側の端に回り込んでしまいます。範囲は `np.iinfo` で分かります。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_tflite", "locked": false, "schema_version": 3, "solution": true, "task": false}
def to_tflite(model):
    """Convert a Keras model to TensorFlow Lite, without quantization.

    Parameters
    ----------
    model : a built Keras model, sequential or functional, with one input of shape (None, features), float32, and one
        output

    Returns
    -------
    bytes, the TensorFlow Lite model. It computes in float32 what the model computes in inference, and its batch size is
    free: an interpreter may resize the input to any number of rows.
    """
    ### BEGIN SOLUTION
    return tf.lite.TFLiteConverter.from_keras_model(model).convert()
    ### END SOLUTION


def run_tflite(blob, batch):
    """Run a TensorFlow Lite model on a batch.

    Parameters
    ----------
    blob : bytes, a model with one input and one output, each of float32 or, quantized, of int8
    batch : float32 array, shape (n, features), for any n from 1

    Returns
    -------
    array of float32 or float64, shape (n, k): real numbers, also where the model computes with integers. What an input
    of int8 cannot hold goes in as its smallest or largest number.

    Raises
    ------
    ValueError, when `blob` is no TensorFlow Lite model
    """
    ### BEGIN SOLUTION
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=blob)
    (given,), (wanted,) = interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.resize_tensor_input(given["index"], batch.shape)
    interpreter.allocate_tensors()
    if given["dtype"] == np.int8:
        scale, zero_point = given["quantization"]
        batch = np.clip(np.round(batch / scale) + zero_point, -128, 127).astype(np.int8)
    interpreter.set_tensor(given["index"], batch)
    interpreter.invoke()
    result = interpreter.get_tensor(wanted["index"])
    if wanted["dtype"] == np.int8:
        scale, zero_point = wanted["quantization"]
        result = scale * (result.astype(np.float32) - zero_point)
    return result
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "tflite", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
# blob = to_tflite(model)
# assert type(blob) is bytes, "a TensorFlow Lite model is bytes"
# assert blob[4:8] == b"TFL3", "it says so after four bytes"
# for count in (1, 3):
#     answer = run_tflite(blob, images[:count])
#     assert answer.shape == (count, 10), "one row of logits for each image"
#     assert np.allclose(answer, model(images[:count]), atol=1e-4), "and they are those of the model"

# %% [markdown] tags=["lang-en"]
# ## Task 6: eight bits
#
# A float32 takes four bytes, and a small processor may not compute with it at all. **Full-integer quantization** keeps
# weights in one byte each and computes with 8-bit integers from the input to the output.
#
# For each tensor that needs a scale and a zero point. The weights are known, but how large do the inputs get, and the
# numbers between the layers? The converter has to see: it is given **representative samples**, runs the model on each,
# and notes the smallest and the largest number at every place. What lies outside later is cut off. Samples that do not
# represent the data, or too few of them, give a model that converts without a word and answers nonsense.
#
# The converter wants four things: `optimizations`, a `representative_dataset` – a function that returns an iterator over
# lists of inputs, **with** a batch axis –, `target_spec.supported_ops` with integer operations only, and int8 as
# `inference_input_type` and `inference_output_type`. Without the last, the model takes and gives floats as before.
#
# **Hint.** `[tf.lite.Optimize.DEFAULT]`, `[tf.lite.OpsSet.TFLITE_BUILTINS_INT8]`, and `sample[None]` has one more axis.

# %% [markdown] tags=["lang-ja"]
# ## 課題 6：8 ビット
#
# float32 は一つで 4 バイトを使い、小さなプロセッサではそもそも計算できないこともあります。**完全整数量子化**では、重みを
# 1 バイトずつで持ち、入力から出力まで 8 ビット整数で計算します。
#
# そのためには、テンソルごとにスケールとゼロ点が必要です。重みの値は分かっていますが、入力や層の間の数はどのくらい
# 大きくなるのでしょうか。コンバータは実際に見るしかありません。そこで**代表的なサンプル**を渡します。コンバータは
# 一つずつモデルに通し、場所ごとに最小値と最大値を記録します。あとでそこからはみ出した値は切り捨てられます。データを
# 代表していないサンプルや、少なすぎるサンプルを渡すと、変換は何も言わずに終わり、でたらめな答えを出すモデルが
# できます。
#
# コンバータに設定するものは四つです。`optimizations`、`representative_dataset`（入力のリストを順に返すイテレータを返す
# 関数。入力にはバッチの軸が**必要**）、整数の演算だけを許す `target_spec.supported_ops`、そして int8 の
# `inference_input_type` と `inference_output_type` です。最後のものがないと、モデルの入出力は float のままです。
#
# **ヒント。** `[tf.lite.Optimize.DEFAULT]`、`[tf.lite.OpsSet.TFLITE_BUILTINS_INT8]`。`sample[None]` とすると軸が一つ
# 増えます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_to_int8", "locked": false, "schema_version": 3, "solution": true, "task": false}
def to_int8(model, samples):
    """Convert a Keras model to TensorFlow Lite with 8-bit integers only.

    Parameters
    ----------
    model : a built Keras model, sequential or functional, with one input of shape (None, features), float32, and one
        output
    samples : iterable of float32 arrays of shape (features,): an array of rows, a list, or a generator, through which
        one can go only once. All of them are used to find the ranges.

    Returns
    -------
    bytes, the TensorFlow Lite model: int8 input and output with their scales and zero points, weights of int8, and a free
    batch size
    """
    ### BEGIN SOLUTION
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "to_int8", "locked": true, "points": 4.5, "schema_version": 3, "solution": false, "task": false}
# small = to_int8(model, images[:100])
# assert type(small) is bytes, "a TensorFlow Lite model is bytes"
# assert small[4:8] == b"TFL3", "it says so after four bytes"
# assert len(small) < 10_000, "3,600 parameters, one byte each, and some thousand bytes around them"

# %% tags=["active-ipynb"]
# blobs = {"float32": blob, "int8": small, "int8, samples too dark": to_int8(model, images[:100] / 16)}
# figure, axes = plt.subplots(1, 2, figsize=(8, 2.2))
# names = list(blobs)
# axes[0].barh(names, [len(blob) / 1024 for blob in blobs.values()], color="tab:blue")
# axes[0].set(title="size, KiB")
# hits = [np.mean(run_tflite(blob, images[1200:]).argmax(axis=1) == digits[1200:]) for blob in blobs.values()]
# axes[1].barh(names, hits, color="tab:orange")
# axes[1].set(title="accuracy on validation data", xlim=(0, 1))
# for axis in axes:
#     axis.invert_yaxis()
# figure.tight_layout()
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 7: answer over HTTP
#
# A colleague writes in another language, a web page has no Python: they ask over HTTP. TensorFlow Serving, the server for
# SavedModels, has defined what such a question looks like, and others speak the same:
#
# ```
# POST /v1/models/digits:predict          →  200
# {"instances": [[0.0, 0.3, …], […]]}        {"predictions": [[1.7, −3.1, …], […]]}
# ```
#
# One prediction for each instance, in the same order. And because anybody may ask, anything may come: a text that is no
# JSON, a row that is too short, the name of a model that is not there. Each gets the status that says whose mistake it
# was – **4xx: yours, 5xx: mine** – and `{"error": "…"}` in words. A traceback belongs in the server's log. In a reply it
# helps nobody but someone who looks for a way in.
#
# An **application** is what decides on the reply; who listens on a port is another matter, and the next task. Write it
# with what you like:
#
# | | an application is | made with |
# |---|---|---|
# | WSGI | a function of two arguments, or an object that can be called so | Flask |
# | ASGI | an `async` function of three, or an object with an `async` `__call__` | FastAPI |
# | the standard library | a subclass of `BaseHTTPRequestHandler` | `http.server` |
#
# **Hint.** `json` knows lists and Python's numbers; an array has `tolist()`. Web frameworks check the `Content-Type` or
# invent a status of their own (415, 422) where you let them read the JSON: take the body as bytes, or see what `force`
# does in Flask's `get_json`. And in an `async` function, a long computation holds up everybody: hand it to a thread
# (`run_in_threadpool`).

# %% [markdown] tags=["lang-ja"]
# ## 課題 7：HTTP で答える
#
# 同僚は別の言語で書いていますし、ウェブページの中に Python はありません。そうした相手は HTTP で問い合わせてきます。
# SavedModel のためのサーバ TensorFlow Serving は、問い合わせの形を次のように決めました。ほかのサーバもこれに倣っています。
#
# ```
# POST /v1/models/digits:predict          →  200
# {"instances": [[0.0, 0.3, …], […]]}        {"predictions": [[1.7, −3.1, …], […]]}
# ```
#
# インスタンスごとに一つの予測を、同じ順で返します。だれでも問い合わせできるのですから、何が来るかは分かりません。JSON
# でないテキスト、短すぎる行、存在しないモデルの名前。それぞれに、どちらの誤りかを示すステータス（**4xx はあなた、5xx は
# わたし**）と、言葉による説明 `{"error": "…"}` を返します。トレースバックはサーバのログに書くものです。応答に入れても、
# 侵入口を探している人の役にしか立ちません。
#
# 何を返すかを決めるのが**アプリケーション**です。ポートで待ち受けるのは別の仕事で、次の課題で扱います。好きなもので
# 書いてください。
#
# | | アプリケーションとは | 作るには |
# |---|---|---|
# | WSGI | 引数が二つの関数、またはそのように呼べるオブジェクト | Flask |
# | ASGI | 引数が三つの `async` 関数、または `async` な `__call__` を持つオブジェクト | FastAPI |
# | 標準ライブラリ | `BaseHTTPRequestHandler` のサブクラス | `http.server` |
#
# **ヒント。** `json` が扱えるのはリストと Python の数だけです。配列には `tolist()` があります。ウェブフレームワークに
# JSON を読ませると、`Content-Type` を調べたり、独自のステータス（415 や 422）を返したりします。本文をバイト列として
# 受け取るか、Flask の `get_json` の `force` を調べてください。また、`async` 関数の中で長い計算をすると、全員を待たせる
# ことになります。スレッドに任せましょう（`run_in_threadpool`）。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_create_app", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_app(name, features, load):
    """An application that serves one model over HTTP, in the form of TensorFlow Serving.

    Parameters
    ----------
    name : str, the model's name: letters, digits and _
    features : int, how many numbers an instance has
    load : function without arguments that loads the model, which may take long, and returns predict: a function of a
        float32 array of shape (n, features) that returns an array of shape (n, k), in float32. predict may be called by
        several threads at once.

    Returns
    -------
    A WSGI application, an ASGI application, or a subclass of http.server.BaseHTTPRequestHandler: your choice. Several
    threads may use it at once.

    POST /v1/models/NAME:predict with {"instances": [[...], ...]}, whatever Content-Type the request says, is answered by
        200  {"predictions": [...]}, what predict says of the instances, in their order
        400  when the body is no JSON, is no object with "instances", or these are no list of at least one list of
             `features` numbers; true and false are no numbers
        404  for the name of another model
        500  when predict raises; the next request is served as ever
    What is answered where a NaN or an infinity comes in or out, which JSON has not, is your choice. The next request is
    served as ever then, too. Each of the other replies is JSON. That of an error is {"error": TEXT}: words for the caller, without a traceback and
    without the text of the exception that predict raised. Other requests are your choice.

    `load` is called once, whether in create_app or when the first request comes, and however many come first. While one
    request is being computed, others are, too.
    """
    ### BEGIN SOLUTION
    from flask import Flask, abort, request
    from werkzeug.exceptions import HTTPException

    predict = load()
    app = Flask(__name__)

    @app.errorhandler(HTTPException)
    def refuse(error):
        return {"error": error.description}, error.code

    @app.post("/v1/models/<asked>:predict")
    def answer(asked):
        if asked != name:
            abort(404, f"there is no model {asked} here")
        body = request.get_json(force=True)
        rows = body.get("instances") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not rows or not all(is_instance(row) for row in rows):
            abort(400, f'the body must be {{"instances": [...]}}, a list of lists of {features} numbers')
        return {"predictions": predict(np.array(rows, dtype=np.float32)).tolist()}

    def is_instance(row):
        return isinstance(row, list) and len(row) == features and all(type(x) in (int, float) for x in row)

    return app
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "create_app", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
# import inspect
# from http.server import BaseHTTPRequestHandler
#
# app = create_app("double", 2, lambda: lambda x: 2 * x)
# if isinstance(app, type):
#     assert issubclass(app, BaseHTTPRequestHandler), "a class must be a handler of http.server"
# elif not inspect.iscoroutinefunction(app) and not inspect.iscoroutinefunction(type(app).__call__):
#     from werkzeug.test import Client
#
#     answer = Client(app).post("/v1/models/double:predict", data='{"instances": [[1, 2], [3, 4]]}')
#     assert answer.status_code == 200, answer.get_data(as_text=True)
#     assert json.loads(answer.get_data()) == {"predictions": [[2, 4], [6, 8]]}, "in the order of the instances"
# print(app)

# %% [markdown] tags=["lang-en"]
# ## Task 8: listen
#
# A server waits for requests at an address and a port, and hands them to the application. Each kind of application has
# its servers:
#
# | | server | to begin, and to end |
# |---|---|---|
# | WSGI | `werkzeug.serving.make_server(host, port, app, threaded=True)` | `serve_forever()`, `shutdown()` |
# | ASGI | `uvicorn.Server(uvicorn.Config(app, …))` | `run()`, `should_exit = True`; `started` says when |
# | handler | `http.server.ThreadingHTTPServer((host, port), app)` | `serve_forever()`, `shutdown()`, `server_close()` |
#
# `serve_forever` and `run` come back when the server ends. A notebook that is to go on meanwhile calls them in a thread:
# `threading.Thread(target=…, daemon=True).start()`.
#
# Two decisions are worth a thought. **The address:** `127.0.0.1` is the **loopback** interface, which only programs on this
# machine can reach; `0.0.0.0` is everybody who can reach the machine. **The port:** a fixed one, 8501 say, is taken as soon as
# somebody runs the notebook twice. Port 0 means: any that is free. Then ask which one it is.
#
# **Hint.** `server.port`, or `server.server_address`. uvicorn takes a socket that you have bound: `socket.create_server`
# makes one, `getsockname()` tells its port, and `run(sockets=[…])` takes it. A server that answers one request after the
# other makes fifteen of sixteen wait; and one whose queue is short (`request_queue_size` is 5 in `http.server`) makes them
# wait a second.

# %% [markdown] tags=["lang-ja"]
# ## 課題 8：待ち受ける
#
# サーバは、あるアドレスとポートで要求を待ち、アプリケーションに渡します。アプリケーションの種類ごとに、サーバがあります。
#
# | | サーバ | 始めるには／終わらせるには |
# |---|---|---|
# | WSGI | `werkzeug.serving.make_server(host, port, app, threaded=True)` | `serve_forever()`、`shutdown()` |
# | ASGI | `uvicorn.Server(uvicorn.Config(app, …))` | `run()`、`should_exit = True`。始まったかどうかは `started` |
# | ハンドラ | `http.server.ThreadingHTTPServer((host, port), app)` | `serve_forever()`、`shutdown()`、`server_close()` |
#
# `serve_forever` と `run` は、サーバが終わるまで戻ってきません。その間もノートブックを進めたければ、スレッドの中で
# 呼びます：`threading.Thread(target=…, daemon=True).start()`。
#
# 考えておきたいことが二つあります。**アドレス：** `127.0.0.1` は**ループバック**で、このマシンの上のプログラムしか届き
# ません。`0.0.0.0` は、このマシンに届く人すべてに開かれます。**ポート：** たとえば 8501 と決めてしまうと、ノートブックを
# 二つ動かしただけでふさがってしまいます。ポート 0 は「空いているものならどれでも」という意味です。そのあとで、何番に
# なったかを尋ねます。
#
# **ヒント。** `server.port` や `server.server_address`。uvicorn には、バインド済みのソケットを渡せます。
# `socket.create_server` で作り、`getsockname()` でポートを調べ、`run(sockets=[…])` に渡します。要求を一つずつしか処理
# しないサーバでは、16 個のうち 15 個が待たされます。待ち行列が短いサーバ（`http.server` の `request_queue_size` は 5）
# では、1 秒待たされることがあります。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_serve", "locked": false, "schema_version": 3, "solution": true, "task": false}
def serve(app):
    """Serve an application to this machine, in the background.

    Parameters
    ----------
    app : an application of the kind that your create_app returns

    Returns
    -------
    An object with
        url : str, "http://127.0.0.1:PORT", without a slash at the end
        close() : ends the server; a second later nobody listens at the port any more

    The server listens on the loopback interface only, at a port that was free: several servers can run at once. When
    this function returns, it answers, and it answers 16 requests side by side.
    """
    ### BEGIN SOLUTION
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    # at the end of its loop the server gives its port back
    return SimpleNamespace(url=f"http://127.0.0.1:{server.port}", close=server.shutdown)
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "serve", "locked": true, "points": 2.5, "schema_version": 3, "solution": false, "task": false}
# came_back = []
# app = create_app("double", 2, lambda: lambda x: 2 * x)
# starting = threading.Thread(target=lambda: came_back.append(serve(app)), daemon=True)
# starting.start()
# starting.join(10)
# assert came_back, "serve must come back while the server runs"
# server = came_back[0]
# try:
#     assert server.url.startswith("http://127.0.0.1:"), "loopback, and no other interface"
#     with urllib.request.urlopen(f"{server.url}/v1/models/double:predict", b'{"instances": [[1, 2]]}', timeout=10) as reply:
#         assert json.load(reply) == {"predictions": [[2, 4]]}, "a request over HTTP is answered"
# finally:
#     server.close()

# %% [markdown] tags=["lang-en"]
# ## Task 9: a client that never hangs
#
# Between your program and the model there is a network now, and everything can happen there that happens on networks:
# nobody answers; somebody else answers – a proxy, with a friendly page in HTML; the answer comes when nobody wants it any
# more. A client without a **timeout** waits for ever, and whoever waits for the client, too.
#
# So a client says how long it is willing to wait, believes nothing before it has looked, and raises an exception when
# there is no answer. What it must never do is return something that looks like one.
#
# **Hint.** `urllib.request.urlopen(url, data, timeout)` posts; its errors are OSErrors. `json.loads` raises a ValueError for
# HTML. Then there is still the question whether there are as many predictions as you asked for.

# %% [markdown] tags=["lang-ja"]
# ## 課題 9：待ち続けないクライアント
#
# プログラムとモデルの間に、ネットワークが入りました。ネットワークで起こることは何でも起こります。だれも答えない。別の
# だれか（たとえばプロキシ）が、親切な HTML のページで答える。答えが、もう要らなくなったころに届く。**タイムアウト**の
# ないクライアントは、いつまでも待ちます。そのクライアントを待っている人も同じです。
#
# ですからクライアントは、どれだけ待つつもりかを決め、確かめるまでは何も信じず、答えがなければ例外を送出します。答えの
# ように見える何かを返すことだけは、してはいけません。
#
# **ヒント。** `urllib.request.urlopen(url, data, timeout)` は POST します。その例外は OSError です。HTML に対しては
# `json.loads` が ValueError を送出します。それでもまだ、予測の数が尋ねた数と同じかどうかという問題が残ります。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_predict_remote", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict_remote(url, x, timeout):
    """Ask a server for predictions.

    Parameters
    ----------
    url : str, where to post: "http://HOST:PORT/v1/models/NAME:predict"
    x : float32 array, shape (n, features)
    timeout : float, how many seconds the server may leave the client waiting

    Returns
    -------
    array of float32 or float64, shape (n, k): the server's "predictions", in the order of x. One request is made;
        whether a redirect is followed is your choice.

    Raises
    ------
    OSError (TimeoutError, urllib's URLError and requests' exceptions are OSErrors), when no answer comes in time
    OSError, ValueError, RuntimeError, KeyError or TypeError, when what comes is no answer: another status than 200, no
        JSON, no "predictions", or not one for each row of x; also http.client.HTTPException, when it is cut short
    """
    ### BEGIN SOLUTION
    body = json.dumps({"instances": x.tolist()}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as reply:
        if reply.status != 200:  # urlopen raises from 300 on; 201 and 202 are no answer either
            raise OSError(f"{url} answered with {reply.status}")
        answer = json.load(reply)
    predictions = answer.get("predictions") if isinstance(answer, dict) else None
    if not isinstance(predictions, list) or len(predictions) != len(x):
        raise ValueError(f"{url} did not send {len(x)} predictions")
    return np.array(predictions, dtype=np.float32)
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "predict_remote", "locked": true, "points": 3.5, "schema_version": 3, "solution": false, "task": false}
# from http.server import BaseHTTPRequestHandler, HTTPServer
#
#
# class Sum(BaseHTTPRequestHandler):
#     """Predicts the sum of each instance."""
#
#     def do_POST(self):
#         rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["instances"]
#         self.send_response(200)
#         self.end_headers()
#         self.wfile.write(json.dumps({"predictions": [[sum(row)] for row in rows]}).encode())
#
#     def log_message(self, *about):
#         pass
#
#
# with HTTPServer(("127.0.0.1", 0), Sum) as sums:
#     threading.Thread(target=sums.serve_forever, args=[0.05], daemon=True).start()
#     url = f"http://127.0.0.1:{sums.server_port}/v1/models/sum:predict"
#     answer = predict_remote(url, np.array([[1, 2], [3, 4]], dtype="float32"), timeout=10)
#     assert np.array_equal(answer, [[3], [7]]), "one prediction for each row, in their order"
#     sums.shutdown()

# %% [markdown] tags=["lang-en"]
# ## Task 10: do they agree?
#
# There are five ways now to ask the same model: eager, as a SavedModel, in TensorFlow Lite, quantized, and over HTTP.
# Whoever changes one of them wants to know at once whether it still computes the same.
#
# A comparison is quickly written and easily fooled. An average hides the one row that is wrong; a maximum of signed
# differences does not see what is too small; shapes `(n, 1)` and `(n,)` are stretched to `(n, n)` without a word; and NaN is
# not larger than anything.
#
# **Hint.** Compare the shapes first. `np.max` of something that holds a NaN is NaN.

# %% [markdown] tags=["lang-ja"]
# ## 課題 10：一致しているか
#
# 同じモデルに尋ねる方法が五つになりました。eager、SavedModel、TensorFlow Lite、量子化したもの、そして HTTP です。
# どれか一つに手を入れたら、まだ同じ計算をしているかどうかをすぐに知りたくなります。
#
# 比較はすぐに書けますが、簡単にだまされます。平均は、間違っているただ一行を隠します。符号の付いた差の最大値では、
# 小さすぎる値が見えません。`(n, 1)` と `(n,)` は、何も言わずに `(n, n)` に引き伸ばされます。そして NaN は、何より大きくも
# ありません。
#
# **ヒント。** まず形状を比べます。NaN を含むものの `np.max` は NaN です。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_parity", "locked": false, "schema_version": 3, "solution": true, "task": false}
def parity(ways, x):
    """How far apart several ways of computing the same model are.

    Parameters
    ----------
    ways : dict, name -> function of a batch that returns an array of floats, perhaps always the same one: it is not
        changed. The others are compared with the first.
    x : float32 array, shape (n, features)

    Returns
    -------
    dict, name -> float, for every way but the first, in their order: the largest absolute difference of an element
    from that of the first. Where the shapes differ, or there is a NaN on either side, it is infinity. Subtract in the
    dtype that numpy takes for the two, or in a more precise one: your choice.
    """
    ### BEGIN SOLUTION
    (_, first), *others = ((name, way(x)) for name, way in ways.items())
    far = {}
    for name, values in others:
        largest = np.abs(values - first).max() if values.shape == first.shape else np.inf
        far[name] = np.inf if np.isnan(largest) else float(largest)
    return far
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "parity", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
# found = parity({"one": lambda x: x, "two": lambda x: x - 0.5, "flat": lambda x: x.ravel()}, np.zeros((3, 2), "float32"))
# assert found == {"two": 0.5, "flat": np.inf}, "the largest difference, whatever its sign; another shape is no answer"

# %% [markdown] tags=["lang-en"]
# And now all of it together: your five ways, and a real server between two of them.

# %% [markdown] tags=["lang-ja"]
# では、すべてをまとめて動かしてみましょう。五つの方法と、そのうちの一つの間に入る本物のサーバです。

# %% tags=["active-ipynb"]
# shutil.rmtree("models", ignore_errors=True)
# version = export_saved_model(model, "models/digits")
# signature = tf.saved_model.load(f"models/digits/{version}").signatures["serving_default"]
#
#
# def saved(x):
#     (logits,) = signature(tf.constant(x)).values()
#     return logits.numpy()
#
#
# server = serve(create_app("digits", 64, lambda: saved))
# url = f"{server.url}/v1/models/digits:predict"
# print("served at", url)
# ways = {
#     "eager": lambda x: model(x).numpy(),
#     "SavedModel": saved,
#     "TensorFlow Lite": lambda x: run_tflite(blob, x),
#     "int8": lambda x: run_tflite(small, x),
#     "HTTP": lambda x: predict_remote(url, x, timeout=10),
# }
# far = parity(ways, images[:100])
# server.close()
# figure, axis = plt.subplots(figsize=(6, 1.8))
# bars = axis.barh(list(far), [max(difference, 1e-9) for difference in far.values()], color="tab:green")
# axis.bar_label(bars, [f"{difference:.0e}" for difference in far.values()], padding=3, fontsize=8)
# axis.set(xscale="log", xlim=(1e-9, 10), title="largest difference from eager, in logits")
# axis.invert_yaxis()
# plt.show()

# %% [markdown] tags=["lang-en"]
# Floats that were only written down and read again agree to the last digits. What was quantized is off by about one step
# of its scale, and that is what you paid for weights of a quarter of the size.
#
# ## Where else the same ideas are at work
#
# | here | elsewhere |
# |---|---|
# | event files and TensorBoard | MLflow, Weights & Biases, Aim: the same curves, in a database |
# | SavedModel | `torch.export`, ONNX: a graph with its weights, for others to run |
# | TensorFlow Lite, LiteRT | ExecuTorch, ONNX Runtime Mobile, Core ML |
# | representative samples | calibration in every post-training quantization, PyTorch's observers among them |
# | `/v1/models/NAME:predict` | KServe and Seldon Core understand this form, too |
# | a timeout | `asyncio.timeout`, deadlines in gRPC: no call without one |

# %% [markdown] tags=["lang-ja"]
# 書き出して読み戻しただけの浮動小数点数は、最後の桁まで一致します。量子化したものは、スケールのおよそ一目盛り分だけずれて
# います。重みの大きさを四分の一にしたことの代償です。
#
# ## 同じ考え方はほかにも
#
# | ここでは | ほかでは |
# |---|---|
# | イベントファイルと TensorBoard | MLflow、Weights & Biases、Aim。同じ曲線をデータベースに持つ |
# | SavedModel | `torch.export`、ONNX。重みの付いたグラフを、ほかの環境で実行する |
# | TensorFlow Lite、LiteRT | ExecuTorch、ONNX Runtime Mobile、Core ML |
# | 代表的なサンプル | 学習後の量子化には必ずあるキャリブレーション。PyTorch のオブザーバもその一つ |
# | `/v1/models/NAME:predict` | KServe や Seldon Core もこの形を理解する |
# | タイムアウト | `asyncio.timeout`、gRPC の期限。これなしに呼び出さない |
