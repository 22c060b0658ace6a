# The operator CloudNativePG from its Go module, built as `manager`: CGO_ENABLED=0 go build ./cmd/manager
ARG BASE=docker.io/library/python:3.11-slim-bookworm
FROM ${BASE}
COPY manager /manager
RUN mkdir /operator && ln /manager /operator/manager_amd64
USER 65532:65532
ENTRYPOINT ["/manager"]
