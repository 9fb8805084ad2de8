"""What the server of a course's graders on a JupyterHub has for a class: `autograder doctor --hub`.

It runs in that server's terminal, with that server's environment, token and rights, and asks the hub and the server.
Each check is one line: what, where, what to do. docs/jupyterhub.md has the settings that it looks for.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.bridge.course_settings import nbgrader_in
from autograder.course.sprint import is_course, project_root
from autograder.doctor import Finding
from autograder.errors import BadInput, PlatformFault
from autograder.hub_answers import ask, formgrader, refused
from autograder.hub_folders import private, shared, where_it_lies
from autograder.jail import bubblewrap

if TYPE_CHECKING:
    from nbgrader.apps.baseapp import NbGrader

PLUGIN = "JupyterHubAuthPlugin"
STRICT = "TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR"
_NEEDED = ("JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN", "JUPYTERHUB_USER", "JUPYTERHUB_SERVICE_PREFIX")


@dataclass(frozen=True)
class Server:
    """The server that this runs in, and its course.

    Attributes
    ----------
    name
        its name on the hub: a service's, or its user's
    service
        whether it is a service, which several graders share
    course
        nbgrader's id of the course
    app
        nbgrader with the course's configuration
    """

    name: str
    service: bool
    course: str
    app: NbGrader

    @property
    def account(self) -> str:
        """The name by which nbgrader in this server asks the hub about itself."""
        return os.environ["JUPYTERHUB_USER"]


def examine_hub() -> list[Finding]:
    """Check everything, in the order in which to fix problems; what an earlier problem hides is left out."""
    absent = [name for name in _NEEDED if not os.environ.get(name)]
    if absent:
        text = f"this is no server of a hub ({absent[0]} is not set): run it in a terminal of the course's own server"
        return [Finding("hub", False, f"{text}, opened from the hub")]
    found = [_hub(), _strict(), _jail()]
    root = project_root()
    if not is_course(root):
        text = f"there is no course in {Path.cwd()}: let the server start in its folder, or name it in AUTOGRADER_ROOT"
        return [*found, Finding("course", False, text)]
    try:
        app = nbgrader_in(root)
    except BadInput as error:
        return [*found, Finding("course", False, str(error))]
    service = os.environ.get("JUPYTERHUB_SERVICE_NAME", "")
    server = Server(service or os.environ["JUPYTERHUB_USER"], bool(service), str(app.coursedir.course_id), app)
    checks: list[Callable[[Server], Finding | list[Finding]]] = [
        _course, _plugin, _graders, _students, _exchange, _gradebook, _homes, _page,
    ]  # fmt: skip
    for check in checks:
        said = check(server)
        found += said if isinstance(said, list) else [said]
    return found


def _hub() -> Finding:
    """Whether the hub answers to the token, and is of the release that this environment has."""
    address = os.environ["JUPYTERHUB_API_URL"]
    try:
        there = str(ask("/")["version"])
        ask("/user")
    except (OSError, ValueError, KeyError) as error:
        said = refused(error) if isinstance(error, OSError) else "its answer is not the hub's"
        text = f"{address} does not answer to this server's token ({said}): start this server again from the hub"
        return Finding("hub", False, text)
    try:
        here = version("jupyterhub")
    except PackageNotFoundError:
        here = "none"
    if here.split(".")[:1] != there.split(".")[:1]:
        text = f"JupyterHub {there} at {address}, but {here} in this environment: 'pip install jupyterhub=={there}'"
        return Finding("hub", False, text)
    return Finding("hub", True, f"JupyterHub {there} at {address}, {here} in this environment")


def _strict() -> Finding:
    """Whether a server starts without the sandbox when its configuration fails: nbgrader would only log that."""
    ok = os.environ.get(STRICT, "") not in ("", "0")
    text = f"{STRICT} is not set: put it into the environment of this server, or an error in the configuration is"
    return Finding("errors", ok, "an error in the configuration stops nbgrader" if ok else f"{text} only logged")


def _jail() -> Finding:
    """Whether a jail starts in this server: its container may forbid what the machine allows."""
    lacking = bubblewrap.missing()
    if lacking is None:
        from autograder.jail.jailed_kernel import jailed_kernel
        from autograder.jail.warm import WarmJail

        try:
            with contextlib.closing(WarmJail(preload=["numpy"])) as jail:
                jailed_kernel(None, jail).kill()
        except (PlatformFault, OSError) as error:
            lacking = f"a jail does not start ({str(error).strip().partition(chr(10))[0]}): see docs/sandbox.md"
    return Finding("sandbox", lacking is None, lacking or f"a jail starts in this server, as uid {os.getuid()}")


def _course(server: Server) -> Finding:
    """The course's id, by which nbgrader's list of courses finds this service, and by which the groups are named."""
    place = "CourseDirectory.course_id in nbgrader_config.py"
    if not server.course:
        return Finding("course", False, f"it has no id: set {place} to the name of its service")
    if not server.service:
        return Finding("course", True, f"{server.course}, in the server of {server.name}: nobody else can grade in it")
    if server.course != server.name:
        text = f"its id is {server.course}, the service is {server.name}: set {place}, or rename the service"
        return Finding("course", False, text)
    return Finding("course", True, f"{server.course}, as the service of that name and the account {server.account}")


def _plugin(server: Server) -> Finding:
    """Whether nbgrader asks the hub who takes which course."""
    from nbgrader.auth import Authenticator

    name = type(Authenticator(parent=server.app).plugin).__name__
    if name == PLUGIN:
        return Finding("groups", True, f"nbgrader asks the hub ({PLUGIN})")
    text = f"nbgrader does not ask the hub ({name}): every user sees every course of the exchange"
    return Finding("groups", False, f"{text}; set c.Authenticator.plugin_class in /etc/jupyter/nbgrader_config.py")


def _graders(server: Server) -> Finding:
    """Whether the account is a grader's to the hub; otherwise the formgrader takes releases for drafts."""
    group, account = f"formgrade-{server.course}", server.account
    try:
        groups = ask(f"/users/{account}").get("groups", [])
    except (OSError, ValueError) as error:
        said = refused(error) if isinstance(error, OSError) else "no JSON"
        scopes = f"read:users:name!user={account} and read:users:groups!user={account}"
        return Finding("graders", False, f"the hub does not show {account} ({said}): give this server's role {scopes}")
    if group in groups:
        return Finding("graders", True, f"{account} is in the group {group}")
    return Finding("graders", False, f"{account} is not in the group {group}: add it in load_groups of the hub")


def _students(server: Server) -> Finding:
    """Whether the gradebook's students are in the group, and this server may put them there."""
    group = f"nbgrader-{server.course}"
    try:
        known = ask(f"/groups/{group}")["users"]
        scopes = ask("/user").get("scopes", [])
    except (OSError, ValueError, KeyError) as error:
        said = refused(error) if isinstance(error, OSError) else "no users"
        text = f"the hub does not show the group {group} ({said}): make it in load_groups, and give this server's role"
        return Finding("students", False, f"{text} groups!group={group} and list:groups!group={group}")
    absent = sorted(set(_in_gradebook(server)) - set(known))
    if absent:
        some = ", ".join(absent[:5]) + (f" and {len(absent) - 5} more" if len(absent) > 5 else "")
        text = f"in the gradebook, but not in the group {group}: {some}; they see no assignment. When they have"
        return Finding("students", False, f"{text} logged in once, 'nbgrader db student add NAME' puts them there")
    if not {f"groups!group={group}", "groups", "admin:groups", f"admin:groups!group={group}"} & set(scopes):
        text = f"this server may not add to the group {group}: give its role groups!group={group}"
        return Finding("students", False, text)
    return Finding("students", True, f"{len(known)} in the group {group}, and all of the gradebook's are")


def _in_gradebook(server: Server) -> list[str]:
    from nbgrader.api import Gradebook

    url = str(server.app.coursedir.db_url)
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        return []
    with Gradebook(url, server.course) as book:
        return [str(student.id) for student in book.students]


def _exchange(server: Server) -> list[Finding]:
    if os.environ.get("COURSE_EXCHANGE") == "git":
        return [Finding("exchange", True, "over git: it has no folder that users share")]
    from nbgrader.exchange.default import Exchange

    folder = Exchange(coursedir=server.app.coursedir, parent=server.app).root
    return shared(Path(folder), server.course)


def _gradebook(server: Server) -> list[Finding]:
    url = str(server.app.coursedir.db_url)
    folder = private("course", Path(server.app.coursedir.root))
    if not url.startswith("sqlite:///"):
        return [folder, Finding("gradebook", True, "on a database server: back it up there")]
    file = Path(url.removeprefix("sqlite:///"))
    return [folder, private("gradebook", file if file.exists() else file.parent), where_it_lies(file)]


def _homes(server: Server) -> Finding:
    """Whether this account could enter a student's home: then everybody can, and feedback is not private."""
    import pwd

    homes = []
    for name in _members(server):
        with contextlib.suppress(KeyError):  # who has no account here has a home elsewhere, as in a container
            homes.append(pwd.getpwnam(name).pw_dir)
    opened = [home for home in homes if os.access(home, os.R_OK)]
    if opened and os.getuid():
        text = f"everybody can read {opened[0]}{f' and {len(opened) - 1} others' if opened[1:] else ''}, which has what"
        return Finding("homes", False, f"{text} was handed in and the key to its feedback: 'chmod 700', as root")
    return Finding("homes", True, f"none of {len(homes)} homes of students on this machine is open to others")


def _members(server: Server) -> list[str]:
    with contextlib.suppress(OSError, ValueError, KeyError):
        return list(ask(f"/groups/nbgrader-{server.course}")["users"])
    return []


def _page(server: Server) -> list[Finding]:
    return formgrader(server.name)
