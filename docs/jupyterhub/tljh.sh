#!/bin/sh
# The Littlest JupyterHub, as root: sh tljh.sh WHEEL COURSE; name the course and its graders in courses.py before.
# Students work in its /opt/tljh/user; the graders' servers, which are services, get /srv/grader.
set -eu
wheel=$1 course=$2 here=$(dirname "$0") user=/opt/tljh/user
hub=$(/opt/tljh/hub/bin/python -c 'import jupyterhub; print(jupyterhub.__version__)')

"$user/bin/python" -m pip install 'nbgrader>=0.9.6,<0.10'
for name in formgrader create_assignment; do
    "$user/bin/jupyter" labextension disable --level=sys_prefix "@jupyter/nbgrader:$(echo $name | tr _ -)"
done
"$user/bin/jupyter" server extension disable --sys-prefix nbgrader.server_extensions.formgrader

"$user/bin/python" -m venv /srv/grader
/srv/grader/bin/python -m pip install "jupyterhub==$hub" jupyterlab "$wheel"
cp "$here/jupyter_server_config.py" /srv/grader/etc/jupyter/

mkdir -p /etc/jupyter && cp "$here/nbgrader_config.py" /etc/jupyter/
sh "$here/course.sh" "$course"
cp "$here/courses.py" /opt/tljh/config/jupyterhub_config.d/
tljh-config reload
