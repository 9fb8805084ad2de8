"""A whole number has decimals as well.

Caught by:
    test_as_markdown.py::test_two_decimals
"""


# %% solve_as_markdown
def as_markdown(columns, rows):
    def cell(content):
        if isinstance(content, float | int):
            return "–" if np.isnan(content) else f"{content:.2f}"
        return str(content).replace("|", r"\|")

    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell(content) for content in line) + " |" for line in lines)
