"""Does `make lab` open this course, with nbgrader's extensions on?"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.sprint import PACKAGE
from autograder.environments import find_environment
from tests.environments_made import mark_built

TOKEN = "a-token-for-this-test"
STARTS_S = 60


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab on this course, on loopback, with the class's files elsewhere."""
    folder = tmp_path_factory.mktemp("lab")
    log = folder / "log"
    options = ["--no-browser", "--ServerApp.port=0", f"--IdentityProvider.token={TOKEN}"]
    places = {name: str(folder / name) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "COURSE_DATA", "HOME")}
    places["AUTOGRADER_ENVIRONMENTS"] = str(folder / "environments")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AUTOGRADER_ENVIRONMENTS", places["AUTOGRADER_ENVIRONMENTS"])
        made = find_environment("chainer")
        (made.folder / "bin").mkdir(parents=True)
        (made.folder / "bin" / "python").symlink_to(sys.executable)
        mark_built(made)
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "autograder.course.lab", *options],
            cwd=PACKAGE.parent, env=os.environ | places, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        yield _address(process, log)
    finally:
        process.terminate()
        process.wait(30)


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    end = time.monotonic() + STARTS_S
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text())
        if found:
            return found[0]
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


def get(address: str) -> bytes:
    """The body of a page that answers with 200."""
    request = urllib.request.Request(address, headers={"Authorization": f"token {TOKEN}"})
    with urllib.request.urlopen(request, timeout=60) as reply:
        return bytes(reply.read())


def test_it_offers_the_kernels_of_the_environments_that_are_built(lab: str) -> None:
    """Beside its own, and under the name that the instructor gave it?"""
    offered = json.loads(get(f"{lab}api/kernelspecs"))["kernelspecs"]
    assert "python3" in offered
    assert offered["chainer"]["spec"]["display_name"] == "Python 3.11 (Chainer)"


def test_formgrader_lists_the_sprint(lab: str) -> None:
    """Does the formgrader know the sprint in source/?"""
    assignments = json.loads(get(f"{lab}formgrader/api/assignments"))
    assert "define_by_run" in [assignment["name"] for assignment in assignments]


def test_pages_are_served(lab: str) -> None:
    """Are the formgrader's page and JupyterLab itself there?"""
    assert b"formgrader" in get(f"{lab}formgrader").lower()
    assert b"JupyterLab" in get(f"{lab}lab")


def test_assignment_list_and_validation_are_on(lab: str) -> None:
    """Do the server extensions behind the two other buttons answer?"""
    assert json.loads(get(f"{lab}courses"))["success"]
    assert json.loads(get(f"{lab}nbgrader_version?version=0.9.6"))["success"]


def test_strangers_are_sent_to_the_login(lab: str) -> None:
    """Does the server want the token?"""
    with urllib.request.urlopen(f"{lab}formgrader/api/assignments", timeout=60) as reply:
        assert "/login" in reply.url
