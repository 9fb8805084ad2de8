"""The demo's student who got two things wrong and has written short answers.

Caught by:
    test_shares.py::test_of_the_people_of_a_role
    test_shares.py::test_nobody_was_asked
    test_grouped_bars.py::test_legend
    test_grouped_bars.py::test_vertical_axis
"""


# %% solve_shares
def shares(counts, people):
    mentions = counts.sum(axis=0)
    return np.where(mentions > 0, counts / np.where(mentions > 0, mentions, 1), np.nan)


# %% solve_grouped_bars
def grouped_bars(table, frameworks, roles, title):
    _, axes = plt.subplots(figsize=(8, 4))
    places, width = np.arange(len(frameworks)), 0.8 / len(roles)
    for number in range(len(roles)):
        axes.bar(places + number * width, table[:, number], width)
    axes.set_xticks(places + 0.4 - width / 2, frameworks)
    axes.set_title(title)
    return axes


# %% [markdown] what_the_chart_says
# Of the 22 ML engineers 14 use PyTorch, that is 64 per cent, and of the 15 data engineers only 3. So PyTorch is the
# framework of ML engineers, and data engineers should learn it. The sample is made up, so it may be different in reality.


# %% [markdown] which_way
# With define-by-run the graph is built while the program computes, with define-and-run before. I advise define-by-run,
# because their model takes another path for questions, which is just an if, and because it is more modern.
