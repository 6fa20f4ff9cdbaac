# The image of a course's grader: the students' image, the autograder, and the initial course.
#   docker build -f deploy/kubernetes/grader.Dockerfile --build-arg STUDENT=REGISTRY/nnkit-student:VERSION \
#     -t REGISTRY/nnkit-grader:VERSION .
# Keep this image in a registry that students cannot pull from: it contains the solutions.
ARG STUDENT
ARG NODE=node:22.22.0-trixie-slim

FROM ${NODE} AS mathjax
WORKDIR /srv/nnkit/node
COPY deploy/jupyterhub/install/proxy/package.json deploy/jupyterhub/install/proxy/package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

# hadolint ignore=DL3006
FROM ${STUDENT}
USER 0
COPY --from=mathjax /srv/nnkit/node/node_modules/mathjax /srv/nnkit/node/node_modules/mathjax
WORKDIR /srv/nnkit/checkout
COPY autograder autograder
COPY nbgrader_config.py constraints.txt ./
COPY solutions solutions
COPY deploy/jupyterhub/install/__init__.py deploy/jupyterhub/install/courses.py \
     deploy/jupyterhub/install/environment.py install/
COPY deploy/jupyterhub/config/hub_settings.py deploy/kubernetes/prepare_course.py \
     autograder/settings_file.py ./
COPY deploy/jupyterhub/config/jupyter/grader ../jupyter/grader
RUN printf '#!/srv/nnkit/env/bin/python\nfrom autograder.cli import main\n\nmain()\n' \
      > ../env/bin/autograder \
 && echo /srv/nnkit/checkout > ../env/lib/python3.11/site-packages/nnkit-grading.pth \
 && chmod 755 ../env/bin/autograder \
 && chmod -R a+rX .. \
 && ../env/bin/python -m compileall -q autograder \
 && install -d -o 1000 -g 100 /srv/nnkit/courses
ENV JUPYTER_CONFIG_PATH=/srv/nnkit/jupyter/grader \
    JUPYTER_PATH=/srv/nnkit/jupyter/grader/share
USER 1000:100
WORKDIR /srv/nnkit/courses
