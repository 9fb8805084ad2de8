"""Does the exchange work over http, and does it take the host's word for when a push came in?

The host is a server here: git's own http backend, and the two answers that GitHub and GitLab document.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from nbgrader.utils import parse_utc

from autograder.bridge.git_exchange import git
from autograder.bridge.git_exchange.hosts import HostError, host_pushes
from autograder.bridge.git_exchange.receipts import Push
from tests.support.git_courses import PAST, Course, give_feedback, run

TOKEN = "t0ken"
WHEN = "2026-03-01T10:00:00Z"


class Host(ThreadingHTTPServer):
    """A git host on the loopback interface: repositories under a folder, and answers by path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, str]] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Host

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        if not path.path.startswith("/api/"):
            self.git(path.path, path.query)
            return
        token = self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or ""
        self.server.asked.append((self.path, token))
        answer = self.server.answers.get(path.path)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        if isinstance(answer, str):
            self.send_response(302)
            self.send_header("Location", answer)
        else:
            self.send_response(200 if answer is not None else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        path = urlsplit(self.path)
        self.git(path.path, path.query)

    def git(self, path: str, query: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        cgi = {
            "GIT_PROJECT_ROOT": str(self.server.folder), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "REMOTE_USER": "staff", "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "PATH": os.environ["PATH"],
        }  # fmt: skip
        said = subprocess.run(["git", "http-backend"], input=body, env=cgi, capture_output=True, check=False).stdout
        head, _, rest = said.partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode().splitlines()]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        self.send_response(status)
        for name, value in headers:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    folder = tmp_path / "hosted"
    folder.mkdir()
    with Host(folder) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def course(tmp_path: Path, host: Host, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course whose student `ada` is on the host, with a commit that says it is of 2020."""
    monkeypatch.setenv("COURSE_HOST_TOKEN", TOKEN)
    (tmp_path / "course").mkdir()
    made = Course(tmp_path / "course")
    made.release()
    hosted = host.folder / "class" / "ada.git"
    run("clone", "--quiet", "--bare", str(made.repositories / "ada.git"), str(hosted))
    run("config", "uploadpack.allowFilter", "true", cwd=hosted)
    run("config", "http.receivepack", "true", cwd=hosted)
    run("remote", "set-url", "origin", str(hosted), cwd=made.clone("ada"))
    (made.root / "roster.csv").write_text(f"student_id,url\nada,http://{host.name}/class/ada.git\nbob,\n")
    return made


def github(head: str, when: str = WHEN, ref: str = "refs/heads/main") -> dict[str, Any]:
    return {"id": 1, "before": "0" * 40, "after": head, "ref": ref, "timestamp": when, "activity_type": "push"}


def gitlab(head: str, when: str = WHEN, ref: str = "main") -> dict[str, Any]:
    about = {"commit_from": None, "commit_to": head, "ref": ref, "ref_type": "branch", "action": "pushed"}
    return {"action_name": "pushed to", "created_at": when, "push_data": about}


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_the_hosts_clock(course: Course, host: Host, kind: str) -> None:
    """Is a push as late as the host says, and not as its commit does?"""
    head = course.hand_in("ada", when=PAST)
    if kind == "github":
        host.answers["/api/v3/repos/class/ada/activity"] = [github("f" * 40, "2026-03-02T10:00:00Z", "x"), github(head)]
    else:
        host.answers["/api/v4/projects/class%2Fada/events"] = [gitlab("f" * 40, ref="x"), gitlab(head)]
    row = course.collect(hosts={host.name: kind})["ada"]
    assert (row["commit"], row["clock"], row["time"]) == (head, "receiver", "2026-03-01 10:00:00.000000 UTC")
    assert [token for _, token in host.asked] == [f"Bearer {TOKEN}" if kind == "github" else TOKEN]


@pytest.mark.parametrize("answer", [None, {"message": "no"}, b"<html>", [{"after": 1}], "http://127.0.0.1:9/elsewhere"])
def test_a_host_that_does_not_tell(course: Course, host: Host, answer: Any) -> None:
    """Is the clock then the committer's, and is the token not taken elsewhere?"""
    head = course.hand_in("ada", when=PAST)
    host.answers["/api/v3/repos/class/ada/activity"] = answer
    row = course.collect(hosts={host.name: "github"})["ada"]
    assert (row["commit"], row["clock"], row["time"][:4]) == (head, "committer", "2020")


def bulk(when: str = WHEN) -> dict[str, Any]:
    """As GitLab tells of a push to more than three branches at once."""
    about = {"commit_from": None, "commit_to": None, "ref": None, "ref_type": "branch", "ref_count": 5}
    return {"action_name": "pushed to", "created_at": when, "push_data": about | {"action": "pushed"}}


@pytest.mark.parametrize("listed", ["many branches at once", "a hundred pushes of another branch"])
def test_a_push_that_the_host_does_not_list(course: Course, host: Host, listed: str) -> None:
    """Does a student who brings that about not choose the clock?"""
    before = int(time.time())
    head = course.hand_in("ada", when=PAST)
    many = [gitlab("f" * 40, ref="x")] * 100
    host.answers["/api/v4/projects/class%2Fada/events"] = [bulk()] if listed.startswith("many") else many
    row = course.collect(hosts={host.name: "gitlab"})["ada"]
    assert (row["commit"], row["clock"]) == (head, "collection")
    assert parse_utc(row["time"]).replace(tzinfo=UTC).timestamp() >= before


def test_nobody_is_asked_without_a_token(course: Course, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_HOST_TOKEN")
    course.hand_in("ada", when=PAST)
    assert course.collect(hosts={host.name: "github"})["ada"]["clock"] == "committer"
    assert host.asked == []


def test_feedback_over_http(course: Course, host: Host) -> None:
    course.hand_in("ada")
    course.collect()
    give_feedback(course, "ada")
    assert git.head(f"http://{host.name}/class/ada.git", "feedback", timeout=9) is not None


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://github.com/class/ada.git", None),
        ("git@host.example:class/ada.git", "host.example"),
        ("ssh://git@host.example:2222/class/ada", "host.example"),
        ("https://token@host.example/class/ada.git", "host.example"),
    ],
)
def test_which_host_an_address_names(url: str, asked: str | None) -> None:
    """Does an address of any form find its host, and is one of another host not asked?"""
    if asked is None:
        assert host_pushes(url, "main", TOKEN, {"host.example": "github"}, 1) is None
    else:
        with pytest.raises(HostError, match=f"{asked} does not say"):
            host_pushes(url, "main", TOKEN, {asked: "github"}, 1)


def test_pushes_are_told_oldest_first(host: Host) -> None:
    host.answers["/api/v3/repos/class/ada/activity"] = [github("b" * 40, "2026-03-02T00:00:00Z"), github("a" * 40)]
    found = host_pushes(f"http://{host.name}/class/ada.git", "main", TOKEN, {host.name: "github"}, 9)
    assert found == [Push("a" * 40, 1772359200.0), Push("b" * 40, 1772409600.0)]
