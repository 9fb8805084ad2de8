"""Unknown shares are taken out before the bars are drawn, so that others change their places.

Caught by:
    test_grouped_bars.py::test_unknown_shares
"""


# %% solve_grouped_bars
def grouped_bars(table, frameworks, roles, title):
    _, axes = plt.subplots(figsize=(8, 4))
    places, width = np.arange(len(frameworks)), 0.8 / len(roles)
    known = table[~np.isnan(table)]
    heights = np.pad(known, (0, table.size - known.size)).reshape(table.shape)
    for number, role in enumerate(roles):
        axes.bar(places + number * width, heights[:, number], width, label=role)
    axes.set_xticks(places + 0.4 - width / 2, frameworks)
    axes.set(ylabel="share of the people asked", title=title, ylim=(0, None))
    axes.legend()
    return axes
