"""Hidden tests of task 6: the table is read again here, as Markdown reads it."""

import re

import numpy as np
import pytest

from autograder.graders.framework_survey.oracles import check_used_again, drawn_names
from autograder.grading import check, is_a, value

BAR = re.compile(r"(?<!\\)\|")
BAR_AT_END = re.compile(BAR.pattern + "$")


def table_of(got):
    """The cells of a Markdown table, line by line, the bars in them without backslash; the dashes are a line too."""
    text = value(got)
    check(is_a(text, str), "the result must be text", got=text)
    lines = text.strip("\n").split("\n")
    ends = {(line.strip().startswith("|"), BAR_AT_END.search(line.strip()) is not None) for line in lines}
    check(len(ends) == 1, "either all lines or none have bars at their ends", got=text)
    cells = [[cell.strip() for cell in BAR.split(line.strip())] for line in lines]
    begins, stops = ends.pop()
    if begins:
        cells = [line[1:] for line in cells]
    if stops:
        cells = [line[:-1] for line in cells]
    return [[cell.replace(r"\|", "|") for cell in line] for line in cells]


def check_rows(student, rows, expected, must):
    """Check rows under heads of no interest."""
    heads = [f"head {n}" for n in range(len(rows[0]))]
    lines = table_of(student.as_markdown(heads, rows))
    check(lines[2:] == expected, must, got=lines[2:])


def check_dashes(lines, columns):
    """Check the second line of a table."""
    dashes = lines[1] if len(lines) > 1 else []
    check(len(dashes) == columns and all(re.fullmatch(r":?-+:?", cell) for cell in dashes),
          "the second line must have dashes for each column", got=dashes)  # fmt: skip


@pytest.mark.points(1)
@pytest.mark.example(
    'lines = as_markdown(["a", "b"], [["c", "d"], ["e", "f"]]).replace(" ", "").strip().splitlines()\n'
    '[line.strip("|").split("|") for line in lines[:1] + lines[2:]]',
    gives=[["a", "b"], ["c", "d"], ["e", "f"]],
)
def test_heads_and_rows(student, rng):
    """The heads stand in the first line, and each row in a line of its own, all in order.

    Hint: one list of lines: the heads, the dashes, and then the rows.
    """
    for columns, rows in ((3, 12), (2, 1), (4, 0), (1, 2)):
        names = [f"share of the people who use {name}" for name in drawn_names(rng, columns * (rows + 1))]
        heads, *body = [names[i * columns : (i + 1) * columns] for i in range(rows + 1)]
        if columns == 3:  # two columns may have the same head, or none, and two rows the same cells
            heads, body[3] = [heads[0], "", heads[0]], body[0]
        lines = table_of(student.as_markdown(heads, body))
        check(lines[:1] == [heads], "the first line must have the heads", got=lines[:1])
        check(lines[2:] == body, "after the dashes there must be one line for each row", got=lines[2:])


@pytest.mark.points(0.5)
@pytest.mark.example(
    'lines = as_markdown(["a", "b", "c"], [["d", "e", "f"]]).replace(" ", "").strip().splitlines()\n'
    '[cell.strip(":")[:1] for cell in lines[1].strip("|").split("|")]',
    gives=["-", "-", "-"],
)
def test_line_of_dashes(student, rng):
    """The second line has dashes, as many cells as there are columns; without them it is no table.

    Hint: ["---"] * len(columns) is a line like the others.
    """
    for columns in (1, 2, 3, 5):
        names = drawn_names(rng, columns)
        lines = table_of(student.as_markdown(names, [names]))
        check_dashes(lines, columns)
    check_dashes(table_of(student.as_markdown(names, [])), len(names))  # however few rows there are
    check_dashes(table_of(student.as_markdown(["a", "of"], [[names[0], 1]])), 2)  # however short a head is


@pytest.mark.points(0.5)
@pytest.mark.example(
    'lines = as_markdown(["a", "b", "c"], [[0.128, 2.0, 7]]).replace(" ", "").strip().splitlines()\n'
    'lines[2].strip("|").split("|")',
    gives=["0.13", "2.00", "7"],
)
def test_two_decimals(student, rng):
    """A float has two decimals, one of numpy's too; all else is as it is, and the rows that came in stay as they were.

    Hint: f"{x:.2f}", for floats only. A cell of a float array is an instance of a subclass of float: isinstance. Make
    new lists of texts: the rows that came in keep their numbers.
    """
    x, n = rng.uniform(0, 1, size=3).round(6).tolist(), int(rng.integers(100, 1000))
    must = "floats must have two decimals, and nothing else may be changed"
    rows = [[x[0], n, x[1] + 10, 2.0, "0.123456", True, np.float64(x[2]), 1e16],
            [0, 0.999, -(2**53) - 1, -1 - x[0], False, 0.0, 123456.789, 0.0012]]  # fmt: skip
    check_rows(student, rows, [
        [f"{x[0]:.2f}", str(n), f"{x[1] + 10:.2f}", "2.00", "0.123456", "True", f"{x[2]:.2f}", "1" + 16 * "0" + ".00"],
        ["0", "1.00", "-9007199254740993", f"{-1 - x[0]:.2f}", "False", "0.00", "123456.79", "0.00"],
    ], must)  # fmt: skip
    # of a large float the first twelve digits count: the rest depends on who writes it
    large = table_of(student.as_markdown(["a", "b"], [[1e30, -1e300]]))[2:]
    check(len(large) == 1 and len(large[0]) == 2 and all(re.fullmatch(r"-?[0-9]+\.[0-9]{2}", cell) for cell in large[0])
          and np.allclose([float(cell) for cell in large[0]], [1e30, -1e300], rtol=1e-12),
          "floats must have two decimals, however large they are", got=large)  # fmt: skip
    texts = ["a_b*c", "back\\slash", "", "two  blanks", "<b> & `c`", "a text that is long " * 5 + "indeed", "$1 [x](y)"]
    texts.append("データ – é")
    check_rows(student, [texts], [texts], must)
    came, others = [["a|b", "c", "d"], [[1, True, 1.0], [0.5, "e|f", 2]]], [["a", "b", "c"], [[True, 1.0, 1]]]
    _, again = check_used_again(student, student.as_markdown, came, others)
    check(table_of(again)[2:] == [["True", "1.00", "1"]], must, got=again)


@pytest.mark.points(0.5)
@pytest.mark.example(
    'lines = as_markdown(["a", "b"], [[float("nan"), 0.5]]).replace(" ", "").strip().splitlines()\n'
    'lines[2].strip("|").split("|")',
    gives=["–", "0.50"],
)
def test_unknown_is_a_dash(student, rng):
    """nan is shown as a dash; the word "nan" is a text like any other.

    Hint: np.isnan(x), before the decimals, and before anything is made a text.
    """
    name = drawn_names(rng, 1)[0]
    rows = [[name, float("nan"), 0.5, "nan"], [np.float64("nan"), "7", float("nan"), "None"]]
    shown = [[name, "–", "0.50", "nan"], ["–", "7", "–", "None"]]
    check_rows(student, rows, shown, "nan must be the dash '–', and only nan")


@pytest.mark.points(0.5)
@pytest.mark.example('as_markdown(["a|b", "c"], [["d|e", "f"]]).count("\\\\|")', gives=2)
def test_bars_in_cells(student, rng):
    """A bar in a cell or in a head does not begin another cell.

    Hint: text.replace("|", r"\\|"), for heads too.
    """
    a, b, c = drawn_names(rng, 3)
    row = [f"{a}|{b}", f"|{c}|", "||"]
    lines = table_of(student.as_markdown([f"{c}|", a, b], [row]))
    check(lines[2:] == [row], "a bar in a cell must have a backslash before it", got=lines[2:])
    check(lines[0] == [f"{c}|", a, b], "a bar in a head must have a backslash before it", got=lines[0])
