"""The bars are so wide that groups run into each other.

Caught by:
    test_grouped_bars.py::test_groups
"""


# %% solve_grouped_bars
def grouped_bars(table, frameworks, roles, title):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots()
    places, width = np.arange(len(frameworks)), 1 / len(roles)
    for number, role in enumerate(roles):
        axes.bar(places + number * width, table[:, number], width, label=role)
    axes.set_xticks(places + 0.5 - width / 2, frameworks)
    axes.set(ylabel="share of the people asked", title=title, ylim=(0, 1))
    axes.legend(loc="upper center", ncols=len(roles))
    return axes
