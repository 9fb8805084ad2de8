"""The vertical axis begins shortly below the lowest bar, which makes differences look large.

Caught by:
    test_grouped_bars.py::test_vertical_axis
"""


# %% solve_grouped_bars
def grouped_bars(table, frameworks, roles, title):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots()
    places, width = np.arange(len(frameworks)), 0.8 / len(roles)
    for number, role in enumerate(roles):
        axes.bar(places + number * width, table[:, number], width, label=role)
    axes.set_xticks(places + 0.4 - width / 2, frameworks)
    axes.set(ylabel="share of the people asked", title=title, ylim=(0.9 * np.nanmin(table), 1))
    axes.legend(loc="upper center", ncols=len(roles))
    return axes
