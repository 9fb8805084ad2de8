"""In each group the highest bar comes first.

Caught by:
    test_grouped_bars.py::test_heights
    test_grouped_bars.py::test_legend
    test_grouped_bars.py::test_unknown_shares
"""


# %% solve_grouped_bars
def grouped_bars(table, frameworks, roles, title):
    import matplotlib.pyplot as plt

    _, axes = plt.subplots()
    places, width = np.arange(len(frameworks)), 0.8 / len(roles)
    for number, role in enumerate(roles):
        axes.bar(0, 0, label=role, color=f"C{number}")
    axes.patches[0].axes.clear()
    order = np.argsort(-table, axis=1)
    for number, role in enumerate(roles):
        for group in places:
            place = group + order[group].tolist().index(number) * width
            axes.bar(place, table[group, number], width, color=f"C{number}", label=role if group == 0 else None)
    axes.set_xticks(places + 0.4 - width / 2, frameworks)
    axes.set(ylabel="share of the people asked", title=title, ylim=(0, 1))
    axes.legend(loc="upper center", ncols=len(roles))
    return axes
