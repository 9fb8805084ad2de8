"""Does a page keep what makes it readable, and nothing that runs?"""

from __future__ import annotations

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from autograder.bridge.pages import PlainMetadata, clean_html, markdown


class Context(dict):
    """What jinja gives a filter."""


def rendered(source: str, **cell: object) -> str:
    return markdown(Context(cell=NotebookNode(cell)), source)


@pytest.mark.parametrize(
    "html",
    [
        '<div class="a"><p>x</p></div>',
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td></tr></tbody></table>",
        '<img src="data:image/png;base64,iVBORw0KGgo=">',
        '<a href="https://numpy.org">numpy</a>',
        "<pre><code>a &lt; b</code></pre>",
        "1 &lt; 2 &amp; 3",
    ],
)
def test_what_only_shows_stays(html):
    assert clean_html(html) == html


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
    cleaned = clean_html(html)
    for part in ("<script", "<iframe", "<form", "<input", "<svg", "<style", "<math"):
        assert part not in cleaned
    for part in (" onerror=", 'href="javascript', 'href="data', 'src="http', 'src="//', "svg+xml", "position", "url("):
        assert part not in cleaned or "&lt;" in cleaned


def test_markdown_is_rendered_with_its_formulas_and_pictures():
    """Are quotes, code, formulas and attached pictures as they were?"""
    html = rendered(
        "> quote\n\n`a<b` and $a < b$\n\n![p](attachment:p.png)", attachments={"p.png": {"image/png": "eA=="}}
    )
    assert "<blockquote>" in html
    assert "<code>a&lt;b</code>" in html
    assert "$a &lt; b$" in html
    assert 'src="data:image/png;base64,eA=="' in html


def test_html_in_markdown_is_cleaned():
    assert "<script" not in rendered("text <script>alert(1)</script>\n\n[x](javascript:alert(1))")


def test_metadata_of_outputs_are_sizes_only():
    size = {"width": 3, "height": "1 onerror=alert(1)", "alt": '"><script>', "isolated": True}
    cell = new_code_cell(outputs=[new_output("display_data", {"image/png": "x"}, metadata={"image/png": size, "x": 1})])
    kept, _ = PlainMetadata().preprocess_cell(cell, {}, 0)
    assert kept.outputs[0].metadata == {"image/png": {"width": 3}}
