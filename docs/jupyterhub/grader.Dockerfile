# A grader's image: the same, with the platform.
#   docker build -f docs/jupyterhub/grader.Dockerfile -t registry.example.org/grader:0.1.0 .
ARG HUB=6.1.1
FROM python:3.11-slim
ARG HUB
COPY . /platform
RUN pip install --no-cache-dir --constraint /platform/constraints.txt "jupyterhub==$HUB" jupyterlab==4.6.6 /platform
COPY docs/jupyterhub/nbgrader_config.py docs/jupyterhub/jupyter_server_config.py /etc/jupyter/
RUN useradd --create-home --uid 1000 --gid users jovyan
USER jovyan
WORKDIR /home/jovyan
