"""Answers in other types: named tuples, subclasses of list and str, a defaultdict, small types of numbers."""


# %% solve_canonical
def canonical(text, spellings, _kept={}):
    def plain(word):
        return tuple(re.split(r"[\s_-]+", word.strip().casefold()))

    key = tuple((name, *others) for name, others in spellings.items())  # what is in the dict now
    if key not in _kept:
        _kept[key] = {plain(word): words[0] for words in reversed(key) for word in words}
    return _kept[key].get(plain(text))


# %% solve_tidy
class Rows(list):
    """The rows of a table."""


def tidy(answers):
    people = enumerate(answers)
    facts = {(person, role, name) for person, (role, names) in people for name in names if None not in (role, name)}
    return Rows(sorted(facts, reverse=True)[::-1])


# %% solve_count_people
def count_people(rows, frameworks, roles):
    table = np.zeros((len(roles), len(frameworks)), dtype=np.uint16)
    known = [(roles.index(row[1]), frameworks.index(row[2])) for row in rows if row[1] in roles and row[2] in frameworks]
    if known:
        np.add.at(table, tuple(np.transpose(known)), 1)
    return table.T


# %% solve_shares
def shares(counts, people):
    table = np.asfortranarray(counts, dtype=float)
    with np.errstate(all="ignore"):
        table = table * (1.0 / people)
    table[:, people == 0] = np.nan
    return table.astype(np.float32)


# %% solve_most_used
def most_used(table, frameworks, roles, k):
    from collections import defaultdict
    from heapq import nlargest

    best = defaultdict(list)
    for number in reversed(range(len(roles))):
        known = [i for i in range(len(frameworks)) if table[i, number] > 0]
        best[roles[number]] = list(np.array(frameworks)[nlargest(k, known, key=lambda i: table[i, number])])
    return best


# %% solve_as_markdown
class Cell:
    def __init__(self, content):
        self.content = content

    def __format__(self, width):
        shown = ("–" if self.content != self.content else "%.2f") if isinstance(self.content, float) else "%s"
        return (shown % self.content if "%" in shown else shown).replace("|", "\\|").ljust(int(width))


class Text(str):
    """A text in Markdown."""


def as_markdown(columns, rows):
    lines = [" | ".join(f"{Cell(content):30}" for content in line) for line in (columns, *rows)]
    lines.insert(1, " | ".join("-" * 29 + ":" for _ in columns))
    return Text("\n".join(lines) + "\n")


# %% solve_grouped_bars
def grouped_bars(table, frameworks, roles, title):
    from matplotlib.ticker import FixedLocator, FuncFormatter, PercentFormatter

    axes = plt.figure().add_axes([0.1, 0.2, 0.6, 0.7])
    left = 20 * np.arange(len(frameworks)) - 7
    for number, role in enumerate(roles):
        bars = axes.bar(left + 1.5 * number, table[:, number], 1, align="edge", label=role)
        axes.bar_label(bars, fmt="%.2f")
    names = dict(zip((left + 0.5).tolist(), frameworks))
    axes.xaxis.set_major_locator(FixedLocator(list(names)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: names.get(float(place), "")))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set(xlim=(-10, 20 * len(frameworks)), ylabel="%", ylim=(0, 1.2), title=title)
    axes.grid(axis="y")
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="upper left", bbox_to_anchor=(1, 1), ncols=2)
    return axes


# %% solve_two_ways
def two_ways():
    from typing import NamedTuple

    class Holds(NamedTuple):
        define_by_run: bool
        define_and_run: bool

    by_run = {"chain_rule", "debugger_sees_numbers", "python_decides", "recorded_anew"}
    and_run = {"built_first", "chain_rule", "fed_later", "optimized_whole"}
    return {key: Holds(key in by_run, key in and_run) for key in sorted(STATEMENTS)}
