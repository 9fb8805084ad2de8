"""Is a picture that would cost a browser gigabytes or minutes not shown, and are those that plots make?"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from autograder.bridge.markup import clean_markup
from autograder.bridge.page_parts import FitPage
from autograder.bridge.pictures import drawn_quickly, few_pixels, few_pixels_in
from tests.support.pages_made import page
from tests.support.worst_pages import PNG

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900">{}</svg>'
BOX = '<rect width="900" height="900"/>'


def png(width: int, height: int) -> str:
    """A picture of one colour: its file is short."""
    packer = zlib.compressobj(9)
    lines = b"".join(packer.compress(bytes(1 + width // 8)) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    made = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", head), (b"IDAT", lines), (b"IEND", b"")):
        made += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return base64.b64encode(made).decode()


def used(levels: int) -> str:
    groups = (f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 10 + "</g>" for n in range(1, levels))
    return f'<defs><g id="g0">{BOX}</g>{"".join(groups)}</defs><use href="#g{levels - 1}"/>'


HARD = {
    "used": used(9),
    "uses itself": '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
    "filter": f'<filter id="f"><feGaussianBlur stdDeviation="400"/></filter>{BOX * 300}',
    "filter by style": f'<g style="filter:blur(400px)">{BOX}</g>',
    "groups": '<g opacity=".99">' * 3_000 + BOX + "</g>" * 3_000,
    "groups by style": '<g style="x:1; opacity :.99">' * 3_000 + BOX + "</g>" * 3_000,
    "by a sheet": f"<style>g {{ opacity: .9 }}</style>{'<g>' * 3_000}{BOX}{'</g>' * 3_000}",
    "dashes": '<path d="M0 0H900000" stroke="red" stroke-dasharray=".001"/>' * 3_000,
    "pattern": f'<pattern id="p" width="9" height="9">{BOX}</pattern><rect fill="url(#p)"/>',
    "clipped": f'<clipPath id="c">{BOX}</clipPath>' + '<rect clip-path="url(#c)"/>' * 9_000,
    "a picture in it": f'<image href="data:image/png;base64,{png(20_000, 20_000)}"/>',
    "a drawing in it": '<image href="data:image/svg+xml;base64,PHN2Zy8+"/>',
    "script": "<script>1</script>",
    "page": '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>',
    "long": " " * 600_000,
    "one long line": '<path d="M0 0' + "".join(f"L{n * 7919 % 900} {n * 104729 % 900}" for n in range(40_000)) + '"/>',
    "gradients": '<radialGradient id="g"/><rect id="a" fill="url(#g)"/>' + '<use href="#a"/>' * 3_000,
    "wide lines": '<path id="a" d="M0 0C900 0 0 900 900 900" stroke-width="300"/>' + '<use href="#a"/>' * 15_000,
}


@pytest.mark.parametrize("inside", HARD.values(), ids=list(HARD))
def test_a_drawing_that_takes_long_is_not_shown(inside: str) -> None:
    assert not drawn_quickly(SVG.format(inside))


def test_a_drawing_with_entities_is_not_shown() -> None:
    entities = '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    assert not drawn_quickly(entities + SVG.format("<text>&b;</text>"))


def of_matplotlib(folder: Path) -> str:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure, axes = pyplot.subplots(2)
    axes[0].scatter(range(2_000), range(2_000), alpha=0.5, label="$x^2$")
    axes[0].plot([1, 2], linestyle="--")
    axes[0].legend()
    axes[1].imshow([[1, 2], [3, 4]])
    figure.savefig(folder / "x.svg")
    pyplot.close(figure)
    return (folder / "x.svg").read_text()


def of_graphviz(folder: Path) -> str:
    kind = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    return kind + SVG.format('<g><title>a</title><polygon points="1,2"/><text>a</text></g>' * 200)


@pytest.mark.parametrize("make", [of_matplotlib, of_graphviz])
def test_plots_are_shown(make: Callable[[Path], str], tmp_path: Path) -> None:
    assert drawn_quickly(make(tmp_path))


def test_pixels_are_counted_and_what_cannot_be_read_is_not_shown(tmp_path: Path) -> None:
    assert few_pixels(png(3_000, 2_000))
    assert few_pixels(PNG)
    for text in (png(20_000, 20_000), "AAAA", "x", base64.b64encode(b"BM" + bytes(99)).decode()):
        assert not few_pixels(text)
    (tmp_path / "x.png").write_bytes(base64.b64decode(png(20_000, 20_000)))
    assert not few_pixels_in(str(tmp_path / "x.png"))


def test_a_page_has_the_next_best_form_or_a_line() -> None:
    large, slow = png(20_000, 20_000), SVG.format(HARD["used"])
    for data in ({"image/png": large}, {"image/svg+xml": slow}, {"image/svg+xml": slow, "image/png": large}):
        for more, shows in (({}, "cannot draw quickly"), ({"text/plain": "a figure"}, "a figure")):
            cell = new_code_cell(outputs=[new_output("display_data", data | more)])
            html = page(new_notebook(cells=[cell]))
            assert shows in html
            assert "base64" not in html
    nb, _ = FitPage().preprocess(new_notebook(cells=[cell]), {})
    assert list(nb.cells[0].outputs[0].data) == ["text/plain"]
    assert "<img" not in clean_markup(f'<img src="data:image/png;base64,{large}">').replace("<img/>", "")
