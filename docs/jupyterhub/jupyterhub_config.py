"""A hub with courses of one or several graders, for JupyterHub 5.5 and 6.1: /srv/jupyterhub/jupyterhub_config.py.

Each course has a server of its own, in which its graders work: a service of the hub, with the course's name, that runs
as the account grader-COURSE. Two groups say who is who: formgrade-COURSE has the graders, nbgrader-COURSE the students.
install.sh and course.sh, beside this file, make what it names.
"""

import os

COURSES = {
    "course101": {"port": 9101, "graders": ["instructor1"]},
    "course123": {"port": 9123, "graders": ["instructor1", "instructor2"]},
}
EXCHANGE = "/srv/nbgrader/exchange"

c = get_config()  # type: ignore[name-defined] # noqa: F821
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # a web server with a certificate stands in front of it
c.JupyterHub.db_url = "sqlite:////srv/jupyterhub/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/jupyterhub/cookie_secret"
c.ConfigurableHTTPProxy.command = ["/srv/jupyterhub/node_modules/.bin/configurable-http-proxy"]
c.ConfigurableHTTPProxy.pid_file = "/srv/jupyterhub/proxy.pid"

# Everybody whom the authenticator knows may work here; that makes nobody a student of a course.
c.Authenticator.allow_all = True


def people_only(authenticator, handler, user):
    """A course's account is nobody's to log in with; as a blocked user it would lose its group."""
    return None if user["name"].startswith("grader-") else user


c.Authenticator.post_auth_hook = people_only

c.Spawner.cmd = ["/srv/student/bin/jupyterhub-singleuser"]
c.Spawner.environment = {"PATH": "/srv/student/bin:/usr/local/bin:/usr/bin:/bin"}
# nbgrader in a server asks the hub, with that server's token, for the user's courses and for the graders' servers
c.Spawner.server_token_scopes = [
    "users:activity!user", "access:servers!server", "read:users:name!user", "read:users:groups!user",
    "list:services", "read:services",
]  # fmt: skip

c.JupyterHub.load_groups, c.JupyterHub.load_roles, c.JupyterHub.services = {}, [], []
for course, about in COURSES.items():
    account, graders, students = f"grader-{course}", f"formgrade-{course}", f"nbgrader-{course}"
    c.JupyterHub.load_groups[graders] = {"users": [*about["graders"], account]}
    c.JupyterHub.load_groups[students] = {"users": []}  # who is added to the course's gradebook comes in
    service = f"service={course}"
    c.JupyterHub.load_roles += [
        {
            "name": graders,
            "groups": [graders],
            "scopes": [f"access:services!{service}", f"list:services!{service}", f"read:services!{service}"],
        },
        {  # nbgrader's documentation gives it an administrator's token; it needs this much
            "name": f"service-{course}",
            "services": [course],
            "scopes": [
                f"access:services!{service}", f"read:users:name!user={account}", f"read:users:groups!user={account}",
                f"list:groups!group={students}", f"groups!group={students}",
            ],
        },
    ]  # fmt: skip
    home = os.path.expanduser(f"~{account}")
    c.JupyterHub.services.append(
        {
            "name": course,
            "url": f"http://127.0.0.1:{about['port']}",
            "user": account,
            "cwd": f"{home}/{course}",
            "command": ["/srv/grader/bin/jupyterhub-singleuser"],
            "oauth_no_confirm": True,
            "environment": {
                "PATH": "/srv/grader/bin:/usr/local/bin:/usr/bin:/bin",
                "NBGRADER_EXCHANGE": EXCHANGE,
                # nbgrader would log that its configuration fails, and grade without the sandbox
                "TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1",
            },
        }
    )
