"""Everybody's nbgrader on a hub: /etc/jupyter/nbgrader_config.py, in each image where there are images."""

import getpass
import os

from nbgrader.auth import JupyterHubAuthPlugin

c = get_config()  # type: ignore[name-defined] # noqa: F821
c.Exchange.root = "/srv/nbgrader/exchange"
c.Exchange.path_includes_course = True  # a student of two courses has two folders
c.Authenticator.plugin_class = JupyterHubAuthPlugin  # who takes which course is in the hub's groups

# The Littlest JupyterHub puts "jupyter-" before the names of accounts; a student's id is the name on the hub.
user = os.environ.get("JUPYTERHUB_USER", "")
if user and getpass.getuser() == f"jupyter-{user}":
    c.CourseDirectory.student_id = user
