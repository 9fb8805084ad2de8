"""Does `autograder doctor --hub` say what a course's server lacks on a hub, and what to do? The hub is a stand-in."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from nbgrader.api import Gradebook

from autograder import doctor_hub, hub_folders
from autograder.doctor import Finding
from tests.support.jails import needs_sandbox

COURSE, ACCOUNT = "kettles", "grader-kettles"
CONFIG = """
import os
from pathlib import Path
from nbgrader.auth import JupyterHubAuthPlugin
c = get_config()
c.CourseDirectory.course_id = "kettles"
c.CourseDirectory.root = os.path.dirname(__file__)
c.Exchange.root = os.path.join(os.path.dirname(__file__), "exchange")
c.Authenticator.plugin_class = JupyterHubAuthPlugin
"""
SCOPES = ["groups!group=nbgrader-kettles", "access:services!service=kettles"]


@pytest.fixture
def answers() -> dict[str, Any]:
    """What the hub and the server answer: a status, or a document."""
    return {
        "/hub/api/": {"version": "6.1.1"},
        "/hub/api/user": {"kind": "service", "scopes": SCOPES},
        f"/hub/api/users/{ACCOUNT}": {"groups": ["formgrade-kettles"]},
        "/hub/api/groups/nbgrader-kettles": {"users": ["ada"]},
        "/services/kettles/formgrader/manage_assignments": {},
        "policy": "default-src 'self'; frame-ancestors 'none'",
    }


@pytest.fixture
def hub(answers: dict[str, Any]) -> Iterator[str]:
    """Its address on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            said = answers.get(self.path, 404) if self.headers["Authorization"] == "token t" else 403
            self.send_response(said if isinstance(said, int) else 200)
            self.send_header("Content-Security-Policy", answers["policy"])
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *said: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def course(tmp_path: Path, hub: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course in a closed folder, an exchange, and the environment that a hub gives to the course's server."""
    root = tmp_path / COURSE
    (root / "source").mkdir(parents=True)
    root.chmod(0o700)
    (root / "nbgrader_config.py").write_text(CONFIG)
    (root / "exchange" / COURSE / "inbound").mkdir(parents=True)
    (root / "exchange").chmod(0o1777)
    (root / "exchange" / COURSE / "inbound").chmod(0o2733)
    with Gradebook(f"sqlite:///{root}/gradebook.db", COURSE) as book:
        book.add_student("ada")
    for name in list(os.environ):
        if name.startswith(("JUPYTER", "NBGRADER_", "COURSE_")):
            monkeypatch.delenv(name)
    for name, text in {
        "AUTOGRADER_ROOT": str(root), "JUPYTERHUB_API_URL": f"{hub}/hub/api", "JUPYTERHUB_API_TOKEN": "t",
        "JUPYTERHUB_USER": ACCOUNT, "JUPYTERHUB_SERVICE_NAME": COURSE, "JUPYTERHUB_SERVICE_URL": hub,
        "JUPYTERHUB_SERVICE_PREFIX": "/services/kettles/", doctor_hub.STRICT: "1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(doctor_hub, "version", lambda name: "6.1.0")
    monkeypatch.setattr(doctor_hub, "_jail", lambda: Finding("sandbox", True, "not asked here"))
    return root


def found(name: str) -> Finding:
    """The first finding of this name that is not fine, or else the first of that name."""
    several = [one for one in doctor_hub.examine_hub() if one.name == name]
    return next((one for one in several if not one.ok), several[0])


def test_a_server_that_has_all_of_it(course: Path) -> None:
    said = doctor_hub.examine_hub()
    assert [one.name for one in said if not one.ok] == ["panel"]
    assert all("\n" not in one.text for one in said)
    assert found("students").text == "1 in the group nbgrader-kettles, and all of the gradebook's are"
    assert not found("panel").needed
    assert "open /services/kettles/formgrader/ in a tab of its own" in found("panel").text


@pytest.mark.parametrize("absent", ["JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN", "JUPYTERHUB_USER"])
def test_elsewhere_it_says_that_this_is_no_server_of_a_hub(
    course: Path, absent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(absent)
    (only,) = doctor_hub.examine_hub()
    assert not only.ok
    assert only.text.startswith(f"this is no server of a hub ({absent} is not set): run it in a terminal")


@pytest.mark.parametrize(
    ("path", "answer", "name", "says"),
    [
        (
            "/hub/api/user",
            403,
            "hub",
            "does not answer to this server's token (it answers 403): start this",
        ),
        ("/hub/api/", {"version": "5.5.4"}, "hub", "'pip install jupyterhub==5.5.4'"),
        (f"/hub/api/users/{ACCOUNT}", 404, "graders", f"give this server's role read:users:name!user={ACCOUNT}"),
        (f"/hub/api/users/{ACCOUNT}", {"groups": []}, "graders", f"{ACCOUNT} is not in the group formgrade-kettles"),
        ("/hub/api/groups/nbgrader-kettles", 403, "students", "groups!group=nbgrader-kettles and list:groups!group="),
        ("/hub/api/groups/nbgrader-kettles", {"users": []}, "students", "but not in the group nbgrader-kettles: ada;"),
        ("/hub/api/user", {"scopes": []}, "students", "this server may not add to the group nbgrader-kettles"),
        ("/services/kettles/formgrader/manage_assignments", 404, "formgrader", "jupyter server extension enable"),
        ("/services/kettles/formgrader/manage_assignments", 403, "formgrader", "access:services!service=kettles"),
        ("/services/kettles/formgrader/manage_assignments", 500, "formgrader", "root folder contain the course's"),
    ],
)
def test_what_the_hub_does_not_give_is_said(
    course: Path, answers: dict[str, Any], path: str, answer: object, name: str, says: str
) -> None:
    answers[path] = answer
    assert not found(name).ok
    assert says in found(name).text


def test_who_can_show_the_formgrader_in_a_frame(
    course: Path, answers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a domain for each server only their own pages can, with one address for all every page can."""
    answers["policy"] = "frame-ancestors 'self'"
    assert found("panel").ok
    assert "so can a page of any student's server" in found("panel").text
    monkeypatch.setenv("JUPYTERHUB_HOST", "https://hub.example.org")
    assert "student" not in found("panel").text


@pytest.mark.parametrize(
    ("line", "name", "says"),
    [
        ("c.CourseDirectory.course_id = 'pans'", "course", "its id is pans, the service is kettles: set"),
        ("c.CourseDirectory.course_id = ''", "course", "it has no id"),
        ("del c.Authenticator.plugin_class", "groups", "every user sees every course of the exchange"),
        ("c.Exchange.root = '/proc/none'", "exchange", "as root, 'install -d -m 1777 /proc/none'"),
        ("raise OSError('full')", "course", "nbgrader_config.py cannot be read (OSError: full)"),
    ],
)
def test_what_the_configuration_gets_wrong_is_said(course: Path, line: str, name: str, says: str) -> None:
    config = course / "nbgrader_config.py"
    config.write_text(f"{config.read_text()}{line}\n")
    assert not found(name).ok
    assert says in found(name).text


def test_errors_that_would_only_be_logged(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(doctor_hub.STRICT)
    assert not found("errors").ok


def test_folders_that_are_too_open_or_too_closed(course: Path) -> None:
    exchange = course / "exchange"
    exchange.chmod(0o777)
    assert "has mode 777; nbgrader wants 777, and 1777 keeps users" in found("exchange").text
    exchange.chmod(0o1777)
    inbound = exchange / COURSE / "inbound"
    inbound.chmod(0o777)
    assert found("exchange").text.endswith(f"'chmod 733 {inbound}'")
    inbound.chmod(0o2733)
    inbound.rmdir()
    (exchange / COURSE).rmdir()
    assert "another user could offer the course" in found("exchange").text


def test_a_gradebook_that_everybody_can_read(course: Path) -> None:
    """Only if no folder above it is closed: pytest's own are."""
    opened = [folder for folder in (course, *course.parents) if not folder.stat().st_mode & stat.S_IXOTH]
    modes = {folder: folder.stat().st_mode for folder in opened}
    try:
        for folder in opened:
            folder.chmod(0o755)
        assert not found("gradebook").ok
        assert "every user of this machine can read" in found("gradebook").text
        (course / "gradebook.db").chmod(0o600)
        assert found("gradebook").ok
    finally:
        for folder, mode in modes.items():
            with suppress(OSError):
                folder.chmod(stat.S_IMODE(mode))


@pytest.mark.parametrize(
    ("kind", "ok", "says"),
    [
        ("ext4", True, "on ext4"),
        ("overlay", False, "lies in the container's own file system (overlay) and is lost with it"),
        ("nfs4", False, "two graders at once may break it: name a PostgreSQL"),
        ("fuse.sshfs", False, "network file system (fuse.sshfs)"),
    ],
)
def test_where_a_gradebook_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, ok: bool, says: str
) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(
        "1 0 8:1 / / rw - ext3 /dev/a rw\n2 1 8:2 / /home\\040x rw,a shared:1 - ext2 /dev/b rw\n"
        f"3 1 8:3 / /srv/grades rw - {kind} /dev/c rw\n"
    )
    assert hub_folders.file_system(Path("/srv/grades/a/gradebook.db"), table) == kind
    assert hub_folders.file_system(Path("/srv/gradesheets/a"), table) == "ext3"
    assert hub_folders.file_system(Path("/home x/a"), table) == "ext2"
    monkeypatch.setattr(hub_folders, "file_system", lambda file: kind)
    said = hub_folders.where_it_lies(Path("/srv/grades/a/gradebook.db"))
    assert said.ok is ok
    assert says in said.text


@needs_sandbox
def test_the_jail_is_started_and_not_only_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor_hub._jail().text == f"a jail starts in this server, as uid {os.getuid()}"
    monkeypatch.setattr(doctor_hub.bubblewrap, "_walls", lambda: ["--nonsense"])
    assert not doctor_hub._jail().ok
