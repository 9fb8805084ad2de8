"""Notebooks as HTML pages in which no student code runs: the feedback, and the formgrader in the instructor's browser.

nbconvert copies the HTML of outputs and text cells into a page unchanged. A script in it would run with the rights of
the page's reader; in the formgrader that includes Jupyter. Here HTML is filtered by an allowlist as it is put into the
page. Jupyter's own widgets and scripts are left out; text and pictures in outputs are kept.
"""

from __future__ import annotations

from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

TAGS = frozenset(bleach.ALLOWED_TAGS) | {
    "p", "div", "span", "br", "hr", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "img", "table", "thead", "tbody",
    "tfoot", "tr", "th", "td", "caption", "dl", "dt", "dd", "del", "ins", "s", "sub", "sup", "kbd", "samp", "var",
    "small", "mark", "details", "summary", "figure", "figcaption",
}  # fmt: skip
STYLES = (
    "margin", "padding", "background-color", "color", "border", "border-left", "text-align",
    "vertical-align", "white-space", "list-style-type", "padding-left", "font-weight", "font-style", "width", "height",
)  # fmt: skip
_EVERYWHERE = ("class", "id", "style", "title", "align", "colspan", "rowspan", "scope", "start", "open", "alt")
_PICTURES = ("data:image/png;", "data:image/jpeg;", "data:image/gif;")


def clean_html(html: Any) -> str:
    """HTML in which nothing runs, loads from elsewhere or covers the page; markup not allowed is shown as text."""
    text = html.decode(errors="replace") if isinstance(html, bytes) else str(html)
    return bleach.clean(
        text,
        tags=TAGS,
        attributes=_may_stay,
        protocols={"http", "https", "mailto", "data"},
        css_sanitizer=CSSSanitizer(allowed_css_properties=STYLES),
    )


def _may_stay(tag: str, name: str, value: str) -> bool:
    if name == "src":
        return tag == "img" and (value.startswith(_PICTURES) or (":" not in value and not value.startswith("//")))
    if name == "href":
        return tag == "a" and not value.lstrip().lower().startswith("data:")
    return name in _EVERYWHERE or (tag == "img" and name in ("width", "height"))


@pass_context
def markdown(context: Any, source: str) -> str:
    """A text cell as clean HTML, with its attached pictures; replaces nbconvert's filter."""
    attachments = (context.get("cell") or {}).get("attachments", {})
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    return clean_html(MarkdownWithMath(renderer=renderer).render(source))


class PlainMetadata(Preprocessor):
    """Reduces an output's metadata to the size of a picture, because templates copy it into tags unescaped."""

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        """Keep only numbers named width or height."""
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = NotebookNode(
                    {kind: _sizes(about) for kind, about in output.metadata.items() if isinstance(about, dict)}
                )
        return cell, resources


def _sizes(about: dict[str, Any]) -> NotebookNode:
    sizes = {name: about.get(name) for name in ("width", "height")}
    return NotebookNode({name: size for name, size in sizes.items() if isinstance(size, int | float)})


def configure_pages(c: Any) -> None:
    """Make nbgrader use these filters; they are given by name, because nbgrader prints its configuration."""
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.preprocessors = [f"{__name__}.PlainMetadata"]
    c.HTMLExporter.filters = {"clean_html": f"{__name__}.clean_html", "markdown2html": f"{__name__}.markdown"}
