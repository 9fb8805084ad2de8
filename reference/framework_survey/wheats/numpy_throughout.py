"""Arrays and masks instead of loops, one bar call for each group, colours by hand."""


# %% solve_canonical
def canonical(text, spellings):
    forms = {}
    for name, others in spellings.items():
        for form in (name, *others):
            forms[tuple(form.casefold().replace("-", " ").replace("_", " ").split())] = name
    return forms.get(tuple(text.casefold().replace("-", " ").replace("_", " ").split()))


# %% solve_tidy
def tidy(answers):
    return sorted({
        (person, role, name)
        for person, (role, names) in enumerate(answers) if role
        for name in names if name
    })


# %% solve_count_people
def count_people(rows, frameworks, roles):
    used = np.array([framework for _, _, framework in rows], dtype=object)
    whose = np.array([role for _, role, _ in rows], dtype=object)
    return np.array(
        [[int(np.sum((used == framework) & (whose == role))) for role in roles] for framework in frameworks],
        dtype=np.int32,
    )


# %% solve_shares
def shares(counts, people):
    with np.errstate(invalid="ignore", divide="ignore"):
        table = np.asarray(counts) / np.asarray(people)
    table[:, np.asarray(people) == 0] = np.nan
    return table


# %% solve_most_used
def most_used(table, frameworks, roles, k):
    order = np.argsort(-table, axis=0, kind="stable")  # nan goes last
    return {
        role: [frameworks[i] for i in order[:, j] if np.nan_to_num(table[i, j]) > 0][:k]
        for j, role in enumerate(roles)
    }


# %% solve_grouped_bars
def grouped_bars(table, frameworks, roles, title):
    colors = plt.cm.viridis(np.linspace(0, 0.9, len(roles)))
    figure = plt.figure()
    axes = figure.add_subplot()
    for group, row in enumerate(table):
        places = group * (len(roles) + 1) + np.arange(len(roles))
        bars = axes.bar(places, row, width=1, color=colors, edgecolor="white")
    axes.legend(bars, roles, title="job")
    axes.set_xticks(np.arange(len(frameworks)) * (len(roles) + 1) + (len(roles) - 1) / 2)
    axes.set_xticklabels(frameworks, rotation=30)
    axes.set_ylabel("share")
    axes.set_ylim(0, 1)
    axes.set_title(title, fontsize=9)
    return axes
