"""Do the files for JupyterHub say what their page says? The slow test of a hub runs those that need no cluster."""

from __future__ import annotations

import getpass
import re
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from traitlets.config import Config, LazyConfigValue

from benchmarks.hub import HUB, PROXY
from tests.support.paths import ROOT

FILES = ROOT / "docs" / "jupyterhub"
PAGE = (ROOT / "docs" / "jupyterhub.md").read_text(encoding="utf-8")


def test_the_page_names_every_file() -> None:
    assert {f.name for f in FILES.iterdir() if f.is_file()} == set(re.findall(r"\(jupyterhub/([\w.]+)\)", PAGE))


@pytest.mark.parametrize("script", sorted(FILES.glob("*.sh")), ids=lambda path: path.name)
def test_scripts_can_be_read_by_a_plain_shell(script: Path) -> None:
    assert subprocess.run(["sh", "-n", script], capture_output=True, text=True, check=False).stderr == ""


def test_versions_are_those_of_the_benchmark() -> None:
    text = "".join(path.read_text() for path in FILES.iterdir() if path.is_file())
    assert set(re.findall(r"jupyterlab==([\d.]+)", text)) == {HUB[1].partition("==")[2]}
    assert set(re.findall(r"HUB=([\d.]+)|2:-([\d.]+)", text)) == {(HUB[0][12:], ""), ("", HUB[0][12:])}
    assert PROXY in text


def loaded(text: str, **known: object) -> Config:
    """The configuration that a file makes, beside what others have said."""
    c = Config()
    c.JupyterHub.load_roles = [{"name": "of another file"}]
    exec(text, {"get_config": lambda: c, "c": c, "__name__": "config", **known})  # noqa: S102
    return c


@pytest.fixture(autouse=True)
def jupyterhub(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The part of it that a file asks for; it is not installed here."""
    module = SimpleNamespace(version_info=(6, 1, 1, "", ""))
    monkeypatch.setitem(sys.modules, "jupyterhub", module)
    return module


def lazily(said: Any) -> Any:
    """What a list or a dictionary will be, to which a file only adds."""
    return said.get_value({} if said._update else []) if isinstance(said, LazyConfigValue) else said


def values() -> Any:
    return yaml.safe_load((FILES / "values.yaml").read_text())


def test_courses_of_both_kinds_of_hub_have_their_groups_and_roles() -> None:
    """And the roles that another file has set stay."""
    for text in ((FILES / "courses.py").read_text(), values()["hub"]["extraConfig"]["courses"]):
        c = loaded(text)
        groups = lazily(c.JupyterHub.load_groups)
        assert set(groups) == {f"{kind}-{n}" for kind in ("formgrade", "nbgrader") for n in ("course101", "course123")}
        assert groups["formgrade-course123"]["users"] == ["instructor1", "instructor2", "grader-course123"]
        roles = {role["name"]: role for role in c.JupyterHub.load_roles}
        assert "of another file" in roles
        scopes = [scope for role in roles.values() for scope in role.get("scopes", [])]
        assert "groups!group=nbgrader-course101" in scopes
        assert not [scope for scope in scopes if scope.startswith("admin") or "!" not in scope]
        assert c.Authenticator.post_auth_hook(None, None, {"name": "grader-course101"}) is None
        assert c.Authenticator.post_auth_hook(None, None, {"name": "student1"}) == {"name": "student1"}


def test_services_have_the_courses_names_and_accounts() -> None:
    services = lazily(loaded((FILES / "courses.py").read_text()).JupyterHub.services)
    assert [(one["name"], one["user"]) for one in services] == [
        ("course101", "grader-course101"), ("course123", "grader-course123"),
    ]  # fmt: skip
    assert len({one["url"] for one in services}) == 2


@pytest.mark.parametrize(("version", "waits"), [((5, 5, 4, "", ""), {None}), ((6, 0, 0, "", ""), {300})])
def test_only_a_hub_that_knows_the_setting_gets_it(
    jupyterhub: SimpleNamespace, version: tuple[object, ...], waits: set[int | None]
) -> None:
    """5.5 refuses to start with a service's timeout."""
    jupyterhub.version_info = version
    services = lazily(loaded((FILES / "courses.py").read_text()).JupyterHub.services)
    assert {one.get("timeout") for one in services} == waits


def pod(name: str) -> SimpleNamespace:
    """What the values say of a user's pod."""
    c = loaded(values()["hub"]["extraConfig"]["courses"])
    spawner = SimpleNamespace(user=SimpleNamespace(name=name, id=7), environment={}, image="student")
    c.Spawner.pre_spawn_hook(spawner)
    return spawner


def test_a_graders_pod_has_what_a_worker_of_a_cluster_has() -> None:
    """The jail needs the same in both; a student's pod needs none of it."""
    cluster = yaml.safe_load_all((ROOT / "docs" / "cluster" / "kubernetes.yaml").read_text())
    worker = next(iter(cluster))["spec"]["worker"]["spec"]
    grader, student = pod("grader-course101"), pod("student1")
    context = dict(grader.container_security_context)
    assert context.pop("allowPrivilegeEscalation") is False
    assert context == worker["containers"][0]["securityContext"]
    assert grader.extra_pod_config == {"hostUsers": worker["hostUsers"]}
    assert not hasattr(student, "container_security_context")
    assert student.image == "student"
    assert (student.uid, grader.uid) == (20007, 20007)
    for setting in ("seccompProfile", "appArmorProfile", "procMount: Unmasked", "hostUsers: false"):
        assert setting in PAGE


def test_both_images_and_the_exchange_are_in_the_values() -> None:
    said = values()
    assert said["singleuser"]["image"]["name"] in (FILES / "student.Dockerfile").read_text()
    image = re.search(r'GRADER = "(.*)"', said["hub"]["extraConfig"]["courses"])
    assert image is not None
    assert image[1] in (FILES / "grader.Dockerfile").read_text()
    (mount,) = said["singleuser"]["storage"]["extraVolumeMounts"]
    assert mount["mountPath"] in (FILES / "nbgrader_config.py").read_text()
    for name in re.findall(r"^COPY (.*) /", (FILES / "student.Dockerfile").read_text(), re.MULTILINE):
        assert all((ROOT / path).exists() for path in name.split())


@pytest.mark.parametrize(("account", "expected"), [("jupyter-ada", "ada"), ("ada", None), ("grader-course101", None)])
def test_a_students_id_is_the_name_on_the_hub(
    account: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Littlest JupyterHub has other names for accounts; nobody else's configuration says an id."""
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    monkeypatch.setattr(getpass, "getuser", lambda: account)
    c = Config()
    runpy.run_path(str(FILES / "nbgrader_config.py"), {"get_config": lambda: c})
    assert c.CourseDirectory.get("student_id") == expected
    assert c.Authenticator.plugin_class.__name__ == "JupyterHubAuthPlugin"
