"""Every server of a hub: etc/jupyter/jupyter_server_config.py in the environment that it runs in."""

c = get_config()  # type: ignore[name-defined] # noqa: F821
# A login shell would forget the PATH that the hub has set, and with it nbgrader and autograder.
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash"]}

# In the grader's environment only, and only after jupyterhub.md, "The formgrader's panel":
# c.ServerApp.tornado_settings = {"headers": {"Content-Security-Policy": "frame-ancestors 'self'"}}
