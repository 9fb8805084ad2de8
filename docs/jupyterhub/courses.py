"""The courses of a hub, of one or several graders each, for JupyterHub 5.5 and 6.1: /srv/jupyterhub/courses.py.

Each course has a server of its own, in which its graders work: a service of the hub, with the course's name, that runs
as the account grader-COURSE. Two groups say who is who: formgrade-COURSE has the graders, nbgrader-COURSE the students.
course.sh, beside this file, makes a course's account and folders.
"""

import os

from jupyterhub import version_info

COURSES = {
    "course101": {"port": 9101, "graders": ["instructor1"]},
    "course123": {"port": 9123, "graders": ["instructor1", "instructor2"]},
}

c = get_config()  # type: ignore[name-defined] # noqa: F821


def people_only(authenticator, handler, user):
    """A course's account is nobody's to log in with; as a blocked user it would lose its group."""
    return None if user["name"].startswith("grader-") else user


c.Authenticator.post_auth_hook = people_only
# nbgrader in a server asks the hub, with that server's token, for the user's courses and for the graders' servers
c.Spawner.server_token_scopes = [
    "users:activity!user", "access:servers!server", "read:users:name!user", "read:users:groups!user",
    "list:services", "read:services",
]  # fmt: skip

# what other files of the configuration say of groups, roles and services stays
for course, about in COURSES.items():
    account, graders, students = f"grader-{course}", f"formgrade-{course}", f"nbgrader-{course}"
    # students come in when they are added to the course's gradebook
    c.JupyterHub.load_groups.update({graders: {"users": [*about["graders"], account]}, students: {"users": []}})
    service = f"service={course}"
    c.JupyterHub.load_roles.append(
        {
            "name": graders,
            "groups": [graders],
            "scopes": [f"access:services!{service}", f"list:services!{service}", f"read:services!{service}"],
        }
    )
    c.JupyterHub.load_roles.append(
        {  # nbgrader's documentation gives it an administrator's token; it needs this much
            "name": f"service-{course}",
            "services": [course],
            "scopes": [
                f"access:services!{service}", f"read:users:name!user={account}", f"read:users:groups!user={account}",
                f"list:groups!group={students}", f"groups!group={students}",
            ],
        }
    )  # fmt: skip
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
                "NBGRADER_EXCHANGE": "/srv/nbgrader/exchange",
                # nbgrader would log that its configuration fails, and grade without the sandbox
                "TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1",
            },
            # 5.5 waits some ten seconds for a service and then ends
            **({"timeout": 300} if version_info >= (6,) else {}),
        }
    )
