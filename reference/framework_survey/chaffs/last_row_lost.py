"""The last row is not there.

Caught by:
    test_as_markdown.py::test_heads_and_rows
    test_as_markdown.py::test_two_decimals
    test_as_markdown.py::test_unknown_is_a_dash
    test_as_markdown.py::test_bars_in_cells
"""


# %% solve_as_markdown
def as_markdown(columns, rows):
    def cell(content):
        if isinstance(content, float):
            return "–" if np.isnan(content) else f"{content:.2f}"
        return str(content).replace("|", r"\|")

    lines = [columns, ["---"] * len(columns), *rows[:-1]]
    return "\n".join("| " + " | ".join(cell(content) for content in line) + " |" for line in lines)
