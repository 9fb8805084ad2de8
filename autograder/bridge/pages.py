"""Notebooks as HTML pages in which no student code runs: the feedback, and the formgrader in the instructor's browser.

nbconvert copies the HTML of outputs and text cells into a page unchanged. A script in it would run with the rights of
the page's reader; in the formgrader that includes Jupyter. Here HTML is filtered by an allowlist as it is put into the
page. Jupyter's own widgets and scripts are left out; text and pictures in outputs are kept. Formulas are MathML, so
that no page loads MathJax from elsewhere.
"""

from __future__ import annotations

import functools
import re
import secrets
from html import escape
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import strip_files_prefix as stock_strip
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from autograder.bridge.bounded_parser import TooMuch
from autograder.bridge.formulas import MAX_FORMULAS
from autograder.bridge.markup import Clean, clean_markup, written

TEMPLATES = ("feedback", "formgrade")
FEEDBACK_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What a page of feedback may do, by itself: show text and the pictures that are in it."""
HEADS = {
    "feedback": f'<meta http-equiv="Content-Security-Policy" content="{FEEDBACK_POLICY}">'
    '<meta name="referrer" content="no-referrer">',
    "formgrade": '<meta name="referrer" content="same-origin">',
}
"""What stands in the head of a page where nbconvert's templates load MathJax."""
MAX_MARKDOWN = 20_000
"""Characters of a text cell: nbconvert's rules for formulas take quadratic time."""
MAX_PLAIN = 20_000
"""Characters that are shown of what is too large to be shown as markup."""
MAX_ATTACHED = 1_400_000
"""Characters of the pictures that a text cell shows, counted each time that it shows one."""
_LATEX = re.compile(r"^\s*\$?\$?\s*\\begin|^\s*\$", re.DOTALL)


@pass_context
def clean_html(context: Any, html: Any) -> str:
    """HTML in which nothing runs, loads from elsewhere or covers the page; replaces nbconvert's filter."""
    if isinstance(html, Clean):
        return html
    text = html.decode(errors="replace") if isinstance(html, bytes) else str(html)
    try:
        return clean_markup(text, links=_may_lead_out(context))
    except TooMuch:
        return plain(text)


@pass_context
def markdown(context: Any, source: str) -> str:
    """A text cell as clean HTML, with its attached pictures; replaces nbconvert's filter."""
    attachments = (context.get("cell") or {}).get("attachments", {})
    if len(source) > MAX_MARKDOWN:
        return plain(source)
    renderer = _Renderer(attachments)
    try:
        html = MarkdownWithMath(renderer=renderer).render(source)
        return clean_markup(html, links=_may_lead_out(context), formulas=renderer.formulas)
    except (TooMuch, InvalidNotebook):  # the latter when an attached picture is not there
        return plain(source)


def plain(text: str) -> Clean:
    """The beginning of a text that cannot be shown as markup, and a line that says so."""
    left_out = max(0, len(text) - MAX_PLAIN)
    more = f"; {left_out:,} characters were left out" if left_out else ""
    return Clean(f"<pre>{escape(text[:MAX_PLAIN])}</pre><p><i>[shown as plain text: too large as markup{more}]</i></p>")


def strip_files_prefix(html: str) -> str:
    """nbconvert's filter, which must not forget that its text has been cleaned."""
    return Clean(stock_strip(html)) if isinstance(html, Clean) else stock_strip(html)


def _may_lead_out(context: Any) -> bool:
    """Whether a page's links may lead to other places: not the formgrader's, which is open beside the gradebook."""
    return "submission_id" not in (context.get("resources") or {})


class _Renderer(IPythonRenderer):
    """Puts a random text in the place of each formula, and remembers the formula."""

    def __init__(self, attachments: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=False, attachments=attachments)
        self.formulas: dict[str, tuple[str, bool]] = {}
        self._secret = secrets.token_hex(8)
        self._attached = 0

    def _embed_image_or_attachment(self, src: str) -> str:
        shown = str(super()._embed_image_or_attachment(src))
        self._attached += len(shown)
        if self._attached > MAX_ATTACHED:
            raise TooMuch
        return shown

    def _place(self, tex: str, display: bool) -> str:
        if len(self.formulas) >= MAX_FORMULAS:
            return str(self.escape_html(written(tex, display)))
        place = f"formula-{self._secret}-{len(self.formulas)}-"
        self.formulas[place] = tex, display
        return place

    def block_math(self, body: str) -> str:
        return self._place(body, True)

    def inline_math(self, body: str) -> str:
        return self._place(body, False)

    def latex_environment(self, name: str, body: str) -> str:
        return self._place(f"\\begin{{{name}}}{body}\\end{{{name}}}", True)


class PlainMetadata(Preprocessor):
    """Reduces an output's metadata to the size of a picture, because templates copy it into tags unescaped.

    LaTeX in an output becomes a text, so that its formulas are shown as those of text cells are.
    """

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        """Keep only numbers named width or height."""
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = NotebookNode(
                    {kind: _sizes(about) for kind, about in output.metadata.items() if isinstance(about, dict)}
                )
            latex = output.get("data", {}).get("text/latex")
            if isinstance(latex, str) and "text/markdown" not in output.data and _LATEX.match(latex):
                output.data["text/markdown"] = output.data.pop("text/latex")
        return cell, resources


def _sizes(about: dict[str, Any]) -> NotebookNode:
    sizes = {name: about.get(name) for name in ("width", "height")}
    return NotebookNode({name: size for name, size in sizes.items() if isinstance(size, int | float)})


def install() -> None:
    """Make nbgrader's two templates load no MathJax; nbconvert has no setting for that."""
    stock = HTMLExporter._create_environment
    if getattr(stock, "loads_nothing", False):
        return

    @functools.wraps(stock)
    def create_environment(self: Any) -> Any:
        environment = stock(self)
        if self.template_name in TEMPLATES:
            macro = f"{{%- macro mathjax(url='') -%}}{HEADS[self.template_name]}{{%- endmacro %}}"
            environment.loader = ChoiceLoader([DictLoader({"mathjax.html.j2": macro}), environment.loader])
        return environment

    create_environment.loads_nothing = True  # type: ignore[attr-defined]
    HTMLExporter._create_environment = create_environment


def configure_pages(c: Any) -> None:
    """Make nbgrader use these filters; they are given by name, because nbgrader prints its configuration."""
    install()
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.preprocessors = [f"{__name__}.PlainMetadata"]
    c.HTMLExporter.filters = {
        "clean_html": f"{__name__}.clean_html",
        "markdown2html": f"{__name__}.markdown",
        "strip_files_prefix": f"{__name__}.strip_files_prefix",
    }
