"""A Counter for the counts, and a chart made of single rectangles with a legend of its own."""


# %% solve_tidy
def tidy(answers):
    def facts():
        for person in range(len(answers)):
            role, names = answers[person]
            if role is None:
                continue
            for name in set(names) - {None}:
                yield person, role, name

    return list(facts())


# %% solve_count_people
def count_people(rows, frameworks, roles):
    from collections import Counter

    number = Counter((framework, role) for _, role, framework in rows)
    cells = [number[framework, role] for framework in frameworks for role in roles]
    return np.array(cells, dtype=int).reshape(len(frameworks), len(roles))


# %% solve_shares
def shares(counts, people):
    table = np.full(np.shape(counts), np.nan)
    return np.divide(counts, people, out=table, where=np.broadcast_to(people, table.shape) > 0)


# %% solve_most_used
def most_used(table, frameworks, roles, k):
    result = {}
    for role, column in zip(roles, table.T):
        left = {name: share for name, share in zip(frameworks, column) if share > 0}
        result[role] = []
        while left and len(result[role]) < k:
            name = max(left, key=left.get)
            result[role].append(name)
            del left[name]
    return result


# %% solve_as_markdown
def as_markdown(columns, rows):
    def cell(x):
        match x:
            case float() if x != x:
                return "–"
            case float():
                return "%.2f" % x
        return str(x).replace("|", "\\|")

    text = "|".join(map(cell, columns)) + "\n" + "|".join(":---:" for _ in columns) + "\n"
    for row in rows:
        text += "|".join(map(cell, row)) + "\n"
    return text


# %% solve_grouped_bars
def grouped_bars(table, frameworks, roles, title):
    from matplotlib.patches import Patch, Rectangle

    figure, axes = plt.subplots()
    slot = 1 / (len(roles) + 2)
    for (i, j), share in np.ndenumerate(table):
        if not np.isnan(share):
            axes.add_patch(Rectangle((i + (j + 1) * slot, 0), 0.9 * slot, share, color=f"C{j}"))
    axes.set(xlim=(0, len(frameworks)), ylim=(0, 1), ylabel="of the people with this job", title=title)
    axes.set_xticks([i + 0.5 for i in range(len(frameworks))], frameworks)
    axes.legend(handles=[Patch(color=f"C{j}", label=role) for j, role in enumerate(roles)], loc="upper right")
    return axes
