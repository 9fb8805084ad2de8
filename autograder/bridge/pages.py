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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters import ansi2html as stock_ansi2html
from nbconvert.filters import strip_ansi
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.bridge.bounded_parser import TooMuch
from autograder.bridge.colours import FENCED, can_be_coloured, coloured
from autograder.bridge.formulas import MAX_FORMULAS
from autograder.bridge.markup import Clean, clean_markup, written
from autograder.bridge.overview import PLACE, TASK, Overview
from autograder.bridge.page_parts import ROOM, FitPage
from autograder.bridge.page_room import NOTE, Room, cut, left_out
from autograder.grading.causes import language
from autograder.reports.student_page.page import style
from autograder.reports.student_page.words import words

TEMPLATES = ("feedback", "formgrade")
FEEDBACK = Path(__file__).with_name("template") / "feedback.html.jinja"
"""The page of feedback; it takes the place of nbgrader's template."""
FEEDBACK_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What a page of feedback may do, by itself: show text and the pictures that are in it."""
HEIGHTS = (
    "<style>@media screen { #notebook-container :is(.input_area, .output_area, .text_cell_render, .panel-body)"
    " { max-height: 8000px; overflow: auto; } }</style>"
)
"""A browser shows nothing below 33,554,432 pixels: each part of a cell is lower than all of them together may be."""
HEADS = {
    "feedback": f'<meta http-equiv="Content-Security-Policy" content="{FEEDBACK_POLICY}">'
    f'<meta name="referrer" content="no-referrer">{HEIGHTS}',
    "formgrade": f'<meta name="referrer" content="same-origin">{HEIGHTS}',
}
"""What stands in the head of a page where nbconvert's templates load MathJax."""
MAX_PLAIN = 20_000
"""Characters that are shown of what is too large to be shown as markup."""
MAX_ATTACHED = 1_400_000
"""Characters of the pictures that a text cell shows, counted each time that it shows one."""
MAX_SEARCHED = 20_000_000
"""Beginnings of formulas in a text cell, times its characters: each end is searched for in all that follows."""
_FORMULA = re.compile(r"\$|\\\\[\[(]|\\begin\{")
_FILES = re.compile(r"(src|href)=(['\"]?)/?files/")


@pass_context
def clean_html(context: Any, html: Any) -> str:
    """HTML in which nothing runs, loads from elsewhere or covers the page; replaces nbconvert's filter."""
    if isinstance(html, Clean):
        return html
    text = html.decode(errors="replace") if isinstance(html, bytes) else html if isinstance(html, str) else str(html)
    room, links = _room(context), _may_lead_out(context)
    headings = _headings(context)
    return room.show(text, lambda html: clean_markup(room.parsed(html), links=links, headings=headings), plain)


@pass_context
def markdown(context: Any, source: str) -> str:
    """A text cell as clean HTML, with its attached pictures; replaces nbconvert's filter."""
    attachments = (context.get("cell") or {}).get("attachments", {})
    room, links, headings = _room(context), _may_lead_out(context), _headings(context)

    def rich(source: str) -> str:
        room.work("markdown", len(source))
        if len(_FORMULA.findall(source)) * len(source) > MAX_SEARCHED:
            raise TooMuch
        renderer = _Renderer(attachments, min(MAX_ATTACHED, max(0, room.free)))
        html = MarkdownWithMath(renderer=renderer).render(source)
        return clean_markup(room.parsed(html), links=links, formulas=renderer.formulas, headings=headings)

    return room.show(source, rich, plain)


@pass_context
def highlight_code(context: Any, source: str, language: str | None = None, metadata: Any = None) -> str:
    """A code cell with its colours; replaces nbconvert's filter, of which no part but the lexer is chosen by a cell."""
    room, lexer = _room(context), language or _lexer(context)

    def rich(source: str) -> str:
        room.work("code", len(source))
        return coloured(source, lexer)

    def plain(text: str, most: int) -> str:
        return _preformatted(text, most, '<div class="highlight"><pre>', "</pre></div>")

    return room.show(source, rich, plain)


@pass_context
def ansi2html(context: Any, text: str) -> str:
    """What a terminal shows, with its colours; replaces nbconvert's filter, which takes quadratic time."""
    if isinstance(text, Clean):
        return text
    room = _room(context)

    def rich(text: str) -> str:
        if "\x1b" not in text:
            raise TooMuch  # not at all: it is a plain text
        room.work("terminal", len(text))
        return str(stock_ansi2html(text))

    return room.show(text, rich, lambda text, most: _preformatted(strip_ansi(text), most))


def plain(text: str, most: int = 6 * MAX_PLAIN) -> Clean:
    """The beginning of a text that cannot be shown as markup, and a line that says so."""
    html, missing = cut(text[:MAX_PLAIN], most - NOTE)
    missing += len(text[MAX_PLAIN:])
    more = f" {left_out(missing)}" if missing else ""
    return Clean(
        f"<pre>{html}</pre><p><i>[shown as plain text: too large as markup"
        f" / 大きすぎるため、書式なしで表示しています]{more}</i></p>"
    )


def _preformatted(text: str, most: int, before: str = "", after: str = "") -> Clean:
    html, missing = cut(text, most - NOTE)
    more = f"\n{left_out(missing)}" if missing else ""
    return Clean(f"{before}{html}{more}{after}")


def strip_files_prefix(html: str) -> str:
    """nbconvert's filter without its rule for markdown, which takes quadratic time and has no place in HTML."""
    stripped = _FILES.sub(r"\1=\2", html)
    return Clean(stripped) if isinstance(html, Clean) else stripped


def _room(context: Any) -> Room:
    """The room of the page that is being made; one of its own for a text that is in no page."""
    room = (context.get("resources") or {}).get(ROOM)
    return room if isinstance(room, Room) else Room()


def _lexer(context: Any) -> str:
    """The lexer that the notebook's language names."""
    about = (context.get("nb") or {}).get("metadata", {}).get("language_info", {})
    return str(about.get("pygments_lexer") or about.get("name") or "ipython3")


def _may_lead_out(context: Any) -> bool:
    """Whether a page's links may lead to other places: not the formgrader's, which is open beside the gradebook."""
    return "submission_id" not in (context.get("resources") or {})


def _headings(context: Any) -> Callable[[int], int] | None:
    """Which heading of the page one in a cell becomes: in the feedback the page's own come first."""
    return _room(context).heading if _may_lead_out(context) and "nb" in context else None


class _Renderer(IPythonRenderer):
    """Puts a random text in the place of each formula, and remembers the formula."""

    def __init__(self, attachments: dict[str, dict[str, str]], most: int) -> None:
        super().__init__(escape=False, attachments=attachments)
        self.formulas: dict[str, tuple[str, bool]] = {}
        self._secret = secrets.token_hex(8)
        self._left = most

    def block_code(self, code: str, info: str | None = None) -> str:
        language = (info or "").split(maxsplit=1)[:1]
        if language and language[0].lower() in FENCED and can_be_coloured(code):
            return str(super().block_code(code, info))
        return str(super().block_code(code))

    def _embed_image_or_attachment(self, src: str) -> str:
        shown = str(super()._embed_image_or_attachment(src))
        self._left -= len(shown)
        if self._left < 0:
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


def install() -> None:
    """Make nbgrader's two templates load no MathJax, and the feedback's ours; nbconvert has no setting for that."""
    stock = HTMLExporter._create_environment
    if getattr(stock, "loads_nothing", False):
        return

    @functools.wraps(stock)
    def create_environment(self: Any) -> Any:
        environment = stock(self)
        if self.template_name in TEMPLATES:
            macro = f"{{%- macro mathjax(url='') -%}}{HEADS[self.template_name]}{{%- endmacro %}}"
            ours = {"mathjax.html.j2": macro}
            if self.template_name == "feedback":
                ours |= {"index.html.j2": FEEDBACK.read_text(encoding="utf-8"), "feedback.css": style()}
                environment.globals |= {"w": words(), "page_language": language(), "PLACE": PLACE, "TASK": TASK}
            environment.loader = ChoiceLoader([DictLoader(ours), environment.loader])
        return environment

    create_environment.loads_nothing = True  # type: ignore[attr-defined]
    HTMLExporter._create_environment = create_environment


def configure_pages(c: Any) -> None:
    """Make nbgrader use these filters; they are given by name, because nbgrader prints its configuration."""
    install()
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.preprocessors = [f"{step.__module__}.{step.__name__}" for step in (Overview, FitPage)]
    c.HTMLExporter.filters = {
        "clean_html": f"{__name__}.clean_html",
        "markdown2html": f"{__name__}.markdown",
        "highlight_code": f"{__name__}.highlight_code",
        "ansi2html": f"{__name__}.ansi2html",
        "strip_files_prefix": f"{__name__}.strip_files_prefix",
    }
