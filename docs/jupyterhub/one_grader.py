"""A hub with one course and one grader, for JupyterHub 5.5 and 6.1: /srv/jupyterhub/jupyterhub_config.py.

The grader's own server has the platform and the formgrader, and there is no service. A second grader cannot come in:
then take the other file. install.sh makes what this file names.
"""

import os

COURSE, GRADER = "course101", "instructor1"

c = get_config()  # type: ignore[name-defined] # noqa: F821
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # a web server with a certificate stands in front of it
c.JupyterHub.db_url = "sqlite:////srv/jupyterhub/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/jupyterhub/cookie_secret"
c.ConfigurableHTTPProxy.command = ["/srv/jupyterhub/node_modules/.bin/configurable-http-proxy"]
c.ConfigurableHTTPProxy.pid_file = "/srv/jupyterhub/proxy.pid"
c.Authenticator.allow_all = True


def environment(spawner):
    """The grader's server is of another environment than the students', and works in the course's folder."""
    name = "grader" if spawner.user.name == GRADER else "student"
    spawner.cmd = [f"/srv/{name}/bin/jupyterhub-singleuser"]
    spawner.environment = {"PATH": f"/srv/{name}/bin:/usr/local/bin:/usr/bin:/bin"}
    if spawner.user.name == GRADER:
        folder = spawner.notebook_dir = os.path.expanduser(f"~{GRADER}/{COURSE}")
        # nbgrader would log that its configuration fails, and grade without the sandbox
        spawner.environment |= {"JUPYTER_CONFIG_PATH": folder, "AUTOGRADER_ROOT": folder}  # terminals open elsewhere
        spawner.environment["TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR"] = "1"


c.Spawner.pre_spawn_hook = environment
# who takes the course is in the hub's group, as with several courses; the grader's server puts students in
GROUPS = f"groups!group=nbgrader-{COURSE}", f"list:groups!group=nbgrader-{COURSE}"
c.JupyterHub.load_groups = {f"formgrade-{COURSE}": {"users": [GRADER]}, f"nbgrader-{COURSE}": {"users": []}}
c.JupyterHub.load_roles = [{"name": f"formgrade-{COURSE}", "groups": [f"formgrade-{COURSE}"], "scopes": [*GROUPS]}]
c.Spawner.server_token_scopes = [
    "users:activity!user", "access:servers!server", "read:users:name!user", "read:users:groups!user", *GROUPS,
]  # fmt: skip
