"""nan is shown as nan.

Caught by:
    test_as_markdown.py::test_unknown_is_a_dash
"""


# %% solve_as_markdown
def as_markdown(columns, rows):
    def cell(content):
        if isinstance(content, float):
            return f"{content:.2f}"
        return str(content).replace("|", r"\|")

    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell(content) for content in line) + " |" for line in lines)
