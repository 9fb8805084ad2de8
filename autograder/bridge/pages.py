"""Notebooks as pages – feedback, and the formgrader in the instructor's browser – in which nothing of a student's runs.

nbconvert puts HTML of outputs and of text cells into a page as it is: a script in one would act with the rights of
whoever reads the page, in the formgrader with those of Jupyter. Here HTML passes an allowlist where it is put into the
page. Jupyter's own widgets and scripts are left out; what an output says as text or as a picture is there.
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
    """HTML with nothing in it that runs, loads from elsewhere or covers the page; other markup is shown as text."""
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
    """A text cell as clean HTML, with the pictures attached to it; takes the place of nbconvert's filter."""
    attachments = (context.get("cell") or {}).get("attachments", {})
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    return clean_html(MarkdownWithMath(renderer=renderer).render(source))


class PlainMetadata(Preprocessor):
    """Leaves of an output's metadata the size of a picture: templates write the rest into tags as it is."""

    def preprocess_cell(self, cell: NotebookNode, resources: Any, index: int) -> tuple[NotebookNode, Any]:
        """Keep numbers called width or height."""
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
    """Have nbgrader's pages be made so; the exporter's filters are named, since nbgrader shows its configuration."""
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.preprocessors = [f"{__name__}.PlainMetadata"]
    c.HTMLExporter.filters = {"clean_html": f"{__name__}.clean_html", "markdown2html": f"{__name__}.markdown"}
