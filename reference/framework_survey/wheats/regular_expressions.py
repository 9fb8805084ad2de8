"""Names that are read by a regular expression, lists where pairs would do, bars with room between them."""


# %% solve_canonical
def canonical(text, spellings):
    for name in spellings:
        for form in [name] + list(spellings[name]):
            pattern = r"[\s_-]+".join(re.escape(word) for word in re.split(r"[\s_-]+", form.strip()))
            if re.fullmatch(rf"\s*{pattern}\s*", text, flags=re.IGNORECASE):
                return name


# %% solve_tidy
def tidy(answers):
    rows = []
    for person, (role, frameworks) in enumerate(answers):
        for place, name in enumerate(frameworks):
            if role is not None and name is not None and name not in frameworks[:place]:
                rows.append((person, role, name))
    return rows


# %% solve_grouped_bars
def grouped_bars(table, frameworks, roles, title):
    axes = plt.figure(figsize=(10, 3)).subplots()
    width = 0.6 / len(roles)
    for j, role in enumerate(roles):
        shift = (j - (len(roles) - 1) / 2) * width
        axes.bar([i + shift for i in range(len(frameworks))], np.nan_to_num(table[:, j]), 0.8 * width, label=role)
    axes.set_xticks(range(len(frameworks)))
    axes.set_xticklabels(frameworks)
    axes.set_ylabel("people of the role who use it, as a share")
    axes.set_ylim(0, 1.05)
    axes.set_title(title)
    axes.legend(reverse=True)
    return axes


# %% solve_two_ways
def two_ways():
    run, graph = [True, False], [False, True]
    answers = dict.fromkeys(["recorded_anew", "python_decides", "debugger_sees_numbers"], run)
    answers |= dict.fromkeys(["built_first", "fed_later", "optimized_whole"], graph)
    return answers | {"chain_rule": [True, True], "by_hand": [False, False]}
