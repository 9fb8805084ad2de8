# A student's image: JupyterLab, nbgrader, and what the notebooks import. None of the platform but two files for the page
# of feedback.  docker build -f docs/jupyterhub/student.Dockerfile -t registry.example.org/student:0.1.0 .
ARG HUB=6.1.1
FROM python:3.11-slim
ARG HUB
RUN pip install --no-cache-dir "jupyterhub==$HUB" jupyterlab==4.6.6 "nbgrader>=0.9.6,<0.10" numpy \
    && jupyter server extension disable --sys-prefix nbgrader.server_extensions.formgrader \
    && jupyter labextension disable --level=sys_prefix @jupyter/nbgrader:formgrader \
    && jupyter labextension disable --level=sys_prefix @jupyter/nbgrader:create-assignment
COPY autograder/bridge/labextensions/autograder-feedback /usr/local/share/jupyter/labextensions/autograder-feedback
COPY docs/jupyterhub/nbgrader_config.py docs/jupyterhub/jupyter_server_config.py /etc/jupyter/
RUN useradd --create-home --uid 1000 --gid users jovyan
USER jovyan
WORKDIR /home/jovyan
