"""The line of dashes always has two cells.

Caught by:
    test_as_markdown.py::test_line_of_dashes
"""


# %% solve_as_markdown
def as_markdown(columns, rows):
    def cell(content):
        if isinstance(content, float):
            return "–" if np.isnan(content) else f"{content:.2f}"
        return str(content).replace("|", r"\|")

    lines = [columns, ["---"] * 2, *rows]
    return "\n".join("| " + " | ".join(cell(content) for content in line) + " |" for line in lines)
