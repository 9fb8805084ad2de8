"""What the hidden tests of the survey have in common: drawn names, the form of an answer, and a chart's data."""

from __future__ import annotations

import numpy as np

from autograder.grading import base_type, check, is_a, probe, value

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def drawn_names(rng, count):
    """Names of one word that no code can know, all different, capital letters in front."""
    names = set()
    while len(names) < count:
        names.add("".join(rng.choice(list(LETTERS), size=6)).capitalize())
    return [str(name) for name in rng.permutation(sorted(names))]


def drawn_labels(rng, count):
    """Names as long as a chart's may be, of several words, not all of them with capital letters in front."""
    words = drawn_names(rng, 3 * count)
    return [f"{words[i].lower()} {words[i + 1]}-{words[i + 2]}" for i in range(0, 3 * count, 3)]


def drawn_shares(rng, rows, columns):
    """Different shares, all far from 0 and from each other; no two columns of the first `rows` have the same order."""
    order = rng.permutation(rows)
    places = np.stack([np.roll(order, j) * columns + j for j in range(columns)], axis=1)
    return (places + 2.0) / (rows * columns + 4)


def check_list(got, what, of):
    """The data of a list or tuple whose items all are of these types."""
    data = value(got)
    names = " or ".join(kind.__name__ for kind in of)
    check(isinstance(data, list | tuple) and all(isinstance(item, of) for item in data),
          f"{what} must be a list, and each thing in it a {names}", got=data)  # fmt: skip
    return list(data)


def check_dict(got, what, keys):
    """The data of a dict that has these keys and no others."""
    data = value(got)
    check(isinstance(data, dict), f"{what} must be a dict", got=data)
    check(set(data) == set(keys), f"{what} must have the keys that were asked for, and no others", got=list(data))
    return data


@probe
def used_again(function, arguments, others):
    """What a call gives; whether it makes its result anew; what it left of its arguments; and the same once more.

    Once more with the same lists and arrays, but with other contents: what is kept by their identity is out of date.
    """
    from copy import deepcopy

    import numpy as np

    first, same = function(*arguments), function(*arguments)
    new = first is not same and not (isinstance(first, np.ndarray) and np.shares_memory(first, same))
    said, left = repr(first), deepcopy(arguments)
    for mine, other in zip(arguments, others, strict=True):
        if hasattr(mine, "__setitem__"):
            mine[:] = other
    second = function(*arguments)
    return [first, new, left, repr(first) == said, second]


def alike(left, came):
    """Whether data is as it was: the same numbers in an array, the same types and values in a list."""
    if isinstance(came, np.ndarray):
        return isinstance(left, np.ndarray) and np.array_equal(left, came, equal_nan=True)
    if isinstance(came, list | tuple):
        return is_a(left, base_type(came)) and len(left) == len(came) and all(map(alike, left, came))
    return is_a(left, base_type(came)) and left == came


def check_left(left, came):
    """Check that a call left all lists and arrays as they came."""
    check(alike(value(left), came), "a call must leave what it was given as it was, and all that is in it", got=left)


def check_used_again(student, function, arguments, others, makes=""):
    """Both results of two calls with the same objects, in the second one with other contents; what a call makes."""
    first, new, left, stays, second = student.run(used_again, function, arguments, others)
    check_left(left, arguments)
    check(stays is True, "the next call must leave the result of this one as it is")
    check(not makes or new is True, f"each call must make {makes} of its own, also for what came before")
    return first, second


@probe
def chart(draw, *arguments):
    """Call, and what the chart holds, as data: bars from left to right, ticks, legend, texts.

    Nothing is rendered: Matplotlib settles limits and ticks when they are asked for, and a rendering takes three times
    as long as all the rest.
    """
    import matplotlib.colors
    from matplotlib.axes import Axes
    from matplotlib.patches import Rectangle

    axes = draw(*arguments)
    if not isinstance(axes, Axes):
        return {"type": type(axes).__name__}

    def color(artist):
        if hasattr(artist, "get_facecolor"):
            shown = artist.get_facecolor()
        elif hasattr(artist, "get_markerfacecolor") and artist.get_marker() not in ("None", "none", "", " ", None):
            shown = artist.get_markerfacecolor()
        else:
            shown = artist.get_color()
        if getattr(shown, "ndim", 1) == 2:  # of a collection
            shown = shown[0]
        return matplotlib.colors.to_hex(matplotlib.colors.to_rgba(shown, artist.get_alpha()), keep_alpha=True)

    bars = []
    for patch in axes.patches:
        if isinstance(patch, Rectangle):
            (x0, y0), (x1, y1) = patch.get_bbox().get_points().tolist()
            bars.append([min(x0, x1), max(x0, x1), y0, y1, color(patch)])
    legend = axes.get_legend()
    entries = []
    if legend is not None:
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=False):
            entries.append([text.get_text(), color(handle)])
    low, high = axes.get_xlim()
    seen = axes.axison and axes.yaxis.get_visible() and axes.yaxis.label.get_visible()
    under = [tick.label1.get_visible() for tick in axes.xaxis.get_major_ticks()]
    ticks = zip(axes.get_xticks().tolist(), axes.get_xticklabels(), strict=False)
    return {
        "type": "Axes",
        "bars": sorted(bars),
        "minor": [place for place in axes.get_xticks(minor=True).tolist() if low <= place <= high],
        "ticks": [[place, label.get_text()] for place, label in ticks if low <= place <= high],
        "under": bool(axes.axison and axes.xaxis.get_visible() and all(under)),
        "sides": [low, high],
        "legend": entries,
        "bottom": float(axes.get_ylim()[0]),
        "top": float(axes.get_ylim()[1]),
        "scale": axes.get_yscale(),
        "label": axes.get_ylabel() if seen else "",
        "titles": [axes.get_title(loc) for loc in ("left", "center", "right")],
    }


@probe
def two_charts(draw, one, other, frameworks, roles):
    from matplotlib import pyplot

    empty = pyplot.figure()
    first = draw(one, frameworks, roles, "first")
    left = [one.copy(), list(frameworks), list(roles)]
    before = [len(first.patches), first.get_title()]
    second = draw(other, frameworks, roles, "second")
    third = draw(one, frameworks, roles, "first")
    third.figure.canvas.draw()  # it must be possible to render it; the other tests only read what a chart holds
    figures = {first.figure, second.figure, third.figure}
    return {
        "different": len(figures) == 3,
        "new": empty not in figures and empty.axes == [],
        "before": before,
        "after": [len(first.patches), first.get_title()],
        "left": left,
    }


def check_chart(got):
    """What the probe said of a chart, in the form in which it says it."""
    check(isinstance(got, dict) and got.get("type") == "Axes",
          "grouped_bars must return the Axes that it has drawn in", got=got)  # fmt: skip
    return got


def drawn_chart(student, rng, groups, size):
    """A table with its names, and what was drawn of it."""
    names = drawn_labels(rng, groups + size + 4)
    table, frameworks, roles = drawn_shares(rng, groups, size), names[:groups], names[groups:-4]
    title = f" {', '.join(names[-4:])}  "  # blanks belong to it
    seen = check_chart(student.run(chart, student.grouped_bars, table, frameworks, roles, title))
    return table, frameworks, roles, title, seen


def names_under(seen):
    """The names under the groups, from left to right."""
    return [name for _, name in sorted(seen["ticks"])]


def in_legend(seen):
    """The names in the legend, in the order of the alphabet."""
    return sorted(name for name, _ in seen["legend"])


def check_colors(seen, role, bars):
    """Check that these bars, if there are any, have the colour that the legend gives a role, if it has the role."""
    colors, shown = {bar[4] for bar in bars}, dict(seen["legend"]).get(role)
    check(shown is None or colors <= {shown}, "the bars of a role must have the colour that the legend gives it",
          got={"bars": sorted(colors), "legend": shown})  # fmt: skip


def check_groups(seen, groups, size):
    """The bars of a chart, from left to right, as groups of a size."""
    bars = seen["bars"]
    check(len(bars) == groups * size, f"there must be {groups} groups of {size} bars, one bar for each share",
          got=f"{len(bars)} bars")  # fmt: skip
    return [bars[group * size : (group + 1) * size] for group in range(groups)]
