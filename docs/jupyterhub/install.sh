#!/bin/sh
# The environments of a machine with a hub, as root: sh install.sh WHEEL [VERSION OF JUPYTERHUB]
#   /srv/jupyterhub  the hub and its proxy, which need Node.js
#   /srv/student     JupyterLab and nbgrader, for students' servers; add what the notebooks import
#   /srv/grader      JupyterLab, nbgrader and the platform, for the graders' servers
# WHEEL is that of docs/own-course.md. CONSTRAINTS may name its constraints.txt, PYTHON another Python.
set -eu
wheel=$1
hub="jupyterhub==${2:-6.1.1}"
proxy=configurable-http-proxy@5.3.0
lab=jupyterlab==4.6.6

environment() { # FOLDER PACKAGE...
    test -x "$1/bin/python" || "${PYTHON:-python3}" -m venv "$1"
    folder=$1
    shift
    "$folder/bin/python" -m pip install --quiet ${CONSTRAINTS:+--constraint "$CONSTRAINTS"} "$@"
}

extensions() { # FOLDER enable|disable EXTENSION...
    folder=$1 what=$2
    shift 2
    for name; do
        "$folder/bin/jupyter" server extension "$what" --sys-prefix "nbgrader.server_extensions.$(echo "$name" | tr - _)"
        "$folder/bin/jupyter" labextension "$what" --level=sys_prefix "@jupyter/nbgrader:$name"
    done
}

environment /srv/jupyterhub "$hub"
npm install --silent --prefix /srv/jupyterhub "$proxy"
chmod 700 /srv/jupyterhub # its database has every token

environment /srv/student "$hub" "$lab" "nbgrader>=0.9.6,<0.10"
extensions /srv/student disable formgrader create-assignment

environment /srv/grader "$hub" "$lab" "$wheel"

# from the page of feedback to the failed cell: two files of the wheel's, and no code that grades
mkdir -p /srv/student/share/jupyter/labextensions
cp -r /srv/grader/share/jupyter/labextensions/autograder-feedback /srv/student/share/jupyter/labextensions/

# Debian makes homes that everybody can read: a student's has what was handed in, and the key to the feedback on it
sed -i 's/^#*HOME_MODE.*/HOME_MODE 0700/' /etc/login.defs

here=$(dirname "$0")
for name in student grader; do
    cp "$here/jupyter_server_config.py" "/srv/$name/etc/jupyter/"
done
mkdir -p /etc/jupyter # for everybody's nbgrader on this machine
cp "$here/nbgrader_config.py" /etc/jupyter/
