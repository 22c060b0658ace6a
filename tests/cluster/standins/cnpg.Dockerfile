# What an instance of CloudNativePG runs in: PostgreSQL of Debian, which knows TLS and the numbers of its user.
ARG BASE=docker.io/library/python:3.11-slim-bookworm
FROM ${BASE}
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-common=248* \
 && sed -i 's/#create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
 && apt-get install --yes --no-install-recommends postgresql-15=15.* \
 && rm -rf /var/lib/apt/lists/* \
 && usermod --uid 26 postgres && groupmod --gid 26 postgres
ENV PATH=/usr/lib/postgresql/15/bin:$PATH
USER 26:26
