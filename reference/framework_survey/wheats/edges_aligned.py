"""Bars aligned by their left edges, patterns in them, and a Markdown table without blanks."""


# %% solve_as_markdown
def as_markdown(columns, rows):
    def line(cells):
        return "|" + "|".join(cells) + "|"

    def cell(x):
        if isinstance(x, float):
            return format(x, ".2f") if np.isfinite(x) else "–"
        return "\\|".join(str(x).split("|"))

    table = [line(map(cell, columns)), line(["-" * len(head) for head in columns])]
    for row in rows:
        table.append(line(map(cell, row)))
    return "\n".join(table)


# %% solve_shares
def shares(counts, people):
    columns = [[c / n if n else float("nan") for c in column] for column, n in zip(counts.T, people)]
    return np.array(columns).T


# %% solve_grouped_bars
def grouped_bars(table, frameworks, roles, title):
    fig, ax = plt.subplots(layout="constrained")
    left = np.arange(len(frameworks)) * 2.0
    step = 1.5 / len(roles)
    for j in range(len(roles)):
        ax.bar(left + j * step, table[:, j], step, align="edge", hatch="/o."[j % 3], edgecolor="black")
    ax.legend(roles)
    ax.set_xticks(left + 0.75, labels=frameworks)
    ax.set_ylabel("share")
    ax.set_ylim(bottom=0)
    ax.set_title(title)
    return ax
