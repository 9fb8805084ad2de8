"""Does a page keep what makes it readable, and nothing that runs?"""

from __future__ import annotations

import re

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_output

from autograder.bridge.markup import Clean, clean_markup
from autograder.bridge.page_parts import FitPage
from autograder.bridge.pages import clean_html, markdown, strip_files_prefix
from tests.support.worst_pages import PNG


class Context(dict):
    """What jinja gives a filter."""


def rendered(source: str, **cell: object) -> str:
    return unboxed(markdown(Context(cell=NotebookNode(cell)), source))


def fitted(cell: NotebookNode) -> NotebookNode:
    """A cell as it goes into a page."""
    return FitPage().preprocess(new_notebook(cells=[cell]), {})[0].cells[0]


def unboxed(html: str) -> str:
    """Clean HTML without the box that the browser clips it to; a text alone has none."""
    begins, ends = '<div style="contain:content;overflow:auto">', "</div>"
    assert html.startswith(begins) or "<" not in html
    return html.removeprefix(begins).removesuffix(ends) if html.startswith(begins) else html


def cleaned(html: str, **settings: bool) -> str:
    return unboxed(clean_markup(html, **settings))


@pytest.mark.parametrize(
    "html",
    [
        '<div class="highlight"><pre><span class="kn">import</span></pre></div>',
        '<table class="dataframe"><tbody><tr><td>1</td></tr></tbody></table>',
        '<p style="color:red;margin:0.3em 0;width:50%">x</p>',
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>",
        f'<img src="data:image/png;base64,{PNG}"/>',
        '<img src="plots/a 1.png"/>',
        "<pre><code>a &lt; b</code></pre>",
        "1 &lt; 2 &amp; 3",
    ],
)
def test_what_only_shows_stays(html):
    assert cleaned(html) == html


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<a href=" JaVaScRiPt:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<img src="http://192.0.2.1/seen">',
        '<img src="//192.0.2.1/seen">',
        '<img src="data:image/svg+xml;base64,x">',
        '<div style="position:fixed; background:url(http://192.0.2.1)">x</div>',
        '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
        "<form action=/x><input onfocus=alert(1) autofocus></form>",
        "<svg onload=alert(1)>",
        "<math><mtext><script>alert(1)</script>",
        "<style>*{display:none}</style>",
    ],
)
def test_what_acts_goes(html):
    """Is no tag or attribute left that runs, loads from elsewhere or covers the page?"""
    html = cleaned(html)
    for part in ("<script", "<iframe", "<form", "<input", "<svg", "<style", "<math"):
        assert part not in html
    for part in (" onerror=", 'href="javascript', 'href="data', 'src="http', 'src="//', "svg+xml", "position", "url("):
        assert part not in html or "&lt;" in html


def test_markdown_is_rendered_with_its_formulas_and_pictures():
    """Are quotes, code, formulas and attached pictures as they were?"""
    html = rendered("> quote\n\n`a<b` and $a < b$\n\n![p](attachment:p.png)", attachments={"p.png": {"image/png": PNG}})
    assert "<blockquote>" in html
    assert "<code>a&lt;b</code>" in html
    assert "<mi>a</mi><mo>&lt;</mo><mi>b</mi>" in html
    assert f'src="data:image/png;base64,{PNG}"' in html


def test_html_in_markdown_is_cleaned():
    assert "<script" not in rendered("text <script>alert(1)</script>\n\n[x](javascript:alert(1))")


def test_metadata_of_outputs_are_sizes_only():
    size = {"width": 3, "height": "1 onerror=alert(1)", "alt": '"><script>', "isolated": True}
    cell = new_code_cell(outputs=[new_output("display_data", {"image/png": "x"}, metadata={"image/png": size, "x": 1})])
    cell.outputs[0].data["image/png"] = PNG
    assert fitted(cell).outputs[0].metadata == {"image/png": {"width": 3}}


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ('<div class="modal in k">x</div>', '<div class="k">x</div>'),
        ('<div class="navbar-fixed-top">x</div>', "<div>x</div>"),
        ('<p id="double">x</p>', '<p id="student-double">x</p>'),
        ('<a href="#double">x</a>', '<a href="#student-double">x</a>'),
        ('<a style="padding:9000px;margin:-500px;color:red">x</a>', '<a style="color:red">x</a>'),
        ('<p style="width:calc(100vw * 9)">x</p>', "<p>x</p>"),
        ('<p style="height:1e9px">x</p>', "<p>x</p>"),
        ('<img src="a.png" align="left">', '<img src="a.png"/>'),
        ('<img src="../a.png">', "<img/>"),
        ('<img src="%2e%2e/a.png">', "<img/>"),
        ('<a href="/logout">x</a>', "<a>x</a>"),
        ('<a href="..%2F..%2Fsubmitted/eve/evil.html">x</a>', "<a>x</a>"),
    ],
)
def test_nothing_takes_a_name_or_the_place_of_what_is_the_pages(html: str, left: str) -> None:
    assert cleaned(html) == left


def test_a_link_out_of_a_page() -> None:
    """Does the feedback's link tell nobody where it was, and is the formgrader's only an address to read?"""
    html = '<a href="https://numpy.org/x">numpy</a>'
    for part in ('href="https://numpy.org/x"', 'rel="noopener noreferrer nofollow"', 'target="_blank"'):
        assert part in cleaned(html)
    assert cleaned(html, links=False) == "<a>numpy (https://numpy.org/x)</a>"
    assert unboxed(clean_html(Context(resources={"submission_id": "x"}), html)) == cleaned(html, links=False)
    assert unboxed(clean_html(Context(resources={}), html)) == cleaned(html)


def test_what_is_clean_is_not_cleaned_again() -> None:
    once = markdown(Context(cell={}), "files/x and $x^2$")
    assert isinstance(strip_files_prefix(once), Clean)
    assert clean_html(Context(), strip_files_prefix(once)) == once


@pytest.mark.parametrize("formula", ["$x^2$", "$$x^2$$", "\\begin{align}x^2\\end{align}"])
def test_formulas_are_mathml(formula: str) -> None:
    html = rendered(f"so {formula} is\n\n# and {formula}")
    assert html.count("<msup><mi>x</mi><mn>2</mn></msup>") == 2
    assert "formula-" not in html


@pytest.mark.parametrize(
    "formula",
    [
        "\\href{javascript:alert(1)}{x}",
        "\\class{modal}{x}",
        "\\style{position:fixed;top:0}{x}",
        "\\text{<script>alert(1)</script>}",
        '\\text{" onmouseover=alert(1) x="}',
    ],
)
def test_a_formula_does_nothing(formula: str) -> None:
    """In a text, and where its markup would end an attribute."""
    html = rendered(f'${formula}$ <a title="${formula}$">x</a> ![${formula}$](a.png)')
    tags = re.findall(r"<[^>]*>", re.sub(r"""(title|alt)=("[^"]*"|'[^']*')""", "", html))
    assert not [tag for tag in tags if re.search(r"script|javascript|class=|style=|onmouse", tag)]


@pytest.mark.parametrize("formula", ["x" * 3000, "{" * 2000, "\\frac{", "\\left(" * 300])
def test_a_formula_that_is_none_stays_as_it_was_written(formula: str) -> None:
    html = rendered(f"${formula}$")
    assert "formula-" not in html
    assert formula[:20] in html or "<math" in html


def test_latex_in_an_output_is_shown_as_in_a_text() -> None:
    cell = new_code_cell(outputs=[new_output("display_data", {"text/latex": "$x^2$"}, metadata={})])
    assert fitted(cell).outputs[0].data == {"text/markdown": "$x^2$"}


@pytest.mark.parametrize("begins", ["\\\\[", "\\\\(", "$ ", "\\begin{a}"])
def test_formulas_that_only_begin_are_plain_text(begins: str) -> None:
    """The end of each is searched for in all that follows."""
    assert "shown as plain text" in markdown({}, begins * (20_000 // len(begins)))
    assert "shown as plain text" not in markdown({}, begins * 5 + "x" * 10_000)


@pytest.mark.parametrize(
    "style",
    [
        r"margin:1px\3b position:fixed;top:0",
        r"margin:1px\3b background-image:image-set('http://elsewhere.example/a' 1x)",
        "list-style-type:'-9;animation:x 1s;c:'",
    ],
)
def test_no_semicolon_makes_a_declaration(style):
    """A CSS parser takes it for a part of a value; written out it would end one."""
    cleaned = clean_markup(f'<p style="{style}">x</p>')
    assert not re.search("position|image-set|animation", cleaned)
    assert "x</p>" in cleaned
    assert 'style="color:red;width:9px"' in clean_markup('<p style="color:red; width:9px">x</p>')
