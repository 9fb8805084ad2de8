"""A JupyterHub from the documentation's own files, with real accounts, in a real browser: from release to feedback."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support import hub_pages
from tests.support.browsers import CHROMIUM, needs_browser
from tests.support.hubs import INSTRUCTORS, STUDENTS, Hub, install, require_registries, running_hub
from tests.support.jails import needs_sandbox
from tests.support.machines import Machine, machine, needs_machine

pytestmark = [needs_machine, needs_sandbox, needs_browser, pytest.mark.slow]
VERSIONS = ("6.1.1", "5.5.4")
COURSE, SPRINT = "course101", "first_sprint"
ACCOUNT = f"grader-{COURSE}"
FORMGRADER = f"/services/{COURSE}/formgrader/"
RIGHT = """def mean(x):
    if x.size == 0:
        raise ValueError("an empty array has no mean")
    return x.sum() / x.size


import os
print("IN VIEW", os.listdir("/srv") if os.path.exists("/srv") else [], os.path.exists("/home"))"""
WRONG = "def mean(x):\n    return x.sum() / x.size"
ANSWERS = dict(zip(STUDENTS, (RIGHT, WRONG), strict=True))
FOREIGN = """<iframe id="f" src="/services/course101/formgrader/manage_students"></iframe><script>
const frame = document.getElementById("f");
frame.onload = () => setTimeout(() => {
  let text;
  try { text = frame.contentDocument.body.innerText; } catch (error) { text = "nothing: " + error; }
  document.title = "READ " + text;
}, 3000);
</script>"""
"""A page of a student's that shows the formgrader in a frame, and reads it."""


@dataclass
class Walk:
    """What was seen on the way, for the tests to judge; the hub has ended."""

    machine: Machine
    before: str = ""
    courses: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
    totals: dict[str, str] = field(default_factory=dict)
    answered: dict[tuple[str, str], int] = field(default_factory=dict)
    panel: str = ""
    foreign: str = ""
    doctor: str = ""


@pytest.fixture(scope="module", params=VERSIONS)
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine with all that the documentation installs, two courses, two instructors and two students."""
    folder = tmp_path_factory.mktemp("hub")
    require_registries(folder)
    with machine(folder) as made:
        install(made, folder, request.param)
        for course in (COURSE, "course123"):
            made.run("sh", "/srv/docs/course.sh", course)
        yield made
    shutil.rmtree(folder, ignore_errors=True)  # more than a gigabyte


@contextmanager
def browsers() -> Iterator[Any]:
    """A function that makes a browser with cookies of its own."""
    from playwright.sync_api import sync_playwright

    switches = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=switches)
        try:
            yield lambda: started.new_context(viewport={"width": 1300, "height": 900})
        finally:
            started.close()


@pytest.fixture(scope="module")
def walk(installed: Machine) -> Walk:
    """All of it, once."""
    seen = Walk(installed)
    with running_hub(installed, "jupyterhub_config.py") as hub, browsers() as new:
        desks = {student: hub_pages.log_in(new(), hub, student) for student in STUDENTS}
        for student, page in desks.items():
            hub_pages.start_server(page, hub, student)
        hub_pages.open_assignments(desks[STUDENTS[0]])
        seen.before = hub_pages.courses_in_list(desks[STUDENTS[0]])

        teacher = hub_pages.log_in(new(), hub, INSTRUCTORS[0])
        hub_pages.start_server(teacher, hub, INSTRUCTORS[0])
        seen.courses = hub_pages.course_list(teacher)
        release(seen, hub, teacher)
        for student, page in desks.items():
            hub_pages.open_lab(page, f"{hub.url}/user/{student}/lab")
            hub_pages.fetch_answer_submit(page, SPRINT, "def mean", ANSWERS[student])
        grade(seen, hub, teacher)
        for student, page in desks.items():
            seen.totals[student] = hub_pages.fetch_feedback(page)
            knock(seen, hub, student, page)
        seen.panel = hub_pages.panel(teacher, hub, COURSE, installed.srv / "panel.png")
        seen.foreign = foreign_page(teacher, hub)
        hub_pages.open_lab(teacher, f"{hub.url}/services/{COURSE}/lab")
        seen.doctor = hub_pages.in_terminal(teacher, hub, ACCOUNT, "autograder doctor --hub")
    return seen


def release(seen: Walk, hub: Hub, teacher: Any) -> None:
    """The course's students, and the sprint."""
    hub_pages.open_lab(teacher, f"{hub.url}/services/{COURSE}/lab")
    added = "; ".join(f"nbgrader db student add {student}" for student in STUDENTS)
    seen.said["add"] = hub_pages.in_terminal(teacher, hub, ACCOUNT, added)
    hub_pages.open_formgrader(teacher, hub, COURSE, SPRINT)
    for button in ("assign", "release"):
        seen.said[button] = hub_pages.press(teacher, SPRINT, button)


def grade(seen: Walk, hub: Hub, teacher: Any) -> None:
    """By the formgrader's buttons."""
    hub_pages.open_formgrader(teacher, hub, COURSE, SPRINT)
    seen.said["collect"] = hub_pages.press(teacher, SPRINT, "collect")
    teacher.locator(f"tr:has-text('{SPRINT}') td.num-submissions a").click()
    for student in STUDENTS:
        seen.said[f"autograde {student}"] = hub_pages.press(teacher, student, "autograde")
    hub_pages.open_formgrader(teacher, hub, COURSE, SPRINT)
    for button in ("generate-feedback", "release-feedback"):
        seen.said[button] = hub_pages.press(teacher, SPRINT, button)


def knock(seen: Walk, hub: Hub, student: str, page: Any) -> None:
    """What a student's browser gets at doors that are not the student's, and at the student's own."""
    other = next(name for name in STUDENTS if name != student)
    course = f"/services/{COURSE}"
    for path in (
        f"{course}/", f"{course}/lab", FORMGRADER, f"{course}/formgrader/api/students",
        f"{course}/api/contents/course/gradebook.db", f"{course}/files/course/gradebook.db",
        f"/user/{other}/lab", f"/user/{other}/api/contents", f"/user/{INSTRUCTORS[0]}/lab",
        f"/user/{student}/formgrader/", f"/user/{student}/lab", "/hub/admin", "/hub/api/users", "/hub/api/groups",
    ):  # fmt: skip
        answer = page.context.request.get(f"{hub.url}{path}")
        seen.answered[student, path.replace(student, "SELF").replace(other, "OTHER")] = answer.status


def foreign_page(teacher: Any, hub: Hub) -> str:
    """What a page at a student's address reads of the formgrader, when a logged-in grader opens it."""
    address = f"{hub.url}/user/{STUDENTS[0]}/page"
    teacher.context.route(address, lambda route: route.fulfill(body=FOREIGN, content_type="text/html"))
    page = hub_pages.new_page(teacher.context)
    page.goto(address)
    page.wait_for_function("document.title.startsWith('READ ')")
    text = str(page.title())
    page.close()
    return text


def test_from_the_release_to_the_feedback(walk: Walk) -> None:
    assert walk.totals == {STUDENTS[0]: "3 of 3 points", STUDENTS[1]: "2 of 3 points"}
    for button, text in walk.said.items():
        assert button == "add" or text.startswith("Successfully "), text


def test_a_course_is_for_its_group(walk: Walk) -> None:
    """A student of no course sees none; who is added to the gradebook comes into the group, with no administrator."""
    assert walk.before == "No courses found."
    assert walk.said["add"].count("added or was already in the Jupyterhub group: nbgrader-course101") == len(STUDENTS)
    assert walk.courses == ["course101", "course123"]


def test_submissions_are_graded_in_the_jail(walk: Walk) -> None:
    """The account that grades has a course in its home and an exchange, both below /srv on this machine."""
    graded = walk.machine.srv / "home" / ACCOUNT / COURSE / "course" / "autograded" / STUDENTS[0] / SPRINT
    nb = json.loads((graded / f"{SPRINT}.ipynb").read_text())
    printed = "".join(text for cell in nb["cells"] for out in cell.get("outputs", []) for text in out.get("text", []))
    (seen,) = re.findall(r"IN VIEW (\[.*\]) (\w+)", printed)
    assert not {"home", "nbgrader", "jupyterhub", "student"} & set(re.findall(r"'([^']*)'", seen[0])), printed


def test_a_student_reaches_nothing_of_a_graders_or_of_anothers(walk: Walk) -> None:
    for (student, path), status in walk.answered.items():
        expected = {"/user/SELF/lab": 200, "/user/SELF/formgrader/": 404}.get(path, 403)
        assert status == expected, (student, path)


def test_the_files_are_closed_to_students(walk: Walk) -> None:
    """By the machine's own permissions, as the student's terminal would meet them."""
    one, other = STUDENTS
    home, exchange = f"/srv/home/{ACCOUNT}", f"/srv/nbgrader/exchange/{COURSE}"
    for path in (
        home, f"{home}/{COURSE}/course/gradebook.db", f"{exchange}/inbound", f"{exchange}/feedback",
        f"/srv/home/{other}", "/srv/jupyterhub", "/srv/jupyterhub/jupyterhub.sqlite",
    ):  # fmt: skip
        assert "Permission denied" in walk.machine.run("ls", path, user=one, status=2), path
    walk.machine.run("sh", "-c", f"ls {home} {exchange}/inbound {exchange}/feedback", user=ACCOUNT)
    denied = walk.machine.run("mv", exchange, "/srv/nbgrader/exchange/mine", user=one, status=1)
    assert "not permitted" in denied or "Permission denied" in denied


def test_a_students_environment_has_none_of_the_platform(walk: Walk) -> None:
    tried = walk.machine.run("/srv/student/bin/python", "-c", "import autograder", user=STUDENTS[0], status=1)
    assert "No module named 'autograder'" in tried


def test_the_panel_is_blank_and_no_other_page_can_show_the_formgrader(walk: Walk) -> None:
    """As the hub has it; the formgrader at its own address works, with which the walk was gone."""
    assert walk.panel == "blank"
    assert "Manage Students" not in walk.foreign


def test_the_doctor_finds_what_is_there(walk: Walk) -> None:
    assert "MISSING" not in walk.doctor
    assert f"ok      course: {COURSE}, as the service of that name and the account {ACCOUNT}" in walk.doctor
    assert "ok      sandbox: a jail starts in this server" in walk.doctor
    assert f"none    panel: it stays blank (frame-ancestors 'none'): open {FORMGRADER} in a tab" in walk.doctor
    assert len(walk.doctor.splitlines()) == 14, walk.doctor


def test_elsewhere_the_doctor_says_that_it_is_no_server_of_a_hub(installed: Machine) -> None:
    said = installed.run("/srv/grader/bin/autograder", "doctor", "--hub", user=ACCOUNT, status=1)
    assert said.startswith("MISSING hub: this is no server of a hub")


def test_the_setting_shows_the_panel_and_gives_the_formgrader_away(walk: Walk) -> None:
    """The setting that the documentation's file has in a comment, on a hub with one address."""
    file = walk.machine.srv / "grader" / "etc" / "jupyter" / "jupyter_server_config.py"
    plain = file.read_text()
    changed = plain.replace("# c.ServerApp.tornado_settings", "c.ServerApp.tornado_settings")
    assert changed != plain
    file.write_text(changed)
    try:
        with running_hub(walk.machine, "jupyterhub_config.py") as hub, browsers() as new:
            teacher = hub_pages.log_in(new(), hub, INSTRUCTORS[0])
            assert hub_pages.panel(teacher, hub, COURSE, walk.machine.srv / "panel.png") == "Manage Assignments"
            assert STUDENTS[1] in foreign_page(teacher, hub)
            hub_pages.open_lab(teacher, f"{hub.url}/services/{COURSE}/lab")
            said = hub_pages.in_terminal(teacher, hub, ACCOUNT, "autograder doctor --hub")
            assert "ok      panel: it shows the formgrader, and so can a page of any student's server" in said
    finally:
        file.write_text(plain)


def test_one_grader_without_a_service(walk: Walk) -> None:
    """The other file of the documentation: release and grading in the instructor's own server."""
    grader = INSTRUCTORS[0]
    for name in ("jupyterhub.sqlite", "cookie_secret"):
        (walk.machine.srv / "jupyterhub" / name).unlink()
    shutil.move(walk.machine.srv / "nbgrader" / "exchange" / COURSE, walk.machine.srv / "of_the_service")
    walk.machine.run("sh", "/srv/docs/course.sh", COURSE, grader)
    with running_hub(walk.machine, "one_grader.py") as hub, browsers() as new:
        student = hub_pages.log_in(new(), hub, STUDENTS[0])
        teacher = hub_pages.log_in(new(), hub, grader)
        hub_pages.start_server(teacher, hub, grader)
        commands = f"nbgrader db student add {STUDENTS[0]}; autograder doctor --hub"
        said = hub_pages.in_terminal(teacher, hub, grader, commands)
        assert "MISSING" not in said, said
        assert f"ok      course: {COURSE}, in the server of {grader}: nobody else can grade in it" in said
        for path in (f"/user/{grader}/lab", f"/user/{grader}/formgrader/"):
            assert student.context.request.get(f"{hub.url}{path}").status == 403
        teacher.goto(f"{hub.url}/user/{grader}/formgrader/")
        assert hub_pages.press(teacher, SPRINT, "release").startswith("Successfully released")
