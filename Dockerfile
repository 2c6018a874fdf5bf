# Redian's worker. Targets: cpu (the default) and gpu. Runs as user 10001 with a read-only root: /var/lib/redian and /tmp are
# all it writes to. `docker build --target gpu .`, or let deploy/compose.yml do it.

ARG PYTHON_IMAGE=python:3.12.11-slim-bookworm
ARG CUDA_IMAGE=nvidia/cuda:13.0.1-cudnn-runtime-ubuntu24.04

# What is installed, by hash, from the lock; the build's tools stay behind in this stage.
FROM ${PYTHON_IMAGE} AS build-cpu
WORKDIR /opt/redian
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements/uv.txt requirements/cpu.txt requirements/
RUN python -m venv /opt/uv && /opt/uv/bin/pip install --quiet --require-hashes -r requirements/uv.txt \
 && /opt/uv/bin/uv venv --quiet --python "$(command -v python)" /opt/redian/.venv \
 && /opt/uv/bin/uv pip sync --quiet --no-cache --compile-bytecode --python .venv/bin/python --require-hashes requirements/cpu.txt
COPY LICENSE pyproject.toml ./
COPY deploy/link.py deploy/link.py
COPY streams streams
COPY agents agents
COPY exported_models exported_models
RUN .venv/bin/python deploy/link.py && .venv/bin/python -m compileall -q streams agents

FROM ${CUDA_IMAGE} AS base-gpu
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3.12=3.12.* python3.12-venv=3.12.* \
 && rm -rf /var/lib/apt/lists/*

FROM base-gpu AS build-gpu
WORKDIR /opt/redian
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements/uv.txt requirements/gpu.txt requirements/
RUN python3.12 -m venv /opt/uv && /opt/uv/bin/pip install --quiet --require-hashes -r requirements/uv.txt \
 && /opt/uv/bin/uv venv --quiet --python "$(command -v python3.12)" /opt/redian/.venv \
 && /opt/uv/bin/uv pip sync --quiet --no-cache --compile-bytecode --python .venv/bin/python --require-hashes requirements/gpu.txt
COPY LICENSE pyproject.toml ./
COPY deploy/link.py deploy/link.py
COPY streams streams
COPY agents agents
COPY exported_models exported_models
RUN .venv/bin/python deploy/link.py && .venv/bin/python -m compileall -q streams agents

FROM base-gpu AS gpu
COPY --from=build-gpu /opt/redian /opt/redian
ENV PATH=/opt/redian/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    REDIAN_DATA_DIR=/var/lib/redian REDIAN_WEB_HOST=0.0.0.0 REDIAN_PROVIDER=cuda
RUN groupadd --system --gid 10001 redian && useradd --system --uid 10001 --gid 10001 --no-create-home redian \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/redian
WORKDIR /var/lib/redian
USER 10001:10001
EXPOSE 8060
VOLUME /var/lib/redian
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["python", "/opt/redian/agents/web/probe.py", "/livez"]
ENTRYPOINT ["redian"]
CMD ["worker"]

FROM ${PYTHON_IMAGE} AS cpu
COPY --from=build-cpu /opt/redian /opt/redian
ENV PATH=/opt/redian/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    REDIAN_DATA_DIR=/var/lib/redian REDIAN_WEB_HOST=0.0.0.0 REDIAN_PROVIDER=cpu
RUN groupadd --system --gid 10001 redian && useradd --system --uid 10001 --gid 10001 --no-create-home redian \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/redian
WORKDIR /var/lib/redian
USER 10001:10001
EXPOSE 8060
VOLUME /var/lib/redian
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["python", "/opt/redian/agents/web/probe.py", "/livez"]
ENTRYPOINT ["redian"]
CMD ["worker"]
