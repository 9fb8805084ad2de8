"""A bar in a cell begins another cell.

Caught by:
    test_as_markdown.py::test_bars_in_cells
"""


# %% solve_as_markdown
def as_markdown(columns, rows):
    def cell(content):
        if isinstance(content, float):
            return "–" if np.isnan(content) else f"{content:.2f}"
        return str(content)

    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell(content) for content in line) + " |" for line in lines)
