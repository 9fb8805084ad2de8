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
# # Who uses which framework?
#
# This course is about frameworks for deep learning: programs that record a computation as a graph, and differentiate it.
# There are many, and people have opinions about them. Before you build one yourself, look at what is used, by whom, and
# why there are **two ways** to build such a graph.
#
# You start from the raw answers of a survey, as people typed them, and end with a chart, a table and two short texts.
#
# > **The data are made up.** Nobody was asked. The instructors wrote down, for three jobs, how likely each framework is
# > used, and drew 60 answers with a random generator and a seed. You can practise on them how to read a survey. You cannot
# > learn from them who uses what.
#
# **When you are done you can**
#
# - turn answers as people type them into a table with one row for each fact;
# - say what share of whom uses what, and what the share is a share *of*;
# - draw a grouped bar chart that can be read without its author;
# - tell define-by-run from define-and-run, and say what follows for somebody who has to choose.
#
# **Out of scope:** how to ask people and whom, tests of significance, pandas.
#
# **How to work.** Each task has one cell for your code and one cell of checks below it. The checks show the shape of the
# task. They are not all that is graded: the docstrings are the specification. Where a docstring says that something is
# your choice, every choice is accepted. The last two tasks are texts: a person reads them.

# %% [markdown] tags=["lang-ja"]
# # だれがどのフレームワークを使っているか
#
# この講座のテーマは、ディープラーニングのフレームワークです。フレームワークとは、計算をグラフとして記録し、それを微分する
# プログラムのことです。種類は多く、人によって好みも分かれます。自分で一つ作ってみる前に、どれがだれに使われているのか、
# そして、グラフの作り方にはなぜ**二通り**あるのかを見ておきましょう。
#
# 出発点は、回答者が入力したままのアンケートの回答です。最後には、グラフ（図）が一つ、表が一つ、短い文章が二つできあがります。
#
# > **このデータは架空のものです。** 実際にはだれにも質問していません。三つの職種それぞれについて、各フレームワークが使われる
# > 確率を講師が決め、シードを固定した乱数で 60 人分の回答を作りました。アンケートの読み方を練習するためのデータであって、
# > だれが何を使っているかを知るためのデータではありません。
#
# **このスプリントを終えると、次のことができるようになります**
#
# - 入力されたままの回答を、一つの事実が一行になった表に整理する
# - だれのうち何割が何を使うかを求め、その割合の*分母*が何かを説明する
# - 作った本人がいなくても読み取れる、グループ化した棒グラフを描く
# - define-by-run と define-and-run を区別し、どちらかを選ぶ人にとって何が変わるかを述べる
#
# **扱わないこと：** だれにどう質問するか、有意差の検定、pandas。
#
# **進め方。** 課題ごとに、コードを書くセルが一つあり、そのすぐ下に確認用のセルがあります。確認用のセルは課題の形を
# 示すためのもので、採点で調べるのはそれだけではありません。仕様は docstring に書いてあります。docstring に「your
# choice」と書いてあるところは、どの選び方をしてもかまいません。最後の二つの課題は文章で答えます。人が読んで採点します。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import re

import numpy as np

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": false, "grade_id": "drawing", "locked": true, "schema_version": 3, "solution": false, "task": false}
# import matplotlib.pyplot as plt
# from IPython.display import Markdown

# %% [markdown] tags=["lang-en"]
# ## The answers
#
# Two questions were "asked": *What is your job?* and *Which frameworks do you use?* Both had a text field, which is how one
# gets many spellings of one thing. The next cell makes the answers up. Its result depends on the seed and on nothing else:
# everybody who runs it has the same 60 answers.

# %% [markdown] tags=["lang-ja"]
# ## 回答
#
# 「質問」は二つです。*あなたの職種は何ですか。* *どのフレームワークを使っていますか。* どちらも自由記述だったので、同じものが
# 何通りもの書き方で書かれています。次のセルが、この架空の回答を作ります。結果はシードだけで決まるので、だれが実行しても
# 同じ 60 人分の回答になります。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "answers", "locked": true, "schema_version": 3, "solution": false, "task": false}
ROLES = {  # the name that we use: other spellings of it
    "data engineer": ["DE", "data eng."],
    "data scientist": ["DS", "scientist (data)"],
    "ML engineer": ["MLE", "machine learning engineer"],
}
FRAMEWORKS = {
    "TensorFlow": ["TF", "tensor flow"],
    "Keras": ["tf.keras"],
    "PyTorch": ["torch"],
    "Chainer": [],
    "scikit-learn": ["sklearn"],
}
HABITS = {  # made up: how likely somebody with this job uses each framework
    "data engineer": [0.5, 0.2, 0.2, 0.05, 0.45],
    "data scientist": [0.45, 0.5, 0.45, 0.1, 0.8],
    "ML engineer": [0.65, 0.35, 0.7, 0.2, 0.4],
}


def made_up_answers(seed, people=60):
    """Answers of people who do not exist: for each a job and frameworks, separated by semicolons, as they typed them."""
    rng = np.random.default_rng(seed)

    def typed(name, spellings):
        forms = [name, name.lower(), name.upper(), f" {name}  ", name.replace(" ", "-"), *spellings[name]]
        return str(rng.choice(forms))

    answers = []
    for _ in range(people):
        role = str(rng.choice(list(ROLES), p=[0.2, 0.45, 0.35]))
        used = [name for name, chance in zip(FRAMEWORKS, HABITS[role], strict=True) if rng.random() < chance]
        words = [typed(name, FRAMEWORKS) for name in used + used[:1] * int(rng.random() < 0.2)]
        words += ["a spreadsheet"] * int(rng.random() < 0.1)
        job = typed(role, ROLES) if rng.random() < 0.95 else "student"
        answers.append((job, ";".join(words)))
    return answers


ANSWERS = made_up_answers(seed=2015)

# %% tags=["active-ipynb"]
# for role, frameworks in ANSWERS[:8]:
#     print(f"{role!r:30} {frameworks!r}")

# %% [markdown] tags=["lang-en"]
# ## Task 1: one spelling for one thing
#
# `'TF'`, `' TensorFlow  '` and `'tensor flow'` are one framework. Before anything can be counted, each text has to become a
# name from a list – or nothing, when it is none of them. Guessing is worse than leaving out: whoever looks for `"tf"`
# *somewhere in* the text also counts TFLite.
#
# **Hint.** Write a small function that makes a text plain: small letters, hyphens and underscores as blanks, one blank
# where there are several. Then two spellings of one name are equal. `" ".join(text.split())` takes care of the blanks.

# %% [markdown] tags=["lang-ja"]
# ## 課題 1：一つのものに一つの書き方
#
# `'TF'`、`' TensorFlow  '`、`'tensor flow'` は同じフレームワークです。数える前に、それぞれの文字列を、一覧にある名前に
# 直さなければなりません。どれにも当てはまらなければ「なし」とします。当て推量をするくらいなら、数えないほうがましです。
# 文字列の*どこかに* `"tf"` があるかどうかを調べると、TFLite まで数えてしまいます。
#
# **ヒント。** 文字列を単純な形にする小さな関数を書きます。小文字にし、ハイフンとアンダースコアを空白に置き換え、続いた空白を
# 一つにまとめます。すると、同じ名前の二つの書き方は等しくなります。空白の処理は `" ".join(text.split())` でできます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_canonical", "locked": false, "schema_version": 3, "solution": true, "task": false}
def canonical(text, spellings):
    """The name that somebody meant.

    Parameters
    ----------
    text : str, as it was typed
    spellings : dict, name to a list of other spellings of it. It is not changed.

    Returns
    -------
    str or None. The name that is equal to the text, or one of whose spellings is, when the difference between capital
        and small letters, white space at both ends, and the difference between blanks, hyphens and underscores do
        not count; several of these in a row are as one. None, if there is no such name.
    """
    ### BEGIN SOLUTION
    def plain(word):
        return " ".join(re.split(r"[\s_-]+", word.strip().lower()))

    for name, others in spellings.items():
        if plain(text) in [plain(word) for word in (name, *others)]:
            return name
    return None
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "canonical", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# assert canonical("TF", FRAMEWORKS) == "TensorFlow", "another spelling"
# assert canonical("  scikit learn ", FRAMEWORKS) == "scikit-learn", "blanks around it, and a blank for a hyphen"
# assert canonical("a spreadsheet", FRAMEWORKS) is None, "none of the frameworks"

# %% [markdown] tags=["lang-en"]
# With your function, the next cell reads all answers: each becomes a pair of a job and a list of frameworks, with `None`
# for what could not be read.

# %% [markdown] tags=["lang-ja"]
# 次のセルは、いま書いた関数を使ってすべての回答を読み取ります。一つの回答が、職種とフレームワークのリストの組になります。
# 読み取れなかったところは `None` です。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "read", "locked": true, "schema_version": 3, "solution": false, "task": false}
def read(answers):
    """Each answer as (job, [framework, ...]); None for what canonical does not know."""
    return [
        (canonical(role, ROLES), [canonical(word, FRAMEWORKS) for word in frameworks.split(";") if word])
        for role, frameworks in answers
    ]

# %% tags=["active-ipynb"]
# for answer in read(ANSWERS)[:8]:
#     print(answer)

# %% [markdown] tags=["lang-en"]
# ## Task 2: tidy data
#
# An answer with three frameworks in it holds three facts. A table is **tidy** when each row is one fact and each column one
# variable. Here the variables are the person, the job and the framework. In this form counting, sorting and selecting are
# one loop each.
#
# Who types a framework twice still is one person who uses it.
#
# **Hint.** `enumerate(answers)` numbers the people. `dict.fromkeys(names)` keeps each name once, in its order.

# %% [markdown] tags=["lang-ja"]
# ## 課題 2：整然データ
#
# フレームワークが三つ書かれた回答には、三つの事実が入っています。一行が一つの事実を、一列が一つの変数を表す表を**整然データ**
# （tidy data）と呼びます。ここでの変数は、人、職種、フレームワークの三つです。この形にしておけば、数えるのも、並べ替える
# のも、選び出すのも、それぞれループ一つで済みます。
#
# 同じフレームワークを二度書いた人がいても、使っている人は一人です。
#
# **ヒント。** `enumerate(answers)` で人に番号が付きます。`dict.fromkeys(names)` は、順序を保ったまま同じ名前を一つにします。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_tidy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tidy(answers):
    """One row for each framework that a person uses.

    Parameters
    ----------
    answers : list of pairs (role, frameworks), one for each person: role a str, or None when it could not be read;
        frameworks a list of str, in which None is one that could not be read. It is not changed.

    Returns
    -------
    list of tuples (person, role, framework), a new one: person is the place of the answer in the list, from 0. Each
        framework is there once for each person, however often it was named. What could not be read is left out, and of
        a person whose role could not be read everything is. The rows are in the order of the people; the order within
        one person is your choice.
    """
    ### BEGIN SOLUTION
    rows = []
    for person, (role, frameworks) in enumerate(answers):
        if role is not None:
            rows += [(person, role, name) for name in dict.fromkeys(frameworks) if name is not None]
    return rows
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "tidy", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
# few = [("ML engineer", ["PyTorch", "Keras"]), ("data engineer", []), ("ML engineer", ["Keras", "Keras", None])]
# assert len(tidy(few)) == 3, "two facts of the first person, none of the second, one of the third"
# assert (2, "ML engineer", "Keras") in tidy(few), "person 2 uses Keras"

# %% tags=["active-ipynb"]
# ROWS = tidy(read(ANSWERS))
# print(len(ROWS), "rows, the first of them:")
# for row in ROWS[:5]:
#     print(row)

# %% [markdown] tags=["lang-en"]
# ## Task 3: count
#
# Now the table that everybody has in mind: frameworks down, jobs across, and in each cell the number of people.
#
# **Hint.** `names.index(name)` is the place of a name in a list. What is not in the list has no place.

# %% [markdown] tags=["lang-ja"]
# ## 課題 3：数える
#
# 次は、だれもが思い浮かべる表です。縦にフレームワーク、横に職種が並び、それぞれの欄に人数が入ります。
#
# **ヒント。** `names.index(name)` は、リストの中での名前の位置です。リストにないものには位置がありません。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_count_people", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_people(rows, frameworks, roles):
    """How many people of each role use each framework.

    Parameters
    ----------
    rows : list of tuples (person, role, framework), each fact once
    frameworks, roles : lists of f and r names. None of the lists is changed.

    Returns
    -------
    int array, (f, r). Rows of the table are in the order of `frameworks`, columns in that of `roles`. Facts about a
        framework that is not in `frameworks`, or a role that is not in `roles`, are not counted.
    """
    ### BEGIN SOLUTION
    counts = np.zeros((len(frameworks), len(roles)), dtype=int)
    for _, role, framework in rows:
        if role in roles and framework in frameworks:
            counts[frameworks.index(framework), roles.index(role)] += 1
    return counts
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "count_people", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# facts = [(0, "ML engineer", "Keras"), (1, "data engineer", "Keras"), (2, "ML engineer", "Keras")]
# assert count_people(facts, ["Keras"], ["ML engineer", "data engineer"]).tolist() == [[2, 1]], "two and one"

# %% tags=["active-ipynb"]
# COUNTS = count_people(ROWS, list(FRAMEWORKS), list(ROLES))
# print(COUNTS)

# %% [markdown] tags=["lang-en"]
# ## Task 4: shares
#
# More ML engineers than data engineers were asked, so of course more of them use anything. What can be compared is the
# share: how many *of the people of a role* use a framework. A person may use several, so the shares of a role add up to
# more than one, and that is right. A share of all *mentions* would say something else.
#
# And where nobody was asked, the share is not zero. It is not known, and numpy has a number for that: `nan`.
#
# **Hint.** `counts / people` divides each row by `people`, column by column: the shapes are (f, r) and (r,). In numpy
# 0 / 0 is `nan`, with a warning; `with np.errstate(invalid="ignore"):` says that it is meant.

# %% [markdown] tags=["lang-ja"]
# ## 課題 4：割合
#
# ML エンジニアにはデータエンジニアより多くの人に聞いたので、人数が多くなるのは当たり前です。比べられるのは割合、
# つまり*その職種の人のうち*何割が使っているかです。一人がいくつも使うことがあるので、一つの職種の割合を足すと 1 を超えます。
# それで正しいのです。*挙げられた回数全体*に対する割合では、別のことを表してしまいます。
#
# また、だれにも聞いていない職種の割合は 0 ではありません。分からないのです。numpy には、そのための数 `nan` があります。
#
# **ヒント。** `counts / people` は、各行を `people` で列ごとに割ります。shape は (f, r) と (r,) です。numpy では
# 0 / 0 は `nan` になり、警告が出ます。わざとそうしていることは、`with np.errstate(invalid="ignore"):` で示せます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_shares", "locked": false, "schema_version": 3, "solution": true, "task": false}
def shares(counts, people):
    """Which share of the people of each role uses each framework.

    Parameters
    ----------
    counts : int array, (f, r): how many people of a role use a framework; f may be 0
    people : int array, (r,): how many people of each role there are in the survey, whatever they use. Neither array is
        changed.

    Returns
    -------
    float array, (f, r), a new one: from 0 to 1, and nan in the column of a role of which there is nobody
    """
    ### BEGIN SOLUTION
    with np.errstate(invalid="ignore"):  # 0 / 0 is nan, which is what we mean
        return counts / people
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "shares", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# got = shares(np.array([[1, 3], [2, 3]]), np.array([4, 3]))
# assert got.tolist() == [[0.25, 1.0], [0.5, 1.0]], "of 4 people and of 3"

# %% tags=["active-ipynb"]
# roles_of_all = [role for role, _ in read(ANSWERS)]
# PEOPLE = np.array([roles_of_all.count(role) for role in ROLES])
# SHARES = shares(COUNTS, PEOPLE)
# print(dict(zip(ROLES, PEOPLE.tolist())))
# print(SHARES.round(2))

# %% [markdown] tags=["lang-en"]
# ## Task 5: what each role uses most
#
# The sentence that somebody will quote is "most used by data scientists is …". It has to be right, also when two are
# equal, and when there is nothing to say.
#
# **Hint.** `sorted` keeps the order of what is equal, also with `reverse=True`; `key` is what to sort by. Comparisons with
# `nan` are never true, so take the unknown out before you sort.

# %% [markdown] tags=["lang-ja"]
# ## 課題 5：職種ごとに最もよく使われるもの
#
# 引用されるのは、「データサイエンティストに最も使われているのは……」という一文です。同率のときも、言えることが何もないときも、
# 正しくなければなりません。
#
# **ヒント。** `sorted` は、`reverse=True` のときも、等しいものの順序を保ちます。`key` は並べ替えの基準です。`nan` との比較は決して
# 真にならないので、並べ替える前に、分からないものを取り除きます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_most_used", "locked": false, "schema_version": 3, "solution": true, "task": false}
def most_used(table, frameworks, roles, k):
    """The frameworks that each role uses most.

    Parameters
    ----------
    table : float array, (f, r), of shares; nan where a share is not known
    frameworks, roles : lists of f and r names. Neither they nor the table are changed.
    k : int, at most so many for each role

    Returns
    -------
    dict, role to a list of names, the largest share first; names with equal shares in the order of `frameworks`.
        A framework whose share is 0 or not known is not in the list, which may be shorter than k, or empty.
    """
    ### BEGIN SOLUTION
    best = {}
    for number, role in enumerate(roles):
        used = [i for i in range(len(frameworks)) if table[i, number] > 0]
        best[role] = [frameworks[i] for i in sorted(used, key=lambda i: table[i, number], reverse=True)[:k]]
    return best
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "most_used", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# got = most_used(np.array([[0.2, 0.5], [0.9, 0.4]]), ["Keras", "PyTorch"], ["ML engineer", "data engineer"], 1)
# assert got == {"ML engineer": ["PyTorch"], "data engineer": ["Keras"]}, "the largest share of each role"

# %% tags=["active-ipynb"]
# for role, names in most_used(SHARES, list(FRAMEWORKS), list(ROLES), 3).items():
#     print(f"{role}: {', '.join(names)}")

# %% [markdown] tags=["lang-en"]
# ## Task 6: a table that can be read
#
# Numbers that others are to read need a table with names and as many digits as matter. A notebook shows text in Markdown,
# and Markdown has tables:
#
# ```
# | framework | data engineer |
# | --- | --- |
# | Keras | 0.20 |
# ```
#
# The bar `|` stands between cells. A bar that belongs to a cell's text is written `\|`, or it would begin another cell.
#
# **Hint.** One function for a cell, `" | ".join(…)` for a line, and `"\n".join(…)` for all of them.

# %% [markdown] tags=["lang-ja"]
# ## 課題 6：読みやすい表
#
# ほかの人に読んでもらう数値には、名前が付き、必要な桁数だけが書かれた表が必要です。ノートブックは Markdown の文章を表示でき、
# Markdown には表があります。
#
# ```
# | framework | data engineer |
# | --- | --- |
# | Keras | 0.20 |
# ```
#
# 縦棒 `|` はセルの区切りです。セルの文字列に含まれる縦棒は `\|` と書きます。そうしないと、そこから別のセルが始まってしまいます。
#
# **ヒント。** 一つのセルを作る関数を書き、行は `" | ".join(…)` で、全体は `"\n".join(…)` でつなぎます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_as_markdown", "locked": false, "schema_version": 3, "solution": true, "task": false}
def as_markdown(columns, rows):
    """A table in Markdown.

    Parameters
    ----------
    columns : list of c str, the heads of the columns
    rows : list of lists of c cells, each a str, a bool, an int or a float. None of the lists is changed.

    Returns
    -------
    str: a line of heads, the line that makes it a table, with dashes for each column (how many, and colons in it, are
        your choice), and a line for each row. A float has two decimals, and nan is a dash, "–"; infinity does
        not come up. Anything else is as str() gives it. A bar in a head or in a cell is written with a backslash before it. Blanks
        around cells are your choice. So are bars at both ends of the lines, the same in all lines.
    """
    ### BEGIN SOLUTION
    def cell(content):
        if isinstance(content, float):
            return "–" if np.isnan(content) else f"{content:.2f}"
        return str(content).replace("|", r"\|")

    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell(content) for content in line) + " |" for line in lines)
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "as_markdown", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# lines = as_markdown(["framework", "share"], [["Keras", 0.5], ["Chainer", 0.125]]).strip().splitlines()
# assert len(lines) == 4, "heads, dashes, and two rows"
# assert "framework" in lines[0] and "---" in lines[1] and "0.50" in lines[2], "heads, dashes, two decimals"

# %% tags=["active-ipynb"]
# Markdown(as_markdown(["framework", *ROLES], [[name, *row] for name, row in zip(FRAMEWORKS, SHARES)]))

# %% [markdown] tags=["lang-en"]
# ## Task 7: a grouped bar chart
#
# The same numbers as a picture. For each framework a **group** of bars, one bar for each role, and a gap before the next
# group: what is to be compared stands side by side. A chart that can be read without its author has
#
# - a legend that says which colour is which role;
# - under each group the name of its framework;
# - an axis that begins at 0 (a bar that begins elsewhere has the wrong length) and says what it shows;
# - a title that says where the data are from. Here: that they are made up.
#
# **Hint.** `axes.bar(x, heights, width, label=role)` once for each role, with `x` shifted by `width` each time; a group's
# bars together take 0.8, say, and groups stand at 0, 1, 2, …. `axes.set_xticks(places, names)` names the groups.

# %% [markdown] tags=["lang-ja"]
# ## 課題 7：グループ化した棒グラフ
#
# 同じ数値を、今度は図にします。フレームワークごとに棒の**グループ**を作り、その中に職種ごとの棒を一本ずつ並べ、次のグループとの
# 間をあけます。比べたいものを隣に置くわけです。作った本人がいなくても読み取れる図には、次のものがあります。
#
# - どの色がどの職種かを示す凡例
# - 各グループの下に、フレームワークの名前
# - 0 から始まり（ほかの値から始まる棒は、長さが正しくありません）、何を表すかが書かれた軸
# - データの出どころを書いたタイトル。ここでは、架空のデータだということ
#
# **ヒント。** 職種ごとに一度ずつ `axes.bar(x, heights, width, label=role)` を呼び、そのたびに `x` を `width` だけずらします。一つの
# グループの棒は合わせて 0.8 ほどの幅にし、グループは 0、1、2、… の位置に置きます。グループの名前は
# `axes.set_xticks(places, names)` で付けます。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_grouped_bars", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grouped_bars(table, frameworks, roles, title):
    """A chart of shares, in a figure of its own.

    Parameters
    ----------
    table : float array, (f, r), of shares; nan where a share is not known
    frameworks, roles : lists of f and r names; at most ten roles. Neither they nor the table are changed.
    title : str

    Returns
    -------
    matplotlib Axes, of a new figure. From left to right a group for each framework, in their order; in each group a
        vertical bar for each role, in their order, as high as the share, from 0 (no bar, or one without height, where
        the share is nan). Where bars stand does not depend on the shares. Bars do not overlap and are not cut off, and
        between groups there is more room than within. Each group has a tick under it, with the framework's name, and
        there are no other ticks on that axis. The legend has the roles, each with the colour of its bars, which no
        other role has. The vertical axis is linear, begins at 0, has room for the highest bar and has a label, which is
        your choice.
        The chart's title is `title`. Colours and sizes are your choice.
    """
    import matplotlib.pyplot as plt

    ### BEGIN SOLUTION
    _, axes = plt.subplots()
    places, width = np.arange(len(frameworks)), 0.8 / len(roles)
    for number, role in enumerate(roles):
        axes.bar(places + number * width, table[:, number], width, label=role)
    axes.set_xticks(places + 0.4 - width / 2, frameworks)
    axes.set(ylabel="share of the people asked", title=title, ylim=(0, 1))
    axes.legend(loc="upper center", ncols=len(roles))
    return axes
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "grouped_bars", "locked": true, "points": 7, "schema_version": 3, "solution": false, "task": false}
# axes = grouped_bars(np.array([[0.2, 0.5], [0.9, 0.4]]), ["Keras", "PyTorch"], ["DE", "MLE"], "a check")
# assert len([bar for bar in axes.patches if bar.get_height() > 0]) == 4, "two groups of two bars"
# assert axes.get_title() == "a check", "the title"
# assert axes.get_legend() is not None, "a legend"
# plt.close(axes.figure)

# %% tags=["active-ipynb"]
# grouped_bars(SHARES, list(FRAMEWORKS), list(ROLES), f"Frameworks by job: a made-up sample of {sum(PEOPLE)} people")
# plt.show()

# %% [markdown] tags=["lang-en"]
# ## Task 8: two ways to build a graph
#
# All of these frameworks but one (scikit-learn) do the same at heart: they record which operation made which number out of
# which others, a **graph**, and get gradients from it by the chain rule, backwards. They differ in *when* the graph is
# built.
#
# **Define-and-run** (TensorFlow 1): first the program writes down the graph, with placeholders where data will be. Nothing
# is computed. Then the finished graph is run, as often as you like.
#
# ```python
# x = placeholder()                 # no number yet
# y = x * x + 1                     # still none: y is a node
# session.run(y, feed_dict={x: 3})  # 10
# ```
#
# **Define-by-run** (Chainer, PyTorch, TensorFlow 2 when it is eager): the program computes, and while it does, each
# operation records itself. The graph is there when the result is, and the next pass records another.
#
# ```python
# x = Tensor(3)
# y = x * x + 1                     # 10, and the graph that led to it
# ```
#
# The next cell has eight statements. Say for each way whether the statement holds for it: for one, for both, or for
# neither.
#
# **Hint.** Read each statement with one of the two programs above in mind. What is `y` in the second line?

# %% [markdown] tags=["lang-ja"]
# ## 課題 8：グラフを作る二通りの方法
#
# これらのフレームワークは、一つ（scikit-learn）を除いて、根本では同じことをしています。どの数がどの数からどの演算で作られたかを
# **グラフ**として記録し、連鎖律を使って、それを逆向きにたどりながら勾配を求めます。違うのは、グラフを*いつ*作るかです。
#
# **define-and-run**（TensorFlow 1）では、プログラムはまずグラフを書き下します。データが入るところはプレースホルダにしておきます。
# この段階では何も計算されません。そのあと、完成したグラフを好きなだけ実行します。
#
# ```python
# x = placeholder()                 # まだ数ではない
# y = x * x + 1                     # ここでもまだ：y はノード
# session.run(y, feed_dict={x: 3})  # 10
# ```
#
# **define-by-run**（Chainer、PyTorch、eager モードの TensorFlow 2）では、プログラムは計算をします。その間に、演算の一つ一つが自分を
# 記録していきます。結果が出たときにはグラフもできていて、次に計算すればまた別のグラフが記録されます。
#
# ```python
# x = Tensor(3)
# y = x * x + 1                     # 10 と、そこに至るグラフ
# ```
#
# 次のセルに八つの文があります。それぞれの文が、それぞれの方法に当てはまるかどうかを答えてください。一方だけに当てはまる文も、
# 両方に当てはまる文も、どちらにも当てはまらない文もあります。順に：
#
# `built_first` 最初の数が計算される前に、グラフ全体ができている。`recorded_anew` 順伝播のたびに、新しいグラフが記録される。
# `fed_later` プログラムが書き下した穴に、あとから値が入る。`python_decides` 計算されたばかりの数を Python のふつうの `if` で調べ、
# 次に何を計算するかを決められる。`debugger_sees_numbers` 順伝播を書いた行でデバッガを止めると、数が見える。`optimized_whole` 実行前に
# グラフ全体を最適化でき、Python なしで動くように保存できる。`chain_rule` 勾配は、グラフから連鎖律で求められる。`by_hand`
# モデル全体の導関数を自分で書かなければならない。
#
# **ヒント。** 上の二つのプログラムのどちらかを思い浮かべながら、一つずつ読んでください。二行目の `y` は何でしょうか。

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "statements", "locked": true, "schema_version": 3, "solution": false, "task": false}
STATEMENTS = {
    "built_first": "The whole graph is there before the first number is computed.",
    "recorded_anew": "Each forward pass records a graph of its own.",
    "fed_later": "Values come later, into holes that the program has written down.",
    "python_decides": "A plain if of Python can look at a number just computed, and decide what is computed next.",
    "debugger_sees_numbers": "A debugger that stops in a line of the forward pass shows numbers there.",
    "optimized_whole": "Before it runs, the whole graph can be optimized, and saved to be run without Python.",
    "chain_rule": "Gradients come from the graph, by the chain rule.",
    "by_hand": "The derivative of the whole model has to be written down by hand.",
}

# %% nbgrader={"cell_type": "code", "grade": false, "grade_id": "solve_two_ways", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_ways():
    """Which statement holds for which way of building a graph.

    Returns
    -------
    dict, with the keys of STATEMENTS: to each a pair of bools, (define_by_run, define_and_run), a tuple or a list
    """
    ### BEGIN SOLUTION
    return {
        "built_first": (False, True),
        "recorded_anew": (True, False),
        "fed_later": (False, True),
        "python_decides": (True, False),
        "debugger_sees_numbers": (True, False),
        "optimized_whole": (False, True),
        "chain_rule": (True, True),
        "by_hand": (False, False),
    }
    ### END SOLUTION

# %% tags=["active-ipynb"] nbgrader={"cell_type": "code", "grade": true, "grade_id": "two_ways", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
# answers = two_ways()
# assert set(answers) == set(STATEMENTS), "one answer for each statement"
# assert all(len(pair) == 2 and all(type(said) is bool for said in pair) for pair in answers.values()), "two bools each"

# %% tags=["active-ipynb"]
# def sign(holds):
#     return "yes" if holds else "no"
#
#
# Markdown(
#     as_markdown(
#         ["", "define-by-run", "define-and-run"],
#         [[text, *map(sign, two_ways()[key])] for key, text in STATEMENTS.items()],
#     )
# )

# %% [markdown] tags=["lang-en"]
# ## Task 9: what the chart says, and what it does not (a written answer)
#
# From here on a person reads what you write: there are no checks, and no right wording. Write into the cell below, in
# English or Japanese, five to eight sentences:
#
# - one finding from your chart, as a sentence **with numbers**;
# - how much this finding hangs on a few people: how many are behind each number?
# - what this sample cannot tell, and why not;
# - what you would ask, or whom, to find out.
#
# Each of these earns one point. Whoever reads it looks for reasons, not for length.
#
# **Hint.** Take two numbers from one row of your table, and work out what each would be with one person more.

# %% [markdown] tags=["lang-ja"]
# ## 課題 9：図から言えること、言えないこと（記述）
#
# ここから先は、書いたものを人が読みます。確認用のセルはなく、決まった正しい言い回しもありません。下のセルに、日本語か英語で
# 五文から八文ほど書いてください。
#
# - 図から読み取れることを一つ、**数値を入れて**
# - その結果は、数人の違いでどれくらい変わるか。それぞれの数値は何人から出たものか
# - このサンプルからは分からないことと、その理由
# - それを知るために、何を、あるいはだれに尋ねるか
#
# それぞれが 1 点です。読む人が探すのは理由であって、長さではありません。
#
# **ヒント。** 表の一つの行から数値を二つ選び、あと一人増えていたらそれぞれいくつになるかを計算してみましょう。

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "what_the_chart_says", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# Of the 22 ML engineers in the sample 14 use PyTorch, 64 per cent; of the 15 data engineers 3 do, 20 per cent. The two
# numbers rest on 22 and 15 answers: if two more data engineers had named PyTorch, theirs would be 33 per cent. So I
# would say that ML engineers use it more, and not how much more. Nothing follows about ML engineers in general: the
# answers are made up, and if they were real, they would be those of people who like to answer surveys. Nor does the chart
# say how much somebody uses a framework; one experiment counts as much as daily work. I would ask a random sample from a
# list of all employees which framework their last finished project used, at least a hundred of each job, and publish the
# question with the numbers.
#
# サンプルの ML エンジニア 22 人のうち 14 人（64%）が PyTorch を使い、データエンジニアでは 15 人のうち 3 人（20%）だけです。どちらも
# 22 人と 15 人の回答から出た数値で、データエンジニアがあと 2 人 PyTorch を挙げていれば 33% になります。ですから、ML エンジニアの
# ほうがよく使うとは言えても、どれだけ多いかまでは言えません。ML エンジニア一般については何も言えません。回答は架空のもので、本物
# だったとしても、アンケートに答えたがる人の回答だからです。また、一度試しただけの人も毎日使う人も同じ一人と数えられています。
# 全社員の名簿から無作為に、職種ごとに百人以上を選び、最後に完成させたプロジェクトで何を使ったかを尋ね、質問文も数値と一緒に
# 公開します。

# %% [markdown] tags=["lang-en"]
# ## Task 10: a choice (a written answer)
#
# > Three people build a model that reads sentences. Sentences have different lengths, and the model takes another path for
# > questions than for statements. They change it every day. Once a month the best version goes into an app on telephones,
# > where there is no Python.
#
# Which way of building the graph do you advise, for what, and why? Six to ten sentences, in English or Japanese. One
# point each for:
#
# - what the difference between the two ways is: when is the graph built?
# - a reason for define-by-run that has to do with *this* team;
# - a reason for define-and-run that has to do with *this* team;
# - advice that follows from your reasons (one way, or each for a part of the work);
# - what it costs, or what would have to be different for you to advise something else.
#
# **Hint.** When you are done, strike out each sentence that would be just as true of any other team. What is left?

# %% [markdown] tags=["lang-ja"]
# ## 課題 10：選択（記述）
#
# > 三人のチームが、文を読むモデルを作っています。文の長さはまちまちで、モデルは、疑問文と平叙文とで別の道筋を通ります。モデルには
# > 毎日手を加えます。月に一度、いちばんよい版をスマートフォンのアプリに組み込みますが、そこに Python はありません。
#
# グラフの作り方としてどちらを、何のために、なぜ勧めますか。日本語か英語で、六文から十文ほどで書いてください。次のそれぞれが 1 点です。
#
# - 二つの方法の違い：グラフはいつ作られるか
# - *このチームの*事情に即した、define-by-run を選ぶ理由
# - *このチームの*事情に即した、define-and-run を選ぶ理由
# - 挙げた理由から導かれる助言（どちらか一方でも、仕事の部分ごとに使い分けてもよい）
# - その選択の代償、あるいは、何が違っていれば別の助言をするか
#
# **ヒント。** 書き終えたら、ほかのどのチームにも当てはまる文を消してみましょう。何が残りますか。

# %% [markdown] nbgrader={"cell_type": "markdown", "grade": true, "grade_id": "which_way", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
# With define-by-run the graph is recorded while the numbers are computed, anew in each pass; with define-and-run it is
# written down completely before the first number is there. This team's model takes another path for questions, and its
# sentences have different lengths: with define-by-run that is an if and a for of Python, and each sentence gets the graph
# it needs. They change it daily, so it matters too that a debugger shows numbers in the line that is wrong. The telephone
# has no Python: what goes there must be a finished graph that can be optimized and run by itself, which is what
# define-and-run gives. I advise define-by-run for the daily work, and once a month to write the best version as a
# function that is traced into a graph, as tf.function does. It costs them a second form of the model in which the if must
# be a part of the graph, and tests that both forms give the same. If the model were fixed and ran on millions of sentences
# in a server, I would advise a graph from the beginning.
#
# define-by-run では、数を計算しながら、順伝播のたびに新しくグラフが記録されます。define-and-run では、最初の数が計算される前に
# グラフ全体が書き下されます。このチームのモデルは疑問文で別の道筋を通り、文の長さもまちまちです。define-by-run なら、それは Python の
# if と for で書け、文ごとに必要なグラフができます。毎日手を加えるので、間違った行でデバッガが数を見せてくれることも大切です。
# 一方、スマートフォンには Python がありません。そこに持っていくのは、最適化でき、単独で動く完成したグラフでなければならず、それは
# define-and-run が与えてくれるものです。日々の開発には define-by-run を勧め、月に一度、いちばんよい版を、tf.function のようにグラフへ
# トレースされる関数として書くことを勧めます。代償は、if もグラフの一部にしなければならない二つ目の形ができることと、両者の結果が
# 同じだと確かめるテストが要ることです。モデルがもう変わらず、サーバで何百万もの文を処理するのなら、最初からグラフを勧めます。
