"""There is a group for each role, and in it a bar for each framework.

Caught by:
    test_grouped_bars.py::test_heights
    test_grouped_bars.py::test_groups
    test_grouped_bars.py::test_names_under_groups
    test_grouped_bars.py::test_legend
    test_grouped_bars.py::test_unknown_shares
"""


# %% solve_grouped_bars
def grouped_bars(table, frameworks, roles, title):
    _, axes = plt.subplots(figsize=(8, 4))
    places, width = np.arange(len(roles)), 0.8 / len(frameworks)
    for number, framework in enumerate(frameworks):
        axes.bar(places + number * width, table[number], width, label=framework)
    axes.set_xticks(places + 0.4 - width / 2, roles)
    axes.set(ylabel="share of the people asked", title=title, ylim=(0, None))
    axes.legend()
    return axes
