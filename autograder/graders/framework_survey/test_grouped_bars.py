"""Hidden tests of task 7: the data behind the chart, as matplotlib holds it. No pixel is looked at."""

from itertools import pairwise

import numpy as np
import pytest

from autograder.graders.framework_survey.oracles import (
    chart,
    check_chart,
    check_colors,
    check_groups,
    check_left,
    drawn_chart,
    drawn_labels,
    drawn_shares,
    in_legend,
    names_under,
    two_charts,
)
from autograder.grading import assert_close, check

SIZES = ((5, 3), (2, 10), (6, 1))


@pytest.mark.points(2)
@pytest.mark.example(
    'axes = grouped_bars(np.array([[0.3, 0.6], [0.8, 0.1]]), ["Keras", "torch"], ["DE", "MLE"], "made up")\n'
    "plt.close(axes.figure)\n"
    "heights = {bar.get_x(): bar.get_height() for bar in axes.patches}\n"
    "[heights[place] for place in sorted(heights)]  # from left to right",
    gives=[0.3, 0.6, 0.8, 0.1],
)
def test_heights(student, rng):
    """From left to right the bars are as high as the shares: framework after framework, in each role after role.

    Hint: the row of the table is the group, the column the bar in it; a bar call for a role takes a column. Each chart
    is drawn into a figure of its own.
    """
    for groups, size in (*SIZES, (1, 2)):
        table, *_, seen = drawn_chart(student, rng, groups, size)
        bars = check_groups(seen, groups, size)
        assert_close([[bar[3] - bar[2] for bar in group] for group in bars], table, what="the heights of the bars")
        assert_close([[bar[2] for bar in group] for group in bars], 0 * table, what="where the bars begin")


@pytest.mark.points(1)
@pytest.mark.example(
    "axes = grouped_bars(\n"
    "    np.array([[0.3, 0.6], [0.8, 0.1], [0.4, 0.2]]),\n"
    '    ["Keras", "torch", "Caffe"], ["DE", "MLE"], "made up",\n'
    ")\n"
    "bars = sorted(axes.patches, key=lambda bar: bar.get_x())\n"
    "plt.close(axes.figure)\n"
    "gaps = [right.get_x() - left.get_x() - left.get_width() for left, right in zip(bars, bars[1:])]\n"
    '{"no overlap": min(gaps) > -1e-6, "more room between groups": min(gaps[1::2]) > max(*gaps[::2], 0.0) + 1e-3}',
    gives={"no overlap": True, "more room between groups": True},
)
def test_groups(student, rng):
    """Bars do not overlap, there is more room between groups than within, and none of them is cut off.

    Hint: the width of a bar is less than 1 / number of roles, when groups stand at 0, 1, 2, ….
    """
    for groups, size in SIZES:
        *_, seen = drawn_chart(student, rng, groups, size)
        bars = check_groups(seen, groups, size)
        check(all(right - left > 1e-3 for left, right, *_ in seen["bars"]), "each bar must have a width")
        low, high = seen["sides"]
        check(all(low - 1e-6 <= left and right <= high + 1e-6 for left, right, *_ in seen["bars"]),
              "each bar must be in the picture, from its left side to its right", got=seen["sides"])  # fmt: skip
        within = [b[0] - a[1] for group in bars for a, b in pairwise(group)]
        between = [b[0][0] - a[-1][1] for a, b in pairwise(bars)]
        check(all(gap > -1e-6 for gap in within + between), "no two bars may overlap", got=within + between)
        check(min(between) > max([*within, 0.0]) + 1e-3, "between two groups there must be more room than between "
              "the bars of a group", got={"within": within, "between": between})  # fmt: skip


@pytest.mark.points(1)
@pytest.mark.example(
    'axes = grouped_bars(np.array([[0.3, 0.6], [0.8, 0.1]]), ["Keras", "torch"], ["DE", "MLE"], "made up")\n'
    "bars = sorted(axes.patches, key=lambda bar: bar.get_x())\n"
    "plt.close(axes.figure)\n"
    "names = [label.get_text() for label in axes.get_xticklabels()]\n"
    "left, right = bars[0].get_x(), bars[1].get_x() + bars[1].get_width()\n"
    '{"names": names, "first under its bars": left <= axes.get_xticks()[0] <= right}',
    gives={"names": ["Keras", "torch"], "first under its bars": True},
)
def test_names_under_groups(student, rng):
    """Each group has one tick under it, with the name of its framework, and there are no others.

    Hint: axes.set_xticks(places, frameworks), with the middle of each group as its place.
    """
    for groups, size in SIZES:
        _, frameworks, *_, seen = drawn_chart(student, rng, groups, size)
        bars, ticks = check_groups(seen, groups, size), sorted(seen["ticks"])
        names = names_under(seen)
        check(seen["minor"] == [], "there must be no small ticks beside those under the groups", got=seen["minor"])
        check(names == frameworks, "the ticks must be the frameworks, from left to right", got=names)
        under = [group[0][0] - 1e-6 <= place <= group[-1][1] + 1e-6
                 for group, (place, _) in zip(bars, ticks, strict=True)]  # fmt: skip
        check(all(under), "each tick must be under its group", got=ticks)
        check(seen["under"] is True, "the names must be shown, and under the groups: not above them, and not hidden")


@pytest.mark.points(1)
@pytest.mark.example(
    "from matplotlib.colors import to_rgba\n"
    'axes = grouped_bars(np.array([[0.3, 0.6]]), ["Keras"], ["DE", "MLE"], "made up")\n'
    "plt.close(axes.figure)\n"
    "color = lambda x: to_rgba(x.get_color() if hasattr(x, 'get_color') else x.get_facecolor())\n"
    "in_legend = {color(x) for x in axes.get_legend().legend_handles}\n"
    '{"as the bars": in_legend == {bar.get_facecolor() for bar in axes.patches}, "different": len(in_legend)}',
    gives={"as the bars": True, "different": 2},
)
def test_legend(student, rng):
    """The legend has each role once, with the colour of its bars.

    Hint: label=role in the call that draws the bars of a role, and axes.legend() after all of them.
    """
    for groups, size in SIZES:
        _, _, roles, _, seen = drawn_chart(student, rng, groups, size)
        bars = check_groups(seen, groups, size)
        said = in_legend(seen)
        check(said == sorted(roles), "the legend must have each role once, and nothing else", got=said)
        color_of = dict(seen["legend"])
        check(len(set(color_of.values())) == size, "each role must have a colour of its own", got=color_of)
        for place, role in enumerate(roles):
            check_colors(seen, role, [group[place] for group in bars])


@pytest.mark.points(0.5)
@pytest.mark.example(
    'axes = grouped_bars(np.zeros((2, 1)), ["Keras", "torch"], ["DE"], "nobody")\n'
    "plt.close(axes.figure)\n"
    '{"from": axes.get_ylim()[0], "scale": axes.get_yscale(), "label": axes.get_ylabel().strip() != ""}',
    gives={"from": 0.0, "scale": "linear", "label": True},
)
def test_vertical_axis(student, rng):
    """The vertical axis begins at 0, is linear, has room for the highest bar, and says what it shows.

    Hint: axes.set_ylabel(…), and axes.set_ylim(0, 1): where no bar is above 0, matplotlib chooses a lower end.
    """
    names = drawn_labels(rng, 6)
    high = np.array([[0.1, 0.2], [0.2, 1.0], [0.1, 0.1]])
    for table in (np.zeros((3, 2)), high):
        seen = check_chart(student.run(chart, student.grouped_bars, table, names[:3], names[3:5], names[5]))
        check(seen["bottom"] == 0, "the axis must begin at 0, also where no share is above 0", got=seen["bottom"])
        check(seen["label"].strip() != "", "the vertical axis must have a label for any shares", got=seen["label"])
    check(seen["top"] >= 1, "the highest bar must be in the picture, also one of 1", got=seen["top"])
    table, *_, seen = drawn_chart(student, rng, *SIZES[0])
    check(seen["bottom"] == 0 and seen["scale"] == "linear", "the vertical axis must begin at 0 and be linear",
          got=seen["bottom"])  # fmt: skip
    check(seen["top"] >= table.max(), "the highest bar must be in the picture", got=seen["top"])
    check(seen["label"].strip() != "", "the vertical axis must have a label", got=seen["label"])


@pytest.mark.points(0.5)
@pytest.mark.example(
    'axes = grouped_bars(np.array([[0.3, 0.6], [0.8, 0.1]]), ["Keras", "torch"], ["DE", "MLE"], "made up")\n'
    "plt.close(axes.figure)\n"
    "axes.get_title()",
    gives="made up",
)
def test_title(student, rng):
    """The chart's title is the one that was given.

    Hint: axes.set_title(title).
    """
    *_, title, seen = drawn_chart(student, rng, 3, 2)
    check([said for said in seen["titles"] if said] == [title], "the title must be the one given", got=seen["titles"])


@pytest.mark.points(0.5)
@pytest.mark.example(
    'one, other = (grouped_bars(np.array([[0.5]]), ["Keras"], ["DE"], title) for title in ("one", "other"))\n'
    "plt.close(one.figure), plt.close(other.figure)\n"
    "one.figure is other.figure, one.get_title()",
    gives=(False, "one"),
)
def test_a_figure_of_its_own(student, rng):
    """Each chart is a new figure: the next one leaves it as it is, and none changes the table and the names.

    Hint: plt.subplots() makes a new figure; plt.bar and plt.gca take the one that is there. np.nan_to_num(table) is a
    new table; with copy=False it is the one that came in, changed.
    """
    names = drawn_labels(rng, 5)
    one, other = drawn_shares(rng, 3, 2), drawn_shares(rng, 3, 2)
    one[1, 0] = np.nan
    seen = student.run(two_charts, student.grouped_bars, one, other, names[:3], names[3:])
    check(seen["different"] is True, "each chart must be in a figure of its own, also where titles are the same")
    check(seen["new"] is True, "each chart must be in a new figure, also where an empty one is open")
    check_left(seen["left"], [one, names[:3], names[3:]])
    check(seen["before"] == seen["after"], "the next chart must not draw into the one before", got=seen)


@pytest.mark.points(0.5)
@pytest.mark.example(
    "places = []\n"
    "for first in (0.3, np.nan):\n"
    '    axes = grouped_bars(np.array([[first, 0.6], [0.8, 0.1]]), ["Keras", "torch"], ["DE", "MLE"], "made up")\n'
    "    places += [bar.get_x() for bar in axes.patches if np.isclose(bar.get_height(), 0.6)]\n"
    "    plt.close(axes.figure)\n"
    "places[0] == places[1]  # where the bar of 0.6 stands",
    gives=True,
)
def test_unknown_shares(student, rng):
    """Where a share is not known there is no bar, or one without height, and all others are as they should be.

    Hint: axes.bar draws nothing for nan. What must not happen is that the bars after it change their places.
    """
    names, table, cell = drawn_labels(rng, 8), drawn_shares(rng, 4, 3), np.arange(12).reshape(4, 3)
    table[1] = np.sort(table[1])[::-1]  # from left to right is not from low to high
    of_one = np.where((cell % 3 == 1) | (cell // 3 == 3), np.nan, 1 - table)  # one role, and the last framework
    of_one[0, 2], of_one[2] = of_one[0, 0], of_one[1]  # two shares of a framework are equal, and all of two frameworks
    scattered = np.where(cell % 5 == 1, np.nan, np.where(cell % 7 == 3, 0, table))  # and shares of 0
    tables = (of_one, scattered, np.full((4, 3), np.nan))
    whole, *drawn = [
        check_chart(student.run(chart, student.grouped_bars, shares, names[:4], names[4:7], names[7]))
        for shares in (table, *tables)
    ]
    places = np.array([bar[:2] for bar in whole["bars"]])
    check(len(places) == 12, "there must be a bar for each share", got=f"{len(places)} bars")
    for shares, seen in zip(tables, drawn, strict=True):
        bars = [bar for bar in seen["bars"] if bar[2] != bar[3] and not np.isnan(bar[3])]
        known = np.flatnonzero(shares > 0)
        assert_close([bar[3] for bar in bars], shares.ravel()[known], what="the heights of the other bars")
        assert_close(np.reshape([bar[:2] for bar in bars], (-1, 2)), places[known],
                     what="the places of the other bars", atol=1e-6)  # fmt: skip
        check(names_under(seen) == names_under(whole),
              "each group must have its name under it, also where none of its shares is known",
              got=names_under(seen))  # fmt: skip
        check(in_legend(seen) == in_legend(whole),
              "the legend must have each role, also one of which no share is known", got=in_legend(seen))  # fmt: skip
        said = [seen["titles"], seen["label"].strip() == ""]
        check(said == [whole["titles"], whole["label"].strip() == ""],
              "the title and the label must be there, whatever is known", got=seen["titles"])  # fmt: skip
        for place, role in enumerate(names[4:7]):
            check_colors(seen, role, [bar for bar, number in zip(bars, known, strict=True) if number % 3 == place])
    check(seen["bottom"] == 0, "the axis must begin at 0, also where no share is known", got=seen["bottom"])
