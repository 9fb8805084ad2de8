"""Floats are rounded, and zeros at the end are lost.

Caught by:
    test_as_markdown.py::test_two_decimals
    test_as_markdown.py::test_unknown_is_a_dash
"""


# %% solve_as_markdown
def as_markdown(columns, rows):
    def cell(content):
        if isinstance(content, float):
            return "–" if np.isnan(content) else str(round(content, 2))
        return str(content).replace("|", r"\|")

    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell(content) for content in line) + " |" for line in lines)
