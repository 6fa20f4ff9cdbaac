# The image of students and instructors: the environment, nnkit and nbgrader. From the checkout:
#   docker build -f deploy/kubernetes/student.Dockerfile -t REGISTRY/nnkit-student:VERSION .
# student.Dockerfile.dockerignore keeps everything else out of the build, such as the solutions.
ARG BASE=python:3.11.15-slim-trixie

FROM ${BASE} AS environment
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
WORKDIR /checkout
COPY pyproject.toml constraints.txt ./
COPY tools/setup_env.py tools/
COPY deploy/jupyterhub/install/__init__.py deploy/jupyterhub/install/environment.py \
     deploy/jupyterhub/install/
# The versions of constraints.txt, compiled, with the kernel registered: as on one machine.
RUN --mount=type=cache,target=/root/.cache \
    PYTHONPATH=deploy/jupyterhub UV_LINK_MODE=copy python -c \
    'from pathlib import Path; import sys; from install import environment; \
environment.make(Path("/srv/nnkit"), Path.cwd(), Path(sys.executable))'

FROM ${BASE}
# nbgrader takes the user's name from the hub only where the account is called jovyan.
RUN useradd --create-home --uid 1000 --gid 100 --shell /bin/bash jovyan \
 && install -d -o jovyan -g users -m 777 /srv/nnkit/exchange
COPY --from=environment /srv/nnkit/env /srv/nnkit/env
WORKDIR /srv/nnkit/env/lib/python3.11/site-packages
COPY nnkit nnkit
COPY deploy/jupyterhub/warm/nnkit_warm nnkit_warm
COPY datasets/digits.npz nnkit/data/digits.npz
COPY deploy/jupyterhub/config/nnkit_exchange.py deploy/kubernetes/nnkit_incoming.py \
     deploy/kubernetes/nnkit_pod_exchange.py ./
WORKDIR /srv/nnkit
COPY deploy/jupyterhub/config/jupyter/jupyter_server_config.py env/etc/jupyter/
COPY deploy/jupyterhub/config/jupyter/nbgrader_config.py env/etc/jupyter/nnkit_nbgrader_config.py
COPY deploy/kubernetes/jupyter/nbgrader_config.py env/etc/jupyter/
COPY deploy/jupyterhub/config/jupyter/student jupyter/student
COPY deploy/jupyterhub/config/jupyter/instructor jupyter/instructor
RUN chmod -R a+rX env jupyter \
 && env/bin/python -m compileall -q env/lib/python3.11/site-packages/nnkit \
    env/lib/python3.11/site-packages/nnkit_warm env/lib/python3.11/site-packages/nnkit_*.py
# TensorFlow prints less, and computes the same numbers on all machines.
ENV PATH=/srv/nnkit/env/bin:$PATH \
    TF_CPP_MIN_LOG_LEVEL=3 \
    TF_ENABLE_ONEDNN_OPTS=0
USER 1000:100
WORKDIR /home/jovyan
EXPOSE 8888
CMD ["jupyterhub-singleuser"]
