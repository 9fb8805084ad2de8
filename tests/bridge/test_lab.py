"""Does `make lab` open this course, with nbgrader's extensions on?"""

import json
import re
import sys
import urllib.request
from collections.abc import Iterator

import pytest

from autograder.course.sprint import PACKAGE
from autograder.environments import find_environment
from tests.support.environments_made import mark_built
from tests.support.labs import get, running_lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab on this course, with the class's files elsewhere."""
    folder = tmp_path_factory.mktemp("lab")
    built = str(folder / "environments")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AUTOGRADER_ENVIRONMENTS", built)
        made = find_environment("chainer")
        (made.folder / "bin").mkdir(parents=True)
        (made.folder / "bin" / "python").symlink_to(sys.executable)
        mark_built(made)
    places = {"COURSE_DATA": str(folder / "COURSE_DATA"), "AUTOGRADER_ENVIRONMENTS": built}
    with running_lab(PACKAGE.parent, folder, **places) as address:
        yield address


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


def test_the_extension_for_pages_of_feedback_is_on(lab: str) -> None:
    """Does JupyterLab load it, and is it there?"""
    config = re.search(rb'<script id="jupyter-config-data"[^>]*>(.*?)</script>', get(f"{lab}lab"), re.DOTALL)
    assert config is not None
    loaded = {one["name"]: one["load"] for one in json.loads(config[1])["federated_extensions"]}
    assert b"docmanager:open" in get(f"{lab}lab/extensions/autograder-feedback/{loaded['autograder-feedback']}")


def test_assignment_list_and_validation_are_on(lab: str) -> None:
    """Do the server extensions behind the two other buttons answer?"""
    assert json.loads(get(f"{lab}courses"))["success"]
    assert json.loads(get(f"{lab}nbgrader_version?version=0.9.6"))["success"]


def test_strangers_are_sent_to_the_login(lab: str) -> None:
    """Does the server want the token?"""
    with urllib.request.urlopen(f"{lab}formgrader/api/assignments", timeout=60) as reply:
        assert "/login" in reply.url
