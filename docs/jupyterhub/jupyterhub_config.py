"""A hub with a server for each course, for JupyterHub 5.5 and 6.1: /srv/jupyterhub/jupyterhub_config.py.

install.sh makes the environments that it names; the courses are in courses.py, which belongs beside it.
"""

c = get_config()  # type: ignore[name-defined] # noqa: F821
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # a web server with a certificate stands in front of it
c.JupyterHub.db_url = "sqlite:////srv/jupyterhub/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "/srv/jupyterhub/cookie_secret"
c.ConfigurableHTTPProxy.command = ["/srv/jupyterhub/node_modules/.bin/configurable-http-proxy"]
c.ConfigurableHTTPProxy.pid_file = "/srv/jupyterhub/proxy.pid"

# Everybody whom the authenticator knows may work here; that makes nobody a student of a course.
c.Authenticator.allow_all = True
c.Spawner.cmd = ["/srv/student/bin/jupyterhub-singleuser"]
c.Spawner.environment = {"PATH": "/srv/student/bin:/usr/local/bin:/usr/bin:/bin"}

load_subconfig("courses.py")  # type: ignore[name-defined] # noqa: F821
